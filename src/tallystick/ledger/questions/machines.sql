-- Machines that send: (machine, name, account, first and last millisecond, client, version, skew_ms, pending, trouble).
SELECT machine, name, account, first, last, client, version, skew_ms, pending, trouble FROM machines ORDER BY machine
