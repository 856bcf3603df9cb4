"""A machine in order, as the surroundings of a ledger, for tests to disturb."""

from tests.answers.sample import NOW

from tallystick.answers.health import LedgerFile, Place, Seen, Surroundings
from tallystick.tools.shelf import TOOLS

CLAUDE = Seen(
    "claude-code",
    (
        Place("/home/dev/.claude/projects", exists=True, files=12, bytes=3_400_000),
        Place("/home/dev/.config/claude/projects", exists=False, files=0, bytes=0),
    ),
    0,
    0,
    0,
    "/home/dev/.claude/settings.json",
    30,
)
CODEX = Seen("codex", (Place("/home/dev/.codex/sessions", exists=False, files=0, bytes=0),), 0, 0, 0, "", None)
FILE = LedgerFile("/home/dev/data/ledger.db", bytes=120_000, version=1, checked="quickly")
IN_ORDER = Surroundings(
    NOW, "Europe/Berlin", "the system", "/home/dev/.config/tallystick/config.toml", TOOLS, (CLAUDE, CODEX), (), FILE
)
