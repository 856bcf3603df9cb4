"""Push: how what one machine knows reaches the ledger of another, and how a server takes it in."""
