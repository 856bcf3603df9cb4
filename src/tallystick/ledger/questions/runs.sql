-- Single tool calls that began in a time: (name, context, started, ended, failed, event), in order of their beginning, with the
-- number and the context of the event that asked for them; `ended` is 0 where no result was seen.
SELECT c.name, e.context, c.started, c.ended, c.failed, e.id FROM calls c CROSS JOIN events e
WHERE e.key = c.event AND e.lead = 1 AND c.started >= :since AND c.started < :until ORDER BY c.started, c.key
