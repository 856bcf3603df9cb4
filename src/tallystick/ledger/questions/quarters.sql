-- The quarter-hours in which a session consumed something: (slot), in order of time.
SELECT DISTINCT u.slot FROM usage u CROSS JOIN contexts c WHERE c.id = u.context AND c.session = :session ORDER BY u.slot
