-- From when to when each context was at work in a time, given in quarter-hours, and what it consumed:
-- (context, first millisecond, last millisecond, tokens).
SELECT context, min(first_ms) AS earliest, max(last_ms) AS latest,
       sum(input + cache_read + cache_write_5m + cache_write_1h + output) AS n
FROM usage WHERE slot >= :since AND slot < :until
GROUP BY context ORDER BY context
