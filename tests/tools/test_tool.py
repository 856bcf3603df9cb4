"""What every tool's value and every reader's findings have in common."""

import pytest

from tallystick.tools.shelf import TOOLS
from tallystick.tools.tool import MOST_SKIPPED, Found, Root, Tool
from tallystick.usage.event import Skipped

EVERY_TOOL = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)


def test_a_find_begins_with_nothing() -> None:
    assert [getattr(Found(), name) for name in ("events", "prompts", "calls", "limits", "titles", "skipped")] == [
        []
    ] * 6
    assert Found().skipped_more == 0


def test_what_was_skipped_is_named_up_to_a_number_and_counted_beyond() -> None:
    found = Found()
    for offset in range(MOST_SKIPPED + 5):
        found.skip(offset, "not JSON")
    assert found.skipped == [Skipped(offset, "not JSON") for offset in range(MOST_SKIPPED)]
    assert found.skipped_more == 5


def test_two_readers_do_not_share_what_they_found() -> None:
    one, other = Found(), Found()
    one.skip(0, "not JSON")
    assert other.skipped == []


def test_a_root_holds_plain_logs_unless_it_says_more() -> None:
    assert Root("/home/dev/logs") == Root("/home/dev/logs", (".jsonl",), (), "")


def test_tools_have_names_of_their_own() -> None:
    assert len({tool.name for tool in TOOLS}) == len({tool.title for tool in TOOLS}) == len(TOOLS)


@EVERY_TOOL
def test_a_name_is_one_word_for_all_its_uses(tool: Tool) -> None:
    assert tool.name.replace("-", "").isalnum()
    assert tool.name == tool.name.lower()


@EVERY_TOOL
def test_places_lie_under_home_and_follow_it(tool: Tool) -> None:
    here, there = tool.roots("/home/dev", {}), tool.roots("/home/u", {})
    assert here
    assert [root.path.replace("/home/dev", "/home/u") for root in here] == [root.path for root in there]
    assert all(root.path.startswith("/home/dev/") and not root.path.endswith("/") for root in here)
    assert len(set(here)) == len(here)


@EVERY_TOOL
def test_a_reader_that_reads_nothing_finds_nothing_and_can_be_gone_on_from(tool: Tool) -> None:
    reader = tool.reader("/home/dev/logs/a.jsonl", {})
    if hasattr(reader, "feed"):
        reader.feed(b"", 0, 0, 0)
    found, state = reader.finish()
    assert not any(getattr(found, name) for name in Found.__slots__)
    again, state_again = tool.reader("/home/dev/logs/a.jsonl", state).finish()
    assert not any(getattr(again, name) for name in Found.__slots__)
    assert state_again == state


@EVERY_TOOL
def test_blind_spots_are_sentences(tool: Tool) -> None:
    assert tool.blind_spots
    assert all(spot[0].isupper() and spot.endswith(".") for spot in tool.blind_spots)
