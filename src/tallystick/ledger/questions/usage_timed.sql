-- Sums by quarter-hour, variant and context with their first and last moments, in order of slot:
-- (slot, variant, size, seen, context, first millisecond, last millisecond, requests, input, cache_read, cache_write_5m,
--  cache_write_1h, output, reasoning, searches).
SELECT slot, variant, size, seen, context, first_ms, last_ms, requests, input, cache_read, cache_write_5m, cache_write_1h, output,
       reasoning, searches
FROM usage WHERE slot >= :since AND slot < :until
ORDER BY slot, variant, size, seen, context
