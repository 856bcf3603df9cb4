-- The events of a session are found without a look at all others of its days. Ledgers with readings have this index already.
CREATE INDEX IF NOT EXISTS events_context ON events (context);
