"""Faces: the ways to show an answer."""
