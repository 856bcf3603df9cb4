-- What persons noted with sessions.
CREATE TABLE tags (
    tool TEXT NOT NULL,
    session TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (tool, session, name, value)
) STRICT, WITHOUT ROWID;
-- By which a run's calls are found that turned out to be views of other sessions' events.
CREATE INDEX sightings_context ON sightings (context);
-- Project and branch with which a context is shown that has no project of its own (sqlite/places.py).
CREATE TABLE places (
    context INTEGER PRIMARY KEY,
    project TEXT NOT NULL,
    branch TEXT NOT NULL
) STRICT;
-- What was sent without a project before may have been left out on purpose (HIDDEN in usage/event.py).
UPDATE contexts SET project = char(127) WHERE project = '' AND machine IN (SELECT name FROM machines);
INSERT INTO places SELECT id, '', branch FROM contexts WHERE project = char(127);
INSERT INTO places SELECT o.id, o.found, CASE WHEN o.branch <> '' THEN o.branch ELSE coalesce((
    SELECT min(c.branch) FROM contexts c WHERE c.session = o.session AND c.tool = o.tool AND c.machine = o.machine
    AND c.account = o.account AND c.project = o.found AND c.branch <> ''), '') END
FROM (SELECT x.*, (SELECT min(c.project) FROM contexts c WHERE c.session = x.session AND c.tool = x.tool
    AND c.machine = x.machine AND c.account = x.account AND c.project NOT IN ('', char(127))) AS found
    FROM contexts x WHERE x.project = '' AND x.session <> '') o WHERE o.found IS NOT NULL;
UPDATE days SET state = random();
DELETE FROM grown;
