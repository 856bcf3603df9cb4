-- Keys of events that turned out to be told under others: whatever is told under them counts no more (ledger/merging.py).
CREATE TABLE withdrawn (
    key INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    context INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    place INTEGER NOT NULL,
    source INTEGER NOT NULL
) STRICT;
