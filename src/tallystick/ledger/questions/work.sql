-- How long models worked in a time, by context and variant: (context, variant, events with a length, milliseconds, output tokens
-- of those, last millisecond of any). The time is given in quarter-hours.
SELECT context, variant, sum(timed) AS n, sum(work_ms) AS ms, sum(timed_output) AS made, max(last_ms) AS latest FROM usage
WHERE slot >= :since AND slot < :until GROUP BY context, variant ORDER BY context, variant
