-- How long models worked in a time, by context and variant: (context, variant, events with a length, milliseconds, output tokens
-- of those, last millisecond of any).
SELECT context, variant, sum(CASE WHEN work_ms > 0 THEN 1 ELSE 0 END) AS timed, sum(work_ms) AS ms,
       sum(CASE WHEN work_ms > 0 THEN output ELSE 0 END) AS made, max(time) AS latest FROM events
WHERE time >= :since AND time < :until GROUP BY context, variant ORDER BY context, variant
