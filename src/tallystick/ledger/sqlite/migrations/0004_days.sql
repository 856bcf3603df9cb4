-- What was worked out of a day holds for as long as its state does: another random number with every change of anything in it.
CREATE TABLE days (
    day INTEGER PRIMARY KEY,
    state INTEGER NOT NULL
) STRICT;
CREATE INDEX calls_event ON calls (event);
INSERT INTO days SELECT day, random() FROM (
    SELECT (time - (time % 86400000 + 86400000) % 86400000) / 86400000 AS day FROM events
    UNION SELECT (time - (time % 86400000 + 86400000) % 86400000) / 86400000 FROM prompts
);
