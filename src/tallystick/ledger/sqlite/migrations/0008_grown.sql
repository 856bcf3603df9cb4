-- Changes of a day that were nothing but new events: what was worked out of it before goes on from there. A change of another
-- kind takes all lines of its day away; of very many, the oldest go.
CREATE TABLE grown (
    id INTEGER PRIMARY KEY,
    day INTEGER NOT NULL,
    was INTEGER NOT NULL,
    first INTEGER NOT NULL,
    whole INTEGER NOT NULL
) STRICT;
CREATE INDEX grown_day ON grown (day, was);
