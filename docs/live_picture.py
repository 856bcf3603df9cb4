"""Take the picture of the live view that docs/live.md shows: made-up work, drawn by textual into an SVG."""

import asyncio
import re
import sys
from pathlib import Path

from tallystick.cli import entrance
from tallystick.faces.tui import palette
from tallystick.faces.tui.app import Around, LiveApp
from tallystick.faces.tui.asking import Asked, Asking, Wanted
from tallystick.faces.tui.state import Besides, Source
from tallystick.house import demo_house
from tallystick.usage.period import Zone

SIZE = (112, 32)
NOW = entrance.now()


class Opened:
    """Answers from the demo's ledger."""

    def __init__(self) -> None:
        """Make it, in the thread that asks."""
        self._house = demo_house(entrance.where(entrance.settings()), NOW)
        self.answers: Asked = entrance.answers(self._house)

    def news(self) -> object:
        """There are none."""
        return 0

    def besides(self, now: int) -> Besides:
        """There are no budgets and no alerts."""
        del now
        return Besides()

    def close(self) -> None:
        """Let go of it."""
        self._house.close()


def drawn() -> str:
    """Return what the view looks like."""
    asking = Asking(Opened, Wanted(Zone("Europe/Berlin")), lambda: NOW)
    asking.start()
    assert asking.wait(30)
    app = LiveApp(asking, Around(lambda: Source("demo", note="made-up work"), lambda: NOW, palette.DARK))

    async def draw() -> str:
        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause(0.5)
            return app.export_screenshot(title="tally live")

    try:
        return asyncio.run(draw())
    finally:
        asking.end()


if __name__ == "__main__":
    # Whoever looks at it has a font of their own: none is fetched.
    text = re.sub(r"@font-face \{.*?\}\s*", "", drawn(), flags=re.DOTALL)
    Path(sys.argv[1]).write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n")
