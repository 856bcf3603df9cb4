-- One single event by its number; the columns are those of the question `events`:
-- (id, time, context, variant, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, grade, work_ms,
--  searches, fetches, cost_nano, path, place, witness, requests, dated, since, views).
SELECT e.id, e.time, e.context, e.variant, e.input, e.cache_read, e.cache_write_5m, e.cache_write_1h, e.output, e.reasoning,
       e.grade, e.work_ms, e.searches, e.fetches, e.cost_nano, s.path, e.place, s.witness,
       e.requests, e.dated, e.since, e.views
FROM events e JOIN sources s ON s.id = e.source
WHERE e.id = :event ORDER BY e.id
