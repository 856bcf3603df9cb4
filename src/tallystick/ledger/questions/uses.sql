-- Single tool calls that events of a time asked for: (name, context, started, ended, failed, event, time), in order of their
-- beginning, with number, context and time of that event; `ended` is 0 where no result was seen.
SELECT c.name, e.context, c.started, c.ended, c.failed, e.id, e.time FROM events e CROSS JOIN calls c
WHERE e.time >= :since AND e.time < :until AND e.lead = 1 AND c.event = e.key ORDER BY c.started, c.key
