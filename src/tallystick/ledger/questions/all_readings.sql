-- What counters stood at, by time, from one moment on, so many at most: (meter, rank, time, since, context, variant, requests, input,
-- cache_read, cache_write_5m, cache_write_1h, output, reasoning, cost_nano, place, source).
SELECT meter, rank, time, since, context, variant, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
       cost_nano, place, source
FROM readings WHERE time >= :least ORDER BY time, meter LIMIT :most
