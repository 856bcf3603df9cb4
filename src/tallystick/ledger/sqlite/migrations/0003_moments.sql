-- Sums know how long models worked, and from when to when: no report has to look at every event for that.
DROP TABLE usage;
CREATE TABLE usage (
    slot INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    size INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    context INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    searches INTEGER NOT NULL,
    timed INTEGER NOT NULL,
    work_ms INTEGER NOT NULL,
    timed_output INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    PRIMARY KEY (slot, variant, size, seen, context)
) STRICT, WITHOUT ROWID;
-- The class of a size is how many of usage/size.py's edges the prompt exceeds.
INSERT INTO usage
SELECT (time - (time % 900000 + 900000) % 900000) / 900000, variant, (SELECT count(*) FROM (
    SELECT 32000 AS edge UNION ALL SELECT 99999 UNION ALL SELECT 100000 UNION ALL SELECT 127999 UNION ALL SELECT 128000
    UNION ALL SELECT 199999 UNION ALL SELECT 200000 UNION ALL SELECT 255999 UNION ALL SELECT 256000 UNION ALL SELECT 271999
    UNION ALL SELECT 272000 UNION ALL SELECT 511999 UNION ALL SELECT 512000 UNION ALL SELECT 524288
) WHERE edge < (input + cache_read + cache_write_5m + cache_write_1h) / requests), seen, context, sum(requests), sum(input),
    sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning), sum(searches),
    sum(work_ms > 0), sum(work_ms), sum(CASE WHEN work_ms > 0 THEN output ELSE 0 END), min(time), max(time)
FROM events GROUP BY 1, 2, 3, 4, 5;
