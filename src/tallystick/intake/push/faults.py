"""The last fault of the client: what runs unseen keeps it in a file, and a person is told of it."""

import os
from contextlib import suppress
from time import gmtime, strftime
from typing import Final

from tallystick.intake.push.notebook import Notebook
from tallystick.intake.push.pairing import read
from tallystick.intake.push.rounds import NOTEBOOK, PAIRING

FILE: Final = "fault"


def keep(folder: str, sentence: str, now: int) -> None:
    """Keep a fault in place of the one before, at a time in milliseconds since 1970; where that is not possible, nothing is kept."""
    path = os.path.join(folder, FILE)
    with suppress(OSError):
        with open(f"{path}.part", "w", encoding="utf-8") as file:
            file.write(f"{now} {sentence}")
        os.replace(f"{path}.part", path)


def forget(folder: str) -> None:
    """Keep no fault any more."""
    with suppress(OSError):
        os.remove(os.path.join(folder, FILE))


def kept(folder: str) -> str:
    """Return in a sentence when the last run failed, and why; nothing where it did not."""
    try:
        with open(os.path.join(folder, FILE), encoding="utf-8") as file:
            when, _, sentence = file.read(2_000).partition(" ")
        moment = strftime("%Y-%m-%d %H:%M UTC", gmtime(int(when) / 1000))
    except (OSError, ValueError, OverflowError):
        return ""
    return f"The last run failed ({moment}): {sentence}"


def standing(folder: str) -> str:
    """Return, line by line, where this machine sends to, what waits and what last went wrong; raise `Unavailable`."""
    pairing, waiting = read(os.path.join(folder, PAIRING)), 0
    path = os.path.join(folder, NOTEBOOK)
    if pairing and os.path.exists(path):
        notebook = Notebook(path, pairing.key)
        waiting = notebook.waiting().rows
        notebook.close()
    where = "It has no server yet."
    if pairing and pairing.url:
        name = f", as {pairing.machine}" if pairing.machine else ""
        where = f"It sends to {pairing.url}{name}."
    return "\n".join((where, f"What waits to be sent: {waiting} rows.", kept(folder) or "The last run did not fail."))
