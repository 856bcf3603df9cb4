-- What persons noted with sessions, and with nothing else, by session, from one on, so many at most: (tool, session, name, value).
SELECT tool, session, name, value FROM tags WHERE session >= :named ORDER BY session, tool, name, value LIMIT :most
