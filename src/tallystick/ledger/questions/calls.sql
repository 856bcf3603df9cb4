-- Tool calls of a time: (name, context, calls, failed, milliseconds run), by the context of the event that asked for them.
SELECT c.name, e.context, count(*) AS n, sum(c.failed) AS f, sum(CASE WHEN c.ended > c.started THEN c.ended - c.started ELSE 0 END) AS ms
FROM calls c CROSS JOIN events e
WHERE e.key = c.event AND e.lead = 1 AND c.started >= :since AND c.started < :until
GROUP BY c.name, e.context ORDER BY c.name, e.context
