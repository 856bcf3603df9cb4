-- One context by its number: (id, tool, session, project, branch, agent, version, machine, account).
SELECT id, tool, session, project, branch, agent, version, machine, account FROM contexts WHERE id = :context ORDER BY id
