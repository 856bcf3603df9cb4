-- What vendors said about usage windows in a time: (provider, name, minutes, used_percent, resets_at, time, plan, account), in order of time.
SELECT provider, name, minutes, used_percent, resets_at, time, plan, account FROM limits
WHERE time >= :since AND time < :until ORDER BY time, provider, name, account
