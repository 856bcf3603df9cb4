-- Events of a time (milliseconds, half open), so many at most, in order of time, with all that is known of each:
-- (key, request, time, context, variant, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, grade, replay, copied,
--  work_ms, searches, fetches, cost_nano, place, source, seen, views, requests, dated, since).
-- One with one view is that sighting; one without views stands for what a reading of a counter adds.
SELECT key, request, time, context, variant, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, grade, replay, copied,
       work_ms, searches, fetches, cost_nano, place, source, seen, views, requests, dated, since
FROM events WHERE time >= :since AND time < :until ORDER BY time, id LIMIT :most
