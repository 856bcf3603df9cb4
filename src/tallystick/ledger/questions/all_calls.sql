-- Uses of tools with the key of the event that asked for each, known or not, by key, from one key on, so many at most:
-- (key, event, name, started, ended, failed).
SELECT key, event, name, started, ended, failed FROM calls WHERE key >= :least ORDER BY key LIMIT :most
