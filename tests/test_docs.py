"""What the documents say is what the program does: tools' blind spots, keys, exit codes, commands, links."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tallystick.answers.as_json import SCHEMA as REPORT_SCHEMA
from tallystick.answers.calls import Calls
from tallystick.answers.compare import Comparison
from tallystick.answers.energy import Energy
from tallystick.answers.events import Event, Page
from tallystick.answers.price_card import SCHEMA as PRICE_SCHEMA
from tallystick.answers.punchcard import Punchcard
from tallystick.answers.report import KEYS, MEASURES
from tallystick.answers.reports import REPORTS
from tallystick.answers.timeline import Timeline
from tallystick.answers.year import Year
from tallystick.cli import CODES
from tallystick.cli.config import SCHEMA as CONFIG_SCHEMA
from tallystick.cli.tree import COMMANDS, HIDDEN
from tallystick.faces.text.health import SCHEMA as HEALTH_SCHEMA
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import Tool
from tallystick.tools.unusable import UNUSABLE

CHECKOUT = Path(__file__).resolve().parent.parent
DOCS = CHECKOUT / "docs"
TEXTS = (CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md")))
EVERY_TEXT = pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
EVERY_TOOL = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)


class Asked(dict[str, str]):
    """An empty environment that remembers which variables it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as Mapping has it
        """Note the name, and have no value for it."""
        self.names[name] = None
        return default


def told(mark: str, wanted: str, *, write: bool) -> None:
    """Assert that docs/tools.md holds a text between a mark and the next end, or put it there."""
    path = DOCS / "tools.md"
    text = path.read_text()
    begin, end = f"<!-- {mark} -->\n", "<!-- end -->"
    assert text.count(begin) == 1, f"docs/tools.md has no place for {mark}"
    head, _, rest = text.partition(begin)
    now, _, tail = rest.partition(end)
    if write:
        path.write_text(head + begin + wanted + end + tail)
    else:
        assert now == wanted, "run pytest with --update-samples"


def code(texts: Iterable[str]) -> str:
    """Return texts as code, one below the other in one cell of a table."""
    return "<br>".join(f"`{text}`" for text in texts)


def takes_several(tool: Tool, variable: str) -> bool:
    """Tell whether a variable may name several folders."""
    found = [root.path for root in tool.roots("~", {variable: "/one, /two"})]
    return all(any(f"{path}/".startswith(f"{folder}/") for path in found) for folder in ("/one", "/two"))


def row(tool: Tool) -> str:
    """Return a tool's row of the table of places."""
    asked = Asked()
    paths = list(dict.fromkeys(root.path for root in tool.roots("~", asked)))
    mac = [path for path in paths if path.startswith("~/Library/")]
    windows = [path for path in paths if path.startswith("~/AppData/")]
    everywhere = [path for path in paths if path not in (*mac, *windows)]
    variables = "<br>".join(f"`{name}`{' *(list)*' * takes_several(tool, name)}" for name in asked.names)
    cells = (tool.title, f"`{tool.name}`", code(everywhere), code(mac), code(windows), variables, tool.counts)
    return f"| {' | '.join(cells)} |\n"


def test_the_places_of_each_tool_are_told(*, update_samples: bool) -> None:
    head = "| tool | name | everywhere | macOS besides | Windows besides | variables | counts |\n|---|---|---|---|---|---|---|\n"
    told("places", head + "".join(row(tool) for tool in TOOLS), write=update_samples)


@EVERY_TOOL
def test_the_blind_spots_of_each_tool_are_told(tool: Tool, *, update_samples: bool) -> None:
    path = DOCS / "tools.md"
    mark = f"blind spots of {tool.name}"
    if update_samples and f"<!-- {mark} -->" not in path.read_text():
        section = f"## {tool.title}\n\n**Never in the logs,** and therefore in no figure here:\n\n<!-- {mark} -->\n<!-- end -->\n\n"
        path.write_text(
            path.read_text().replace("## Tools that are not counted\n", section + "## Tools that are not counted\n")
        )
    told(mark, "".join(f"- {spot}\n" for spot in tool.blind_spots), write=update_samples)


def test_the_tools_that_cannot_be_counted_are_told(*, update_samples: bool) -> None:
    unread = [tool.title for tool in UNUSABLE if tool.keeps_counts]
    told("not read yet", f"{', '.join(unread)}.\n", write=update_samples)
    rows = "".join(f"| {tool.title} | {tool.why} | {tool.instead} |\n" for tool in UNUSABLE if not tool.keeps_counts)
    told("without counts", f"| tool | why | what would count it |\n|---|---|---|\n{rows}", write=update_samples)


def test_the_readme_names_every_tool() -> None:
    text = (CHECKOUT / "README.md").read_text()
    assert all(tool.title in text for tool in TOOLS)
    assert f"| tools that are read | {len(TOOLS)} |" in text


def test_the_keys_of_reports_are_told() -> None:
    text = (DOCS / "json.md").read_text()
    for key in (*KEYS, *MEASURES):
        assert re.search(rf"\b{key}\b", text), key


CLOSER_SCHEMAS = [
    answer._field_defaults["schema"] for answer in (Page, Event, Timeline, Calls, Comparison, Punchcard, Year, Energy)
]


def test_the_details_of_reports_are_told() -> None:
    text = (DOCS / "json.md").read_text()
    for name in (name for report in REPORTS for name in report.details):
        assert re.search(rf"\b{name}\b", text), name


@pytest.mark.parametrize("schema", [*CLOSER_SCHEMAS, REPORT_SCHEMA, HEALTH_SCHEMA, PRICE_SCHEMA, CONFIG_SCHEMA])
def test_each_schema_is_told(schema: str) -> None:
    assert f"`{schema}`" in (DOCS / "json.md").read_text()


def test_the_exit_codes_are_told() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", (DOCS / "json.md").read_text(), re.MULTILINE)}
    assert {0, 1, 10, *(code for _, code in CODES)} == told


@EVERY_TEXT
def test_every_command_that_is_named_is_there(path: Path) -> None:
    # In code: behind a prompt's place at the beginning of a line, or within backquotes.
    named = re.findall(r"(?:^|`)tally ([a-z]+)", path.read_text(), re.MULTILINE)
    assert {name for name in named if name not in COMMANDS and name not in HIDDEN} == set()


@EVERY_TEXT
def test_every_link_within_the_checkout_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_the_picture_is_marked_as_made_up() -> None:
    assert "Demo&#160;data:&#160;made&#160;up" in (DOCS / "overview.svg").read_text()
