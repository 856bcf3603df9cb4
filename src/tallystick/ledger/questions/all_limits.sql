-- What vendors said about usage windows, by time, from one moment on, so many at most:
-- (provider, name, minutes, used_percent, resets_at, time, plan, account).
SELECT provider, name, minutes, used_percent, resets_at, time, plan, account FROM limits
WHERE time >= :least ORDER BY time, provider, name, account LIMIT :most
