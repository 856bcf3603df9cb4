-- The state of each day (UTC, counted from 1970-01-01) of which the ledger knows or knew anything: (day, state).
-- It is another one than ever before, in any ledger, when an event or a prompt of the day, or a tool call that such an event
-- asked for, has come, changed or gone.
SELECT day, state FROM days ORDER BY day
