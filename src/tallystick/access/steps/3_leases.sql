-- Who does what only one may do at a time. The number is another one, and larger, with each change of holder; `until` is by the
-- clock of the store.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    number INTEGER NOT NULL,
    until INTEGER NOT NULL
) STRICT;
