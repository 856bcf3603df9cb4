-- Spans of work that events of a time and of one session asked for: (context, kind, begin, end) with kind 0 the model and 1 a tool,
-- in order of context and begin.
SELECT context, 0 AS kind, time - work_ms AS begins, time AS ends FROM events
WHERE time >= :since AND time < :until AND work_ms > 0 AND context IN (SELECT id FROM contexts WHERE session = :session)
UNION ALL
SELECT e.context, 1, c.started, c.ended FROM events e CROSS JOIN calls c
WHERE e.time >= :since AND e.time < :until AND e.context IN (SELECT id FROM contexts WHERE session = :session)
  AND e.lead = 1 AND c.event = e.key AND c.ended > c.started
ORDER BY 1, 3, 4
