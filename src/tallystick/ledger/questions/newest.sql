-- The number of the event that came last: (number). No row before there is any.
SELECT id FROM events ORDER BY id DESC LIMIT 1
