-- Who ran what where, as it was told, by number, from one on, so many at most:
-- (id, tool, session, project, branch, agent, version, machine, account).
SELECT id, tool, session, project, branch, agent, version, machine, account FROM contexts WHERE id >= :least ORDER BY id LIMIT :most
