-- Machines that send what they know: who sent last, when, and how far behind. `machine` is the name at pairing and never changes.
CREATE TABLE machines (
    machine TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    account TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    client TEXT NOT NULL,
    version TEXT NOT NULL,
    skew_ms INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    trouble TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- What newer senders tell that this version has no column for, as JSON, until one has.
CREATE TABLE newer (
    topic TEXT NOT NULL,
    subject TEXT NOT NULL,
    field TEXT NOT NULL,
    told TEXT NOT NULL,
    PRIMARY KEY (topic, subject, field)
) STRICT, WITHOUT ROWID;
-- A writer that has numbered contexts looks here whether names have been changed since.
CREATE TABLE naming (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    state INTEGER NOT NULL
) STRICT;
INSERT INTO naming (one, state) VALUES (1, 0);
-- A push concerns few sources: what they share with others is found without looking at everything.
CREATE INDEX sightings_source ON sightings (source);
CREATE INDEX prompts_source ON prompts (source);
