-- The identities of single events of a time (milliseconds, half open): (id, key, request).
SELECT id, key, request FROM events WHERE time >= :since AND time < :until ORDER BY id
