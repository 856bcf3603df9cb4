"""Lowering: what it writes means the same, here and to Python 3.9."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.intake.push.pythons import OLDEST, python

from tallystick.intake.push import older
from tallystick.intake.push.lowering import Unlowerable, lowered

SOURCE = '''
"""A docstring."""
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol

type Row = tuple[Any, ...]
"""A row."""
HERE: Final = {"a": 1}
"""Said below."""


class Point(NamedTuple):
    """A point."""

    x: int
    y: int = 2
    """Upwards."""

    @property
    def sum(self) -> int:
        """Return the sum."""
        return self.x + self.y


class Promise(Protocol):
    """A promise."""

    def keep(self) -> int:
        """Keep it."""


class Bare(Exception):
    """Nothing in it."""


def kind[T](value: T, other: Callable[[], Row] | None = None) -> str:
    """Tell a kind."""
    count: int
    match value:
        case "a" | "b":
            return "letter"
        case 1:
            count = 1
        case _:
            return f"{HERE["a"]:>3}{{}} {value!r} {", ".join(["x", "y"])}"
    return f"{count}"


MADE = [
    Point(1), Point(1)._replace(y=5).sum, isinstance(1, int | str), isinstance(1.0, int | str | bytes),
    kind("b"), kind(1), kind(None), [*zip([1], [2], strict=True)],
    datetime.fromisoformat("2026-11-01T10:00:00.5Z").astimezone(UTC).timestamp(), datetime(2026, 1, 1, tzinfo=UTC).year,
    [each.__name__ for each in (Promise, Bare)], Row is not kind,
]
'''
MADE: list[Any] = [
    [1, 2], 6, True, False, "letter", "1", "  1{} None x, y", [[1, 2]], 1_793_527_200.5, 2026, ["Promise", "Bare"], True,
]  # fmt: skip
PRINTED = "import sys, json\nsys.path.insert(0, sys.argv[1])\nexec(sys.stdin.read())\nprint(json.dumps(MADE))"


def run(interpreter: str, source: str, folder: str) -> list[Any]:
    """Return what the source makes of its list in an interpreter of its own."""
    done = subprocess.run(
        [interpreter, "-I", "-S", "-c", PRINTED, folder], input=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    made: list[Any] = json.loads(done.stdout)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Return a folder in which `older` is found as it is in the client."""
    place = tmp_path / "tallystick" / "intake" / "push"
    place.mkdir(parents=True)
    (place / "older.py").write_text(lowered(Path(older.__file__).read_text(), ("fromisoformat",), older.__name__))
    return str(tmp_path)


def test_what_is_lowered_means_the_same_to_the_oldest_python(folder: str) -> None:
    assert run(python(OLDEST), lowered(SOURCE), folder) == MADE


def test_it_means_the_same_here_before_and_after(folder: str) -> None:
    assert run(sys.executable, SOURCE, folder) == run(sys.executable, lowered(SOURCE), folder) == MADE


def test_what_tells_of_types_is_gone() -> None:
    text = lowered(SOURCE)
    assert not [
        word
        for word in ("typing", "collections.abc", "Final", "Upwards", "docstring", "->", "Protocol)")
        if word in text
    ]


def test_imports_stay_that_others_want_from_here() -> None:
    text = lowered("from a import b, c\nfrom d import e\n", ["c"])
    assert text == "from a import c\n"


@pytest.mark.parametrize(
    "source",
    [
        "match x:\n  case {'a': 1}:\n    pass\n",
        "match x:\n  case 1 if y:\n    pass\n",
        "from typing import get_args\nget_args(int)\n",
        "f'{x[\"a\"]:>{y}}'\n",
    ],
)
def test_what_cannot_be_lowered_is_an_error(source: str) -> None:
    with pytest.raises(Unlowerable):
        lowered(source)
