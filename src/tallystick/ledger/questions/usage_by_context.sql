-- Sums by quarter-hour, variant and context, in order of slot:
-- (slot, variant, size, seen, context, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, searches).
SELECT slot, variant, size, seen, context, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, searches
FROM usage WHERE slot >= :since AND slot < :until
ORDER BY slot, variant, size, seen, context
