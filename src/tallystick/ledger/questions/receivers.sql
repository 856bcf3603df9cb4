-- What each tool's sources hold: (tool, witness, files, bytes, newest millisecond).
SELECT tool, witness, count(*) AS files, sum(size) AS bytes, max(last) AS newest FROM sources GROUP BY tool, witness ORDER BY tool, witness
