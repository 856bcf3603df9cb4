"""Places: the project and branch with which a context is shown that has none of its own, kept for the sessions that a round touches.

They are those of its session: of the same tool, machine and user, the project that comes first by name, so that a folder goes
before those within it and no order of arrival matters.
"""

from collections.abc import Iterable
from typing import Final

from tallystick.ledger.clickhouse.contested import portions
from tallystick.ledger.clickhouse.server import Server, literal
from tallystick.usage.event import HIDDEN

_PLACE: Final = f"""INSERT INTO places (context, project, branch, round)
SELECT h.id, '', h.branch, {{round}} FROM contexts AS h WHERE h.project = {literal(HIDDEN)} AND h.session IN ({{sessions}})
UNION ALL
SELECT o.id, s.best.1, if(o.branch <> '', o.branch, s.best.3), {{round}} FROM contexts AS o INNER JOIN (
    SELECT tool, session, machine, account, min((c.project, c.branch = '', c.branch)) AS best FROM contexts AS c
    WHERE c.project NOT IN ('', {literal(HIDDEN)}) AND c.session <> '' AND c.session IN ({{sessions}})
    GROUP BY tool, session, machine, account
) AS s ON s.session = o.session AND s.tool = o.tool AND s.machine = o.machine AND s.account = o.account
WHERE o.project = '' AND o.session IN ({{sessions}})"""


def place(server: Server, sessions: Iterable[str], number: int) -> None:
    """Bring the places of sessions up to date, in the round of this number."""
    for part in portions(sorted(sessions)):
        server.do(_PLACE.format(round=number, sessions=", ".join(map(literal, part))))
