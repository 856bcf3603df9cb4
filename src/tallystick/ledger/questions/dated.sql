-- What of a time is not dated exactly: (context, variant, dated, tokens, events, requests), where dated is 1 when they are the
-- difference of two readings of a counter and 2 when they are all that was before the first one.
SELECT context, variant, dated, sum(input + cache_read + cache_write_5m + cache_write_1h + output) AS n, count(*) AS e,
       sum(requests) AS r
FROM events WHERE dated > 0 AND time >= :since AND time < :until
GROUP BY context, variant, dated ORDER BY context, variant, dated
