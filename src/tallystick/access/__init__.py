"""Access: who may send, read and administer: tokens, codes for pairing, logins of browsers, and what was changed by whom."""
