-- One context by its number: (id, tool, session, project, branch, agent, version, machine, account), as `contexts` has it.
SELECT c.id, c.tool, c.session, coalesce(p.project, c.project), coalesce(p.branch, c.branch), c.agent, c.version, c.machine,
       c.account
FROM contexts c LEFT JOIN places p ON p.context = c.id WHERE c.id = :context ORDER BY c.id
