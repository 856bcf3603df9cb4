-- The price book by which all servers go: the one that any of them took in last.
CREATE TABLE books (
    name TEXT PRIMARY KEY,
    digest BLOB NOT NULL,
    content BLOB NOT NULL,
    taken INTEGER NOT NULL
) STRICT;
