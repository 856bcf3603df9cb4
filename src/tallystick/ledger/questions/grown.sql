-- What has come to a day (UTC) since it was in a state, where nothing else has happened to its events, addition by addition:
-- (state before, first, whole), the number from which on its events were new, and 0 when uses of tools that older ones asked for
-- came or changed besides, else 1. Prompts may have come in either case. No row where more has happened, or where that is no
-- longer known.
SELECT was, first, whole FROM grown
WHERE day = :day AND id >= (SELECT id FROM grown WHERE day = :day AND was = :state) ORDER BY id
