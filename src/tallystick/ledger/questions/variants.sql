-- What was called: (id, provider, model, tier, speed, geo).
SELECT id, provider, model, tier, speed, geo FROM variants ORDER BY id
