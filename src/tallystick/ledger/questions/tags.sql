-- What persons noted with sessions: (tool, session, name, value). What was noted with a run of a program holds for the sessions, too,
-- to whose events its calls turned out to belong.
SELECT tool, session, name, value FROM tags
UNION
SELECT c.tool, c.session, t.name, t.value FROM tags t
CROSS JOIN contexts w CROSS JOIN sightings g CROSS JOIN events e CROSS JOIN contexts c
WHERE t.session >= 'run-' AND t.session < 'run.' AND w.session = t.session AND w.tool = t.tool AND g.context = w.id
  AND e.id = g.event AND c.id = e.context AND c.session <> ''
ORDER BY 1, 2, 3, 4
