-- The first shape. Times are milliseconds since 1970, UTC; slots are quarter-hours of them. What is told is never changed:
-- rows that are alike become one, and of two states of one thing a number that only grows says which holds.
CREATE TABLE contexts (
    id Int64, tool String, session String, project String, branch String, agent String, version String, machine String,
    account String
) ENGINE = ReplacingMergeTree ORDER BY id;
CREATE TABLE variants (
    id Int64, provider String, model String, tier String, speed String, geo String
) ENGINE = ReplacingMergeTree ORDER BY id;
-- A source as it was left, and its times, of which the latest hold whoever tells of them first.
CREATE TABLE source_states (
    id Int64, path String, tool String, witness String, inode Int64, size Int64, mtime Int64, place Int64, head Int64,
    state String, came UInt64
) ENGINE = ReplacingMergeTree(came) ORDER BY id;
CREATE TABLE source_times (
    id Int64, last SimpleAggregateFunction(max, Int64), mtime SimpleAggregateFunction(max, Int64)
) ENGINE = AggregatingMergeTree ORDER BY id;
CREATE VIEW sources AS
SELECT s.id AS id, s.path AS path, s.tool AS tool, s.witness AS witness, s.inode AS inode, s.size AS size,
    if(startsWith(s.path, 'push:'), t.latest, s.mtime) AS mtime, s.place AS place, s.head AS head, s.state AS state,
    t.newest AS last
FROM source_states AS s FINAL
INNER JOIN (SELECT id, max(last) AS newest, max(mtime) AS latest FROM source_times GROUP BY id) AS t ON t.id = s.id;
-- Every sighting as a witness told it.
CREATE TABLE told (
    key Int64, request Int64, time Int64, context Int64, variant Int64, input Int64, cache_read Int64,
    cache_write_5m Int64, cache_write_1h Int64, output Int64, reasoning Int64, grade UInt8, replay UInt8, copied UInt8,
    work_ms Int64, searches Int64, fetches Int64, cost_nano Nullable(Int64), place Int64, source Int64, witness UInt8,
    digest UInt64 MATERIALIZED cityHash64(key, request, time, context, variant, input, cache_read, cache_write_5m,
        cache_write_1h, output, reasoning, grade, replay, copied, work_ms, searches, fetches, isNull(cost_nano),
        ifNull(cost_nano, 0), place, source)
) ENGINE = ReplacingMergeTree PARTITION BY intDiv(time, 2592000000) ORDER BY (intDiv(time, 900000), key, digest);
-- Keys of events that turned out to be told under others: the wire tells of no call without tokens otherwise.
CREATE VIEW withdrawn AS
SELECT key, t.1 AS time, t.2 AS context, t.3 AS variant, t.4 AS place, t.5 AS source
FROM (SELECT key, min((w.time, w.context, w.variant, w.place, w.source)) AS t FROM told AS w
    WHERE w.witness = 2 AND w.input + w.cache_read + w.cache_write_5m + w.cache_write_1h + w.output = 0 GROUP BY key);
-- Events as settled. One that moved in time, or turned out to be another one's view, leaves a row behind that says it is gone.
CREATE TABLE events (
    id Int64, key Int64, request Int64, time Int64, context Int64, variant Int64, input Int64, cache_read Int64,
    cache_write_5m Int64, cache_write_1h Int64, output Int64, reasoning Int64, grade UInt8, replay UInt8, copied UInt8,
    work_ms Int64, searches Int64, fetches Int64, cost_nano Nullable(Int64), place Int64, source Int64, seen UInt8,
    views UInt32, lead UInt8, requests Int64, dated UInt8, since Int64, round UInt64, gone UInt8
) ENGINE = ReplacingMergeTree(round, gone) PARTITION BY intDiv(time, 2592000000) ORDER BY (intDiv(time, 900000), id, key, request);
-- All views of those events that have more than one.
CREATE TABLE sightings (
    event Int64, key Int64, request Int64, time Int64, context Int64, variant Int64, input Int64, cache_read Int64,
    cache_write_5m Int64, cache_write_1h Int64, output Int64, reasoning Int64, grade UInt8, replay UInt8, copied UInt8,
    work_ms Int64, searches Int64, fetches Int64, cost_nano Nullable(Int64), place Int64, source Int64,
    digest UInt64 MATERIALIZED cityHash64(key, request, time, context, variant, input, cache_read, cache_write_5m,
        cache_write_1h, output, reasoning, grade, replay, copied, work_ms, searches, fetches, isNull(cost_nano),
        ifNull(cost_nano, 0), place, source),
    round UInt64, gone UInt8
) ENGINE = ReplacingMergeTree(round, gone) ORDER BY (event, digest);
CREATE TABLE usage (
    slot Int64, variant Int64, size UInt8, seen UInt8, context Int64, requests Int64, input Int64, cache_read Int64,
    cache_write_5m Int64, cache_write_1h Int64, output Int64, reasoning Int64, searches Int64, timed Int64, work_ms Int64,
    timed_output Int64, first_ms Int64, last_ms Int64, round UInt64, gone UInt8
) ENGINE = ReplacingMergeTree(round, gone) PARTITION BY intDiv(slot, 2880) ORDER BY (slot, variant, size, seen, context);
-- Running totals as stores told them.
CREATE TABLE readings (
    meter Int64, rank Int64, time Int64, since Int64, context Int64, variant Int64, requests Int64, input Int64,
    cache_read Int64, cache_write_5m Int64, cache_write_1h Int64, output Int64, reasoning Int64,
    cost_nano Nullable(Int64), place Int64, source Int64,
    digest UInt64 MATERIALIZED cityHash64(rank, since, variant, requests, input, cache_read, cache_write_5m,
        cache_write_1h, output, reasoning, isNull(cost_nano), ifNull(cost_nano, 0), place, source)
) ENGINE = ReplacingMergeTree ORDER BY (context, meter, time, digest);
CREATE TABLE prompts_told (
    key Int64, source Int64, time Int64, context Int64, place Int64
) ENGINE = ReplacingMergeTree ORDER BY (key, source);
CREATE TABLE prompts (
    key Int64, source Int64, time Int64, context Int64, place Int64, copy UInt8, round UInt64
) ENGINE = ReplacingMergeTree(round) ORDER BY (intDiv(time, 900000), key, source);
-- Of two views of a call the one of the higher worth holds: one with an end, of two ends the first.
CREATE TABLE calls (
    key Int64, event Int64, name String, started Int64, ended Int64, failed UInt8, worth UInt64
) ENGINE = ReplacingMergeTree(worth) ORDER BY (intDiv(started, 900000), key);
CREATE TABLE titles_told (
    session String, time Int64, title String
) ENGINE = ReplacingMergeTree ORDER BY (session, time, title);
CREATE VIEW titles AS
SELECT session, argMax(t.title, (t.time, t.title)) AS title, max(t.time) AS time FROM titles_told AS t GROUP BY session;
CREATE TABLE limits_told (
    provider String, name String, minutes Int64, used_percent Float64, resets_at Int64, time Int64, plan String,
    account String
) ENGINE = ReplacingMergeTree ORDER BY (time, provider, name, account, used_percent, minutes, resets_at, plan);
CREATE VIEW limits AS
SELECT provider, name, t.2 AS minutes, t.1 AS used_percent, t.3 AS resets_at, time, t.4 AS plan, account
FROM (SELECT time, provider, name, account, max((used_percent, minutes, resets_at, plan)) AS t FROM limits_told
    GROUP BY time, provider, name, account);
