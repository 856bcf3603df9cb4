-- Who ran what where: (id, tool, session, project, branch, agent, version, machine, account). What has no project is shown with
-- that of its session.
SELECT c.id, c.tool, c.session, coalesce(p.project, c.project), coalesce(p.branch, c.branch), c.agent, c.version, c.machine,
       c.account
FROM contexts c LEFT JOIN places p ON p.context = c.id ORDER BY c.id
