-- Requests by tool: (tool, those that were cut off, all, newest millisecond).
SELECT g.whose, coalesce(x.n, 0), g.n, g.newest FROM (
    SELECT c.tool AS whose, sum(u.requests) AS n, max(u.last_ms) AS newest FROM usage u CROSS JOIN contexts c
    WHERE c.id = u.context GROUP BY c.tool
) g LEFT JOIN (
    SELECT c.tool AS whose, sum(e.requests) AS n FROM events e CROSS JOIN contexts c
    WHERE e.grade = 2 AND c.id = e.context GROUP BY c.tool
) x ON x.whose = g.whose ORDER BY g.whose
