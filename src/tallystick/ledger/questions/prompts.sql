-- Prompts of a time: (time, context), in order of time.
SELECT time, context FROM prompts WHERE copy = 0 AND time >= :since AND time < :until ORDER BY time, key
