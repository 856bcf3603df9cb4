-- When tools were used in a time, by quarter-hour: (slot, tool, first millisecond, last millisecond), in order of slot and tool.
-- The time is given in quarter-hours.
SELECT u.slot, c.tool, min(u.first_ms) AS earliest, max(u.last_ms) AS latest FROM usage u JOIN contexts c ON c.id = u.context
WHERE u.slot >= :since AND u.slot < :until
GROUP BY u.slot, c.tool ORDER BY u.slot, c.tool
