-- Events of a time (milliseconds, half open) that are numbered from one on, so many at most, in order of their numbers:
-- (number, time, variant, context, seen, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, searches,
--  work_ms).
-- They are looked for by their numbers: of a day with many events, few are new.
SELECT id, time, variant, context, seen, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, searches,
       work_ms
FROM events WHERE id >= :first AND time + 0 >= :since AND time + 0 < :until ORDER BY id LIMIT :most
