-- Spans in which models worked on what ended in a time: (context, begin, end), in order of end.
SELECT context, time - work_ms AS begins, time AS ends FROM events
WHERE time >= :since AND time < :until AND work_ms > 0 ORDER BY 3, 2, 1
