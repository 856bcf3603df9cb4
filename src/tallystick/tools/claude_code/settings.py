"""Claude Code's settings.json as a text: one value put in, replaced or taken out, and not a byte of the rest changed."""

from json import JSONDecoder
from typing import Final, NamedTuple

from tallystick.errors import Misused

STATUS_LINE: Final = "statusLine"
_BLANK: Final = " \t\r\n"
_INDENT: Final = "  "
"""As Claude Code itself writes the file."""


class Member(NamedTuple):
    """One member of the outermost object, by places in the text."""

    key: str
    begin: int
    """Where its key begins."""
    value: int
    """Where its value begins."""
    end: int


def value(text: str, key: str) -> str | None:
    """Return the text of a member's value; None where there is none. Raises Misused for what are no settings."""
    found = _find(_members(text), key)
    return text[found.value : found.end] if found else None


def put(text: str, key: str, made: str) -> str:
    """Return settings with a value, in the place of the one there is, else behind the last; raise Misused for what are no settings."""
    if not text.strip(f"{_BLANK}\ufeff"):
        return f'{{\n{_INDENT}"{key}": {made}\n}}\n'
    members = _members(text)
    found = _find(members, key)
    if found:
        return text[: found.value] + made + text[found.end :]
    if not members:
        place = text.index("{") + 1
        close = text.rindex("}")
        newline = "\r\n" if "\r\n" in text else "\n"
        return f'{text[:place]}{newline}{_INDENT}"{key}": {made}{newline}{text[close:]}'
    last = members[-1]
    # Set off as the last one is, by whatever stands before it.
    before = text[: last.begin]
    gap = before[len(before.rstrip(_BLANK)) :]
    return f'{text[: last.end]},{gap}"{key}": {made}{text[last.end :]}'


def taken_out(text: str, key: str) -> str:
    """Return settings without a member and the comma that set it off; raise Misused for what are no settings."""
    members = _members(text)
    found = _find(members, key)
    if found is None:
        return text
    place = members.index(found)
    if place:
        return text[: members[place - 1].end] + text[found.end :]
    if len(members) > 1:
        return text[: found.begin] + text[members[1].begin :]
    return text[: text.index("{") + 1] + text[text.rindex("}") :]


def _find(members: list[Member], key: str) -> Member | None:
    # Of two with one name the last one counts, to JSON's readers.
    return next((each for each in reversed(members) if each.key == key), None)


def _members(text: str) -> list[Member]:
    """Return the members of the outermost object, in their order; raise Misused where there is none."""
    decoder, found = JSONDecoder(strict=False), list[Member]()
    try:
        place = _next(text, len(text) - len(text.lstrip(f"{_BLANK}\ufeff")), "{")
        while text[place] != "}":
            if found:
                place = _next(text, place, ",")
            key, end = decoder.raw_decode(text, place)
            if not isinstance(key, str):
                raise Misused(_NONE)
            inside = _next(text, _blank(text, end), ":")
            _, end = decoder.raw_decode(text, inside)
            found.append(Member(key, place, inside, end))
            place = _blank(text, end)
    except (ValueError, IndexError, RecursionError):
        raise Misused(_NONE) from None
    if text[place + 1 :].strip(_BLANK):
        raise Misused(_NONE)
    return found


def _next(text: str, place: int, sign: str) -> int:
    """Return where what follows a sign begins."""
    if text[place] != sign:
        raise ValueError(place)
    return _blank(text, place + 1)


def _blank(text: str, place: int) -> int:
    while text[place] in _BLANK:
        place += 1
    return place


_NONE: Final = "It is no JSON object: mend it first; nothing was changed."
