-- Prompts of one session: (time, context), in order of time.
SELECT p.time, p.context FROM prompts p CROSS JOIN contexts c WHERE c.id = p.context AND c.session = :session AND p.copy = 0
ORDER BY p.time, p.key
