"""Notes: which days of a copy are known to be the same in both ledgers, in a file, so that a copy that broke off goes on there."""

import os
from json import dumps, loads
from time import monotonic
from typing import Final

from tallystick.errors import Unavailable

_SCHEMA: Final = "tallystick.copying/1"
_EVERY_S: Final = 0.5


class Notes:
    """Of each such day the states that both ledgers gave it then (question `days`): once either is another one, the day is laid side by side anew."""

    def __init__(self, path: str) -> None:
        """Begin with what a file says; with nothing where it is missing or of no use."""
        self._path = path
        self._same = _read(path)
        self._written = monotonic()

    def holds(self, day: int, here: int | None, there: int | None) -> bool:
        """Tell whether a day in these states is known to be the same."""
        return self._same.get(day) == (here, there)

    def keep(self, day: int, here: int | None, there: int | None) -> None:
        """Note that a day in these states is the same."""
        self._same[day] = (here, there)
        if monotonic() - self._written >= _EVERY_S:
            self.write()

    def write(self) -> None:
        """Write the file; cut off at any moment, it is as it was or as it is now."""
        said = {"schema": _SCHEMA, "days": {str(day): states for day, states in sorted(self._same.items())}}
        made = f"{self._path}.part"
        try:
            os.makedirs(os.path.dirname(self._path) or ".", mode=0o700, exist_ok=True)
            with open(made, "w", encoding="utf-8") as file:
                file.write(dumps(said) + "\n")
            os.replace(made, self._path)
        except OSError as error:
            raise Unavailable(
                f"How far the copy has come cannot be noted in {self._path} ({(error.strerror or str(error)).lower()})."
                " Make room there, or set TALLY_DATA_DIR to another folder."
            ) from None
        self._written = monotonic()


def _read(path: str) -> dict[int, tuple[int | None, int | None]]:
    try:
        with open(path, "rb") as file:
            said = loads(file.read())
        if said["schema"] != _SCHEMA:
            return {}
        return {int(day): (here, there) for day, (here, there) in said["days"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
