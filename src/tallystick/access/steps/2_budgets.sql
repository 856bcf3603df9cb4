-- Budgets and what persons let be exceeded. Files from before there were numbered steps may have these tables already. Amounts
-- are texts, since pico-dollars of a large budget are more than 64 bits hold.

CREATE TABLE IF NOT EXISTS budgets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    filters TEXT NOT NULL,
    amount TEXT NOT NULL,
    unit TEXT NOT NULL CHECK (unit IN ('usd', 'tokens')),
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month')),
    zone TEXT NOT NULL,
    soft REAL NOT NULL,
    hard INTEGER NOT NULL,
    UNIQUE (filters, unit, period)
) STRICT;

CREATE TABLE IF NOT EXISTS budget_overrides (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    budget INTEGER NOT NULL REFERENCES budgets (id) ON DELETE CASCADE,
    made INTEGER NOT NULL,
    until INTEGER NOT NULL,
    more TEXT NOT NULL
) STRICT;
