-- The events of a session are found without a look at all others of its days.
CREATE INDEX events_context ON events (context);
