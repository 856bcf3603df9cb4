-- Input that was not understood: (tool, path, place, reason, count).
SELECT s.tool, s.path, k.place, k.reason, k.number FROM skipped k JOIN sources s ON s.id = k.source ORDER BY s.path, k.place, k.reason
