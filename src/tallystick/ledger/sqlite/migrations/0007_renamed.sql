-- Names that were given others: who names itself, as logs and unpaired machines do, comes under the old one again and again.
CREATE TABLE renamed (
    what TEXT NOT NULL,
    old TEXT NOT NULL,
    shown TEXT NOT NULL,
    PRIMARY KEY (what, old)
) STRICT, WITHOUT ROWID;
