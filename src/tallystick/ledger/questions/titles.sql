-- Titles of sessions: (session, title).
SELECT session, title FROM titles ORDER BY session
