-- Single events of a time (milliseconds, half open), in order of time:
-- (id, time, context, variant, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, grade, work_ms,
--  searches, fetches, cost_nano, path, place, witness, requests, dated, since, views).
-- One without views stands for what a reading of a counter adds (ledger/readings.py): so many requests, since a moment.
SELECT e.id, e.time, e.context, e.variant, e.input, e.cache_read, e.cache_write_5m, e.cache_write_1h, e.output, e.reasoning,
       e.grade, e.work_ms, e.searches, e.fetches, e.cost_nano, s.path, e.place, s.witness,
       e.requests, e.dated, e.since, e.views
FROM events e JOIN sources s ON s.id = e.source
WHERE e.time >= :since AND e.time < :until ORDER BY e.time, e.id
