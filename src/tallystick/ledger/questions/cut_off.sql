-- Requests that were cut off, by tool: (tool, requests).
SELECT c.tool, sum(e.requests) AS n FROM events e CROSS JOIN contexts c
WHERE e.grade = 2 AND c.id = e.context GROUP BY c.tool ORDER BY c.tool
