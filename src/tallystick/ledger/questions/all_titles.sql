-- Titles of sessions with when each was told, by session, from one on, so many at most: (session, title, time).
SELECT session, title, time FROM titles WHERE session >= :named ORDER BY session LIMIT :most
