-- Requests by tool in a time, given in quarter-hours: (tool, requests, newest millisecond).
SELECT c.tool, sum(u.requests) AS n, max(u.last_ms) AS newest FROM usage u CROSS JOIN contexts c
WHERE c.id = u.context AND u.slot >= :since AND u.slot < :until GROUP BY c.tool ORDER BY c.tool
