-- Moments are milliseconds since 1970, UTC.

CREATE TABLE episodes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    rule TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('coming', 'open', 'ended')),
    level TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    facts TEXT NOT NULL,
    term INTEGER NOT NULL,
    span INTEGER NOT NULL,
    first INTEGER NOT NULL,
    began INTEGER NOT NULL,
    looked INTEGER NOT NULL,
    held INTEGER NOT NULL,
    calm INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    why TEXT NOT NULL
) STRICT;

-- Of one thing there is one episode at a time, whoever looks.
CREATE UNIQUE INDEX going_on ON episodes (key) WHERE state != 'ended';
CREATE INDEX by_key ON episodes (key, id);

-- What is to be told by each way out; `due` is when it is tried next, or when whoever is at it has had enough time.
CREATE TABLE tellings (
    episode INTEGER NOT NULL REFERENCES episodes (id) ON DELETE CASCADE,
    outlet TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'told', 'failed', 'left')),
    tries INTEGER NOT NULL,
    due INTEGER NOT NULL,
    time INTEGER NOT NULL,
    trouble TEXT NOT NULL,
    PRIMARY KEY (episode, outlet)
) STRICT;

CREATE INDEX to_tell ON tellings (state) WHERE state IN ('waiting', 'sending');

-- What is not to be told: a rule, a key, or everything (*); until 0 means for good.
CREATE TABLE mutes (
    what TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT;
