"""Every sample of every tool: what is read from it is what its `expected.json` says, in whatever portions it comes."""

import json
from pathlib import Path

import pytest
from tests.tools import reading
from tests.tools.reading import Source, Told, Way

from tallystick.intake.companions import companions
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import Tool

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
CASES = [(tool, case) for tool in TOOLS for case in sorted((SAMPLES / tool.name).glob("*/")) if case.is_dir()]
EVERY_CASE = pytest.mark.parametrize("tool, case", CASES, ids=[f"{tool.name}/{case.name}" for tool, case in CASES])


def sources(tool: Tool, case: Path) -> list[Source]:
    """Return the logs of a sample, with the small files that describe some of them."""
    roots = tool.roots("", {})
    suffixes = tuple(suffix for root in roots for suffix in root.suffixes)
    skip = {name for root in roots for name in root.skip}
    found = [path for path in sorted(case.rglob("*")) if path.name.endswith(suffixes) and path.name not in skip]
    return [Source(path.relative_to(case).as_posix(), _content(path), _companions(tool, path)) for path in found]


def _content(path: Path) -> bytes:
    if path.suffix == ".zst":
        import zstandard

        with zstandard.open(path, "rb") as packed:
            return bytes(packed.read())
    return path.read_bytes()


def _companions(tool: Tool, path: Path) -> dict[str, object]:
    patterns = tool.companions(str(path)) if tool.companions else ()
    return companions(patterns)


def read(tool: Tool, case: Path, way: Way) -> Told:
    """Read all logs of a sample in one way."""
    return reading.told((source.path, way(tool, source)) for source in sources(tool, case))


def readable(found: Told) -> str:
    """Return what was found as JSON with one line for each thing, so that a difference is read line by line."""
    kinds = (
        f'"{kind}": [{"".join(f"\n  {json.dumps(item)}," for item in items)[:-1]}]' for kind, items in found.items()
    )
    return "{\n " + ",\n ".join(kinds) + "\n}\n"


@EVERY_CASE
def test_a_sample_says_what_is_expected(tool: Tool, case: Path, *, update_samples: bool) -> None:
    found = read(tool, case, reading.whole)
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
def test_a_sample_says_the_same_in_portions(tool: Tool, case: Path, way: Way) -> None:
    assert read(tool, case, way) == read(tool, case, reading.whole)


def test_each_tool_has_samples() -> None:
    assert {tool.name for tool, _ in CASES} == {tool.name for tool in TOOLS}