-- What was skipped counts from when its source was last read anew on, which a row with `place` -2 tells.
CREATE TABLE skipped_told (
    source Int64, place Int64, reason String, number Int64, came UInt64
) ENGINE = ReplacingMergeTree ORDER BY (source, came, place, reason);
CREATE VIEW skipped AS
SELECT k.source AS source, k.place AS place, k.reason AS reason, if(k.place < 0, sum(k.number), 1) AS number
FROM skipped_told AS k FINAL
LEFT JOIN (SELECT source, max(came) AS anew FROM skipped_told WHERE place = -2 GROUP BY source) AS f ON f.source = k.source
WHERE k.place <> -2 AND k.came >= ifNull(f.anew, 0)
GROUP BY k.source, k.place, k.reason;
CREATE TABLE tags (
    tool String, session String, name String, value String
) ENGINE = ReplacingMergeTree ORDER BY (tool, session, name, value);
CREATE TABLE newer_told (
    topic String, subject String, field String, told String
) ENGINE = ReplacingMergeTree ORDER BY (topic, subject, field, told);
CREATE VIEW newer AS
SELECT topic, subject, field, max(n.told) AS told FROM newer_told AS n GROUP BY topic, subject, field;
-- Names that were given others: who names itself comes under the old one again and again.
CREATE TABLE renamed (what String, old String, shown String, came UInt64) ENGINE = ReplacingMergeTree(came)
ORDER BY (what, old);
CREATE TABLE machines_first (
    machine String, name String, first Int64, earliness UInt64
) ENGINE = ReplacingMergeTree(earliness) ORDER BY machine;
CREATE TABLE machines_last (
    machine String, account String, last Int64, client String, version String, skew_ms Int64, pending Int64,
    trouble String
) ENGINE = ReplacingMergeTree(last) ORDER BY machine;
CREATE VIEW machines AS
SELECT f.machine AS machine, f.name AS name, l.account AS account, f.first AS first, l.last AS last, l.client AS client,
    l.version AS version, l.skew_ms AS skew_ms, l.pending AS pending, l.trouble AS trouble
FROM machines_first AS f FINAL INNER JOIN machines_last AS l FINAL ON l.machine = f.machine;
CREATE TABLE days (day Int64, state Int64, round UInt64) ENGINE = ReplacingMergeTree(round) ORDER BY day;
-- Of what comes, nothing is noted apart: whoever asks works the day out anew.
CREATE TABLE grown (id Int64, day Int64, was Int64, first Int64, whole UInt8) ENGINE = MergeTree ORDER BY id;
-- Project and branch with which a context is shown that has no project of its own: those of its session, the first by name.
CREATE TABLE places (context Int64, project String, branch String, round UInt64) ENGINE = ReplacingMergeTree(round)
ORDER BY context;
-- What was acknowledged, with what of it has to be settled; what has been; and the rounds in which that is done, each telling
-- beforehand what it may change, so that the next one sees to all of it where one breaks off.
CREATE TABLE additions (
    id Int64, came UInt64, keys Array(Int64), slots Array(Int64), sources Array(Int64), prompts Array(Int64),
    asked Array(Int64), contexts Array(Int64), readings UInt64, sessions Array(String)
) ENGINE = MergeTree PARTITION BY intDiv(came, 3600000000000) ORDER BY came;
CREATE TABLE settled (id Int64, came UInt64) ENGINE = MergeTree PARTITION BY intDiv(came, 3600000000000) ORDER BY came;
CREATE TABLE rounds (
    number UInt64, slots Array(Int64), days Array(Int64), contexts Array(Int64), done UInt8
) ENGINE = MergeTree ORDER BY number;
