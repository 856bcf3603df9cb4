-- Running totals (ledger/readings.py): what counters stood at, and how an event came by its time. An event that stands for
-- what a reading adds has the meter as its key, `views` 0 and `lead` 0. `since` is when its usage began; 0 is not known.
ALTER TABLE events ADD COLUMN requests INTEGER NOT NULL DEFAULT 1;
ALTER TABLE events ADD COLUMN dated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
CREATE TABLE readings (
    meter INTEGER NOT NULL,
    rank INTEGER NOT NULL,
    time INTEGER NOT NULL,
    since INTEGER NOT NULL,
    context INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    cost_nano INTEGER,
    place INTEGER NOT NULL,
    source INTEGER NOT NULL
) STRICT;
CREATE INDEX readings_context ON readings (context);
CREATE INDEX contexts_session ON contexts (session);
CREATE INDEX events_dated ON events (time) WHERE dated > 0;
-- `events_context` was made when the first reading came, until migration 9 made it for all.
