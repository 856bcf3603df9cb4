-- Sums by quarter-hour and variant, for reports that need no context:
-- (slot, variant, size, seen, requests, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, searches), in order of slot.
-- `size` is the class of the prompt's size (usage/size.py), `seen` the sum of the witnesses: 1 log, 2 wire, 4 otlp, 8 push.
SELECT slot, variant, size, seen, sum(requests) AS n, sum(input) AS i, sum(cache_read) AS r, sum(cache_write_5m) AS w5,
       sum(cache_write_1h) AS w1, sum(output) AS o, sum(reasoning) AS t, sum(searches) AS s
FROM usage WHERE slot >= :since AND slot < :until
GROUP BY slot, variant, size, seen ORDER BY slot, variant, size, seen
