"""Compiles the price book while a wheel or an editable installation is made, so that nobody waits for it at run time."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PriceBookHook(BuildHookInterface[Any]):
    """Writes `src/tallystick/prices/book.bin`, which is not tracked by git and goes into every wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the book from the genai-prices that the build requires, and take it along."""
        del version
        source = Path(self.root) / "src"
        sys.path.insert(0, str(source))
        try:
            from tallystick.prices.compile import fresh
        finally:
            sys.path.remove(str(source))
        target = source / "tallystick" / "prices" / "book.bin"
        target.write_bytes(fresh())
        build_data["artifacts"].append(target.relative_to(self.root).as_posix())
