-- Several accounts have windows of one name. What is beyond 101 per cent was no share but damage.
CREATE TABLE limits_by_account (
    provider TEXT NOT NULL,
    name TEXT NOT NULL,
    account TEXT NOT NULL,
    time INTEGER NOT NULL,
    minutes INTEGER NOT NULL,
    used_percent REAL NOT NULL,
    resets_at INTEGER NOT NULL,
    plan TEXT NOT NULL,
    PRIMARY KEY (provider, name, account, time)
) STRICT, WITHOUT ROWID;
INSERT INTO limits_by_account SELECT provider, name, '', time, minutes, used_percent, resets_at, plan FROM limits
WHERE used_percent BETWEEN 0 AND 101;
DROP TABLE limits;
ALTER TABLE limits_by_account RENAME TO limits;
