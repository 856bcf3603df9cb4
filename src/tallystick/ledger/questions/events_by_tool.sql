-- Requests by tool and grade: (tool, grade, requests, newest millisecond).
SELECT c.tool, e.grade, sum(e.requests) AS n, max(e.time) AS newest FROM events e JOIN contexts c ON c.id = e.context
GROUP BY c.tool, e.grade ORDER BY c.tool, e.grade
