-- Single tool calls that those events asked for: (name, context, started, ended, failed), in order of their beginning.
-- They are looked for by their numbers: of a day with many events, few are new.
SELECT c.name, e.context, c.started, c.ended, c.failed FROM events e CROSS JOIN calls c
WHERE e.id >= :first AND e.time + 0 >= :since AND e.time + 0 < :until AND e.lead = 1 AND c.event = e.key ORDER BY c.started, c.key
