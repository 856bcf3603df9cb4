"""The ledger in one SQLite file: one writer at a time, readers that never wait."""
