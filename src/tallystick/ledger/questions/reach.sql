-- From when to when each context was at work in a time: (context, first millisecond, last millisecond).
SELECT context, min(time) AS earliest, max(time) AS latest FROM events WHERE time >= :since AND time < :until
GROUP BY context ORDER BY context
