-- From when to when the ledger has events: (first millisecond, last millisecond); no row without events.
SELECT a.time, z.time FROM (SELECT time FROM events ORDER BY time LIMIT 1) a
CROSS JOIN (SELECT time FROM events ORDER BY time DESC LIMIT 1) z ORDER BY a.time
