"""Every sample of every tool: what is read from it is what its `expected.json` says, in whatever portions it comes."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.tools import reading
from tests.tools.reading import Source, Told, Way

from tallystick.intake.companions import companions
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import DATABASE, Root, Tool

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
CASES = [(tool, case) for tool in TOOLS for case in sorted((SAMPLES / tool.name).glob("*/")) if case.is_dir()]
EVERY_CASE = pytest.mark.parametrize("tool, case", CASES, ids=[f"{tool.name}/{case.name}" for tool, case in CASES])


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the databases of samples are built."""
    return tmp_path_factory.mktemp("databases")


def sources(tool: Tool, case: Path, workshop: Path | None = None) -> list[Source]:
    """Return the logs of a sample, with the small files that describe some of them; `x.db.sql` stands for a database `x.db`.

    `workshop` is the folder in which databases are built; a tool of lines needs none.
    """
    found = []
    for path in sorted(case.rglob("*")):
        name = path.relative_to(case).as_posix().removesuffix(".sql")
        root = next((root for root in tool.roots("", {}) if _belongs(name, root)), None)
        if root is None or path.is_dir() or path == case / "expected.json":
            continue
        if root.form == DATABASE:
            found.append(Source(name, b"", _companions(tool, path), DATABASE, _built(path, workshop)))
        else:
            found.append(Source(name, _content(path), _companions(tool, path), root.form))
    return found


def _belongs(name: str, root: Root) -> bool:
    folder, _, file = f"/{name}".rpartition("/")
    return (
        file.endswith(root.suffixes)
        and file.startswith(root.prefix)
        and file not in root.skip
        and root.within in f"{folder}/"
    )


def _built(dump: Path, workshop: Path | None) -> str:
    """Return the database that a text of statements makes."""
    assert workshop
    built = workshop / f"{dump.parent.name}-{dump.stem}"
    if not built.exists():
        with closing(sqlite3.connect(built)) as database:
            database.executescript(dump.read_text())
    return str(built)


def _content(path: Path) -> bytes:
    if path.suffix == ".zst":
        import zstandard

        with zstandard.open(path, "rb") as packed:
            return bytes(packed.read())
    return path.read_bytes()


def _companions(tool: Tool, path: Path) -> dict[str, object]:
    patterns = tool.companions(str(path)) if tool.companions else ()
    return companions(patterns)


def read(tool: Tool, case: Path, way: Way, workshop: Path | None = None) -> Told:
    """Read all logs of a sample in one way."""
    return reading.told((source.path, way(tool, source)) for source in sources(tool, case, workshop))


def readable(found: Told) -> str:
    """Return what was found as JSON with one line for each thing, so that a difference is read line by line."""
    kinds = (
        f'"{kind}": [{"".join(f"\n  {json.dumps(item)}," for item in items)[:-1]}]' for kind, items in found.items()
    )
    return "{\n " + ",\n ".join(kinds) + "\n}\n"


@EVERY_CASE
def test_a_sample_says_what_is_expected(tool: Tool, case: Path, workshop: Path, *, update_samples: bool) -> None:
    found = read(tool, case, reading.whole, workshop)
    expected = case / "expected.json"
    if expected.is_file() and "events" not in json.loads(expected.read_text()):
        pytest.skip("its tool's own test says what is expected")
    if update_samples:
        expected.write_text(readable(found))
    assert found == json.loads(expected.read_text())


@EVERY_CASE
@pytest.mark.parametrize(
    "way",
    [reading.line_by_line, reading.in_portions(range(1_000)), reading.by_turns(range(1_000)), reading.by_turns([2, 5])],
    ids=["line by line", "asked after each line", "a new reader for each line", "three readers"],
)
def test_a_sample_says_the_same_in_portions(tool: Tool, case: Path, way: Way, workshop: Path) -> None:
    assert read(tool, case, way, workshop) == read(tool, case, reading.whole, workshop)


def test_each_tool_has_samples() -> None:
    assert {tool.name for tool, _ in CASES} == {tool.name for tool in TOOLS}
