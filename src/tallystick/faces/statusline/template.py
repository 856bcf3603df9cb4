"""Templates: texts with fields, and parts in brackets that vanish when a field in them is empty or the line is full.

Nothing here imports anything: a status line is printed at each turn, and starting Python is most of what that takes.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    type Shown = tuple[str, str]
    """A text and the words of its style, which may be none."""

DEFAULT = (
    "{model}[ · {session}][ · today {today}][ · {limit}][ · {limits}][ · ctx {context}][ · cache {cache}]"
    "[ · {project}[ {branch}]][ · {machine}][ · {stale}]"
)
STYLES = {
    "plain": "",
    "bold": "1",
    "dim": "2",
    "italic": "3",
    "underline": "4",
    "black": "30",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
    "white": "37",
    "grey": "90",
}
"""Words for the look of a text, and the numbers by which a terminal knows them (ECMA-48, SGR)."""
_OPEN, _CLOSE = "{[", "}]"


class Field:
    """A field in a template."""

    __slots__ = ("name", "style")

    def __init__(self, name: str, style: str) -> None:
        """Begin with what stands between the braces, on both sides of the colon."""
        self.name, self.style = name, style


class Part:
    """Several pieces one after the other, which vanish together."""

    __slots__ = ("pieces",)

    def __init__(self) -> None:
        """Begin with nothing."""
        self.pieces: list[str | Field | Part] = []

    def add(self, text: str) -> None:
        """Add a text."""
        if self.pieces and isinstance(self.pieces[-1], str):
            self.pieces[-1] += text
        else:
            self.pieces.append(text)


def parse(template: str) -> Part:
    """Return the pieces of a template: `{field}`, `{field:style}`, `[part]`; what stands behind a backslash is itself."""
    stack, place, end = [Part()], 0, len(template)
    while place < end:
        sign = template[place]
        place += 1
        if sign == "\\" and place < end:
            stack[-1].add(template[place])
            place += 1
        elif sign == "{" and (close := template.find("}", place)) >= 0:
            name, _, style = template[place:close].partition(":")
            stack[-1].pieces.append(Field(name.strip(), style.strip()))
            place = close + 1
        elif sign == "[":
            part = Part()
            stack[-1].pieces.append(part)
            stack.append(part)
        elif sign == "]" and len(stack) > 1:
            stack.pop()
        else:
            stack[-1].add(sign)
    return stack[0]


def fields(part: Part) -> list[Field]:
    """Return all fields of a template, in their order."""
    found: list[Field] = []
    for piece in part.pieces:
        if isinstance(piece, Field):
            found.append(piece)
        elif isinstance(piece, Part):
            found += fields(piece)
    return found


def unknown(part: Part, names: "Mapping[str, object]") -> list[str]:
    """Return in a sentence each what a template names that means nothing."""
    found = []
    for field in fields(part):
        if field.name not in names:
            found.append(f"{{{field.name}}} is no field of the status line: known are {', '.join(names)}.")
        wrong = [word for word in field.style.split() if word not in STYLES]
        if wrong:
            found.append(f"{wrong[0]!r} is no style of the status line: known are {', '.join(STYLES)}.")
    return found


def render(part: Part, value: "Callable[[Field], Shown | None]", width: int, *, colour: bool) -> str:
    """Return the line; where it is wider than `width` columns (0: any), parts in brackets are left off, the last first."""
    shown = [(isinstance(piece, Part), _told(piece, value)) for piece in part.pieces]
    if width:
        wide = sum(_wide(pieces) for _, pieces in shown if pieces)
        for place in range(len(shown) - 1, -1, -1):
            may_go, pieces = shown[place]
            if wide <= width:
                break
            if may_go and pieces:
                wide -= _wide(pieces)
                shown[place] = True, None
    # What a field holds may steer a terminal, or go on in another line.
    clean = [(_clean(text), style) for _, pieces in shown for text, style in pieces or ()]
    if not colour:
        return "".join(text for text, _ in clean)
    return "".join(_painted(text, style) for text, style in clean)


def _told(piece: "str | Field | Part", value: "Callable[[Field], Shown | None]") -> "list[Shown] | None":
    """Return the texts of a piece; None for one that vanishes."""
    if isinstance(piece, str):
        return [(piece, "dim")]
    if isinstance(piece, Field):
        found = value(piece)
        return None if found is None else [found]
    told: list[Shown] = []
    for each in piece.pieces:
        inner = _told(each, value)
        if inner is not None:
            told += inner
        elif isinstance(each, Field):
            return None
    return told


def _wide(pieces: "list[Shown]") -> int:
    return sum(len(text) for text, _ in pieces)


def _clean(text: str) -> str:
    return text if text.isprintable() else "".join(each if each.isprintable() else "�" for each in text)


def _painted(text: str, style: str) -> str:
    numbers = ";".join(filter(None, (STYLES.get(word, "") for word in style.split())))
    return f"\033[{numbers}m{text}\033[0m" if numbers and text else text
