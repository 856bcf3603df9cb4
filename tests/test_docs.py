"""What the documents say is what the program does: tools' blind spots, keys, exit codes, commands, links."""

import re
from pathlib import Path

import pytest

from tallystick.answers.report import KEYS, MEASURES
from tallystick.cli import CODES
from tallystick.cli.config import SCHEMA as CONFIG_SCHEMA
from tallystick.cli.tree import COMMANDS
from tallystick.faces.text.as_json import SCHEMA as REPORT_SCHEMA
from tallystick.faces.text.health import SCHEMA as HEALTH_SCHEMA
from tallystick.faces.text.price_card import SCHEMA as PRICE_SCHEMA
from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import Tool

CHECKOUT = Path(__file__).resolve().parent.parent
DOCS = CHECKOUT / "docs"
TEXTS = (CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md")))
EVERY_TEXT = pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
EVERY_TOOL = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)


@EVERY_TOOL
def test_the_blind_spots_of_each_tool_are_told(tool: Tool, *, update_samples: bool) -> None:
    text = (DOCS / "tools.md").read_text()
    begin, end = f"<!-- blind spots of {tool.name} -->\n", "<!-- end -->"
    assert text.count(begin) == 1
    head, _, rest = text.partition(begin)
    told, _, tail = rest.partition(end)
    wanted = "".join(f"- {spot}\n" for spot in tool.blind_spots)
    if update_samples:
        (DOCS / "tools.md").write_text(head + begin + wanted + end + tail)
    else:
        assert told == wanted, "run pytest with --update-samples"


@EVERY_TOOL
def test_the_places_of_each_tool_are_told(tool: Tool) -> None:
    section = (DOCS / "tools.md").read_text().partition(f"## {tool.title}\n")[2].partition("\n## ")[0]
    for root in tool.roots("~", {}):
        folder, _, name = root.path.rpartition("/")
        assert f"`{folder}`" in section, root.path
        assert name in section or "Claude" in folder, root.path
        for suffix in root.suffixes:
            assert suffix in section


def test_the_keys_of_reports_are_told() -> None:
    text = (DOCS / "json.md").read_text()
    for key in (*KEYS, *MEASURES):
        assert re.search(rf"\b{key}\b", text), key


@pytest.mark.parametrize("schema", [REPORT_SCHEMA, HEALTH_SCHEMA, PRICE_SCHEMA, CONFIG_SCHEMA])
def test_each_schema_is_told(schema: str) -> None:
    assert f"`{schema}`" in (DOCS / "json.md").read_text()


def test_the_exit_codes_are_told() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", (DOCS / "json.md").read_text(), re.MULTILINE)}
    assert {0, 1, 10, *(code for _, code in CODES)} == told


@EVERY_TEXT
def test_every_command_that_is_named_is_there(path: Path) -> None:
    # In code: behind a prompt's place at the beginning of a line, or within backquotes.
    named = re.findall(r"(?:^|`)tally ([a-z]+)", path.read_text(), re.MULTILINE)
    assert {name for name in named if name not in COMMANDS} == set()


@EVERY_TEXT
def test_every_link_within_the_checkout_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_the_picture_is_marked_as_made_up() -> None:
    assert "Demo&#160;data:&#160;made&#160;up" in (DOCS / "overview.svg").read_text()
