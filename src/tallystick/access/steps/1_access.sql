-- Moments are milliseconds since 1970, UTC. Of every secret only a hash is kept. What is written for SQLite here holds for
-- PostgreSQL once the types have their names there (access/postgres.py); "user" means something else there without its quotes.

-- Machines that were paired. The id is the name that was given then; only the name that is shown can change, and two that are
-- put together show the same. One that was removed keeps its row for its tokens; its name is free again.
CREATE TABLE machines (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    removed INTEGER
) STRICT;

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('ingest', 'read', 'admin')),
    name TEXT NOT NULL,
    machine TEXT REFERENCES machines (id),
    "user" TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    used INTEGER,
    revoked INTEGER
) STRICT;

-- A machine has one token that counts.
CREATE UNIQUE INDEX tokens_of_machines ON tokens (machine) WHERE revoked IS NULL;

CREATE TABLE invites (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    machine TEXT NOT NULL,
    "user" TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER,
    guesses INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Browsers that have logged in. Without a token it was the server's own, of which `proof` is a keyed hash.
CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    token INTEGER REFERENCES tokens (id),
    proof BLOB,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL
) STRICT;
