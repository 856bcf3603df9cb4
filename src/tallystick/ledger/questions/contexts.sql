-- Who ran what where: (id, tool, session, project, branch, agent, version, machine, account).
SELECT id, tool, session, project, branch, agent, version, machine, account FROM contexts ORDER BY id
