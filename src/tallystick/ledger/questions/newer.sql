-- What newer senders told that has no column here: (topic, subject, field, JSON).
SELECT topic, subject, field, told FROM newer ORDER BY topic, subject, field
