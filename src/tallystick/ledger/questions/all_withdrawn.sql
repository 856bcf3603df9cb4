-- Keys of events that turned out to be told under others, from one key on, so many at most: (key, time, context, variant, place, source).
SELECT key, time, context, variant, place, source FROM withdrawn WHERE key >= :least ORDER BY key LIMIT :most
