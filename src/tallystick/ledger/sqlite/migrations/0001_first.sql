-- The first shape of the ledger. Times are milliseconds since 1970, UTC; slots are quarter-hours of them.
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    tool TEXT NOT NULL,
    witness TEXT NOT NULL,
    inode INTEGER NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,
    place INTEGER NOT NULL,
    head INTEGER NOT NULL,
    state BLOB NOT NULL,
    last INTEGER NOT NULL
) STRICT;
CREATE TABLE contexts (
    id INTEGER PRIMARY KEY,
    tool TEXT NOT NULL,
    session TEXT NOT NULL,
    project TEXT NOT NULL,
    branch TEXT NOT NULL,
    agent TEXT NOT NULL,
    version TEXT NOT NULL,
    machine TEXT NOT NULL,
    account TEXT NOT NULL
) STRICT;
CREATE TABLE variants (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    tier TEXT NOT NULL,
    speed TEXT NOT NULL,
    geo TEXT NOT NULL
) STRICT;
-- Events as settled. Numbered in the order of their arrival, so that what is new lies together. Where several share
-- a key (ids that a gateway used again), the one with the least request id leads: the others' tool calls are taken for its.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    key INTEGER NOT NULL,
    request INTEGER NOT NULL,
    time INTEGER NOT NULL,
    context INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    grade INTEGER NOT NULL,
    replay INTEGER NOT NULL,
    copied INTEGER NOT NULL,
    work_ms INTEGER NOT NULL,
    searches INTEGER NOT NULL,
    fetches INTEGER NOT NULL,
    cost_nano INTEGER,
    place INTEGER NOT NULL,
    source INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    views INTEGER NOT NULL,
    lead INTEGER NOT NULL
) STRICT;
-- All sightings of those events that have more than one.
CREATE TABLE sightings (
    event INTEGER NOT NULL,
    key INTEGER NOT NULL,
    request INTEGER NOT NULL,
    time INTEGER NOT NULL,
    context INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    grade INTEGER NOT NULL,
    replay INTEGER NOT NULL,
    copied INTEGER NOT NULL,
    work_ms INTEGER NOT NULL,
    searches INTEGER NOT NULL,
    fetches INTEGER NOT NULL,
    cost_nano INTEGER,
    place INTEGER NOT NULL,
    source INTEGER NOT NULL
) STRICT;
CREATE INDEX events_key ON events (key);
CREATE INDEX events_time ON events (time);
CREATE INDEX sightings_event ON sightings (event);
CREATE INDEX sightings_key ON sightings (key);
-- Sums by quarter-hour, kept in step with the events in the same transaction.
CREATE TABLE usage (
    slot INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    size INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    context INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    searches INTEGER NOT NULL,
    PRIMARY KEY (slot, variant, size, seen, context)
) STRICT, WITHOUT ROWID;
CREATE TABLE prompts (
    key INTEGER NOT NULL,
    source INTEGER NOT NULL,
    time INTEGER NOT NULL,
    context INTEGER NOT NULL,
    place INTEGER NOT NULL,
    copy INTEGER NOT NULL,
    PRIMARY KEY (key, source)
) STRICT, WITHOUT ROWID;
-- Uses of tools, each with the key of the event that asked for it.
CREATE TABLE calls (
    key INTEGER PRIMARY KEY,
    event INTEGER NOT NULL,
    name TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    failed INTEGER NOT NULL
) STRICT;
CREATE TABLE titles (
    session TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE limits (
    provider TEXT NOT NULL,
    name TEXT NOT NULL,
    time INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    used_percent REAL NOT NULL,
    resets_at INTEGER NOT NULL,
    plan TEXT NOT NULL,
    PRIMARY KEY (provider, name, time)
) STRICT, WITHOUT ROWID;
CREATE TABLE skipped (
    source INTEGER NOT NULL,
    place INTEGER NOT NULL,
    reason TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (source, place, reason)
) STRICT, WITHOUT ROWID;
