"""Stores of certificates that a system trusts: one file per kind of system."""
