-- Prompts as each source has them, by key, from one key on, so many at most: (key, source, time, context, place, copy).
SELECT key, source, time, context, place, copy FROM prompts WHERE key >= :least ORDER BY key, source LIMIT :most
