"""Filling in the scripts of shells: names of variables and places of files, each written as its shell wants it."""

import re
from collections.abc import Callable, Iterable

from tallystick.shell.shell import Places
from tallystick.shell.variables import ADDING, EXCEPTIONS, LOCAL, NAMES, PROXIES, SWITCHES, WHERE_SET

type Words = Callable[[Iterable[str]], str]


def filled(text: str, places: Places, quote: Callable[[str], str], listed: Words, alternatives: Words) -> str:
    """Return a script with what stands for each `@WORD@` in it.

    `quote` writes a text that stands for itself, `listed` the items of a list, `alternatives` what one name is compared with.
    """
    words = {
        **{name: alternatives(each) for name, each in _ALTERNATIVES.items()},
        "NAMES": listed(NAMES),
        "LOCAL": listed(LOCAL),
        **{name.upper(): quote(path) for name, path in places._asdict().items()},
    }
    # In one pass, so that a path with such a word in it stays as it is.
    return re.sub("@([A-Z_]+)@", lambda match: words[match[1]], text)


_ALTERNATIVES = {
    "PROXIES": PROXIES,
    "EXCEPTIONS": EXCEPTIONS,
    "SWITCHES": SWITCHES,
    "ADDING": ADDING,
    "WHERE_SET": WHERE_SET,
}
