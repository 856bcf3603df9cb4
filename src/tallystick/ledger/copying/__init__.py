"""Copying: from one ledger into another, whatever their engines, and what of two ledgers differs, day by day."""
