-- All views of one event that has more than one:
-- (path, place, witness, context, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, grade, copied).
SELECT s.path, g.place, s.witness, g.context, g.input, g.cache_read, g.cache_write_5m, g.cache_write_1h, g.output, g.reasoning,
       g.grade, g.copied
FROM sightings g JOIN sources s ON s.id = g.source
WHERE g.event = :event ORDER BY s.path, g.place
