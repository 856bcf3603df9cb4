-- Spans of work that ended in a time: (context, kind, begin, end) with kind 0 the model and 1 a tool, in order of context and begin.
SELECT context, 0 AS kind, time - work_ms AS begins, time AS ends FROM events
WHERE time >= :since AND time < :until AND work_ms > 0
UNION ALL
SELECT e.context, 1, c.started, c.ended FROM calls c CROSS JOIN events e
WHERE e.key = c.event AND e.lead = 1 AND c.ended >= :since AND c.ended < :until AND c.ended > c.started
ORDER BY 1, 3, 4
