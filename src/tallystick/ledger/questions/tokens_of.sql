-- Tokens of one variant by quarter-hour, class of size and witnesses: (slot, size, tokens), in order of slot.
SELECT slot, size, sum(input + cache_read + cache_write_5m + cache_write_1h + output) AS n FROM usage WHERE variant = :variant
GROUP BY slot, size, seen ORDER BY slot, size, seen
