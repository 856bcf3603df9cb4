-- All views of those events of a time (milliseconds, half open) that have more than one, in order of the events' time:
-- (key, request, time, context, variant, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, grade, replay, copied,
--  work_ms, searches, fetches, cost_nano, place, source), as sightings are told in batches.
SELECT g.key, g.request, g.time, g.context, g.variant, g.input, g.cache_read, g.cache_write_5m, g.cache_write_1h, g.output,
       g.reasoning, g.grade, g.replay, g.copied, g.work_ms, g.searches, g.fetches, g.cost_nano, g.place, g.source
FROM events e CROSS JOIN sightings g
WHERE e.time >= :since AND e.time < :until AND e.views > 1 AND g.event = e.id ORDER BY e.time, e.id
