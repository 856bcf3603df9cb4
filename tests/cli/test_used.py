"""What a run used: its own lines only, each call once, with sums and costs worked out by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.answers.stand import BOOK

from tallystick.cli.used import Sums, Used, sentence
from tallystick.usage.tokens import Tokens

TOKEN = "t0123456789abcdef01234567"
LINE = {
    "v": 1,
    "at": 1_795_311_238_794,
    "provider": "anthropic",
    "model": "claude-opus-4-1-20250805",
    "id": "msg_1",
    "outcome": "done",
    "tokens": [42, 5_156, 0, 0, 245, 0],
    "tier": "",
    "speed": "",
    "geo": "",
    "searches": 0,
    "part": 0,
    "kind": "",
    "nonce": "0",
    "run": TOKEN,
}
"""42 x 15 + 5 156 x 1.5 + 245 x 75 = 26 739 millionths of a dollar."""
NOBODY = 9
"""A port at which nothing answers."""


def used(folder: Path, *lines: Any, begun: str = "") -> Sums:  # noqa: ANN401  whatever JSON has
    """Return what a run used that spooled these lines after what there was before it began."""
    file = folder / "1795311238000-7.jsonl"
    file.write_text(begun)
    found = Used(str(folder), TOKEN)
    with file.open("a") as spool:
        spool.writelines(json.dumps(line) + "\n" for line in lines)
    found.settle(NOBODY)
    return found.sums(lambda: BOOK)


def test_calls_are_summed_and_priced(tmp_path: Path) -> None:
    found = used(tmp_path, LINE, {**LINE, "id": "msg_2", "tokens": [8, 0, 100, 0, 5, 0], "searches": 1})
    # 8 x 15 + 100 x 18.75 + 5 x 75 = 2 370, and a search for a cent.
    assert found == Sums(2, Tokens(50, 5_156, 100, 0, 250, 0), (26_739 + 2_370 + 10_000) * 10**6)
    # 5 156 of 5 306.
    assert sentence(found) == "2 calls, 5,556 tokens, $0.0391, 97% of the input from caches."


def test_only_its_own_lines_count_from_when_it_began_on(tmp_path: Path) -> None:
    before = json.dumps({**LINE, "id": "msg_0"}) + "\n"
    (tmp_path / "notes.txt").write_text(before)
    (tmp_path / "1795311237000-6.jsonl").write_text(before)
    others = (
        {**LINE, "id": "msg_8", "run": "t9"},
        {**LINE, "id": "msg_9", "project": TOKEN, "run": ""},
        {"v": 1, "note": {"run": TOKEN}},
        [TOKEN],
        TOKEN,
    )
    assert used(tmp_path, *others, LINE, begun=before).calls == 1
    assert used(tmp_path, begun=before) == Sums()
    assert sentence(Sums()) == ""


def test_a_call_that_is_told_twice_counts_once_and_its_parts_each(tmp_path: Path) -> None:
    retrieved = {**LINE, "kind": "retrieval"}
    part = {**LINE, "part": 1, "kind": "compaction"}
    without = [{**LINE, "id": "", "nonce": nonce} for nonce in ("a", "b")]
    assert used(tmp_path, LINE, LINE, retrieved, part, *without).calls == 4


def test_what_was_no_call_is_told_besides(tmp_path: Path) -> None:
    nothing = [0] * 6
    lines = (
        {**LINE, "outcome": "cut"},
        {**LINE, "id": "", "outcome": "failed", "tokens": nothing, "nonce": "1"},
        {**LINE, "id": "", "outcome": "failed", "tokens": nothing, "nonce": "2"},
        {**LINE, "id": "msg_2", "outcome": "missing", "tokens": nothing},
        {**LINE, "id": "", "outcome": "cut", "tokens": nothing, "nonce": "3"},
        {**LINE, "id": "msg_3", "outcome": "prewarm"},
        {**LINE, "id": "msg_4", "kind": "refusal", "tokens": nothing},
    )
    found = used(tmp_path, *lines)
    assert (found.calls, found.cut, found.failed, found.unknown) == (1, 1, 2, 2)
    assert sentence(found).endswith(" Besides, 2 failed and of 2 nothing was told.")
    assert sentence(found).startswith("1 call (1 cut off), 5,443 tokens, $0.0267,")
    assert sentence(Sums(failed=1)) == "No call was counted. Besides, 1 failed."


@pytest.mark.parametrize(
    "sums, words",
    [
        (Sums(1, Tokens(10, 0, 0, 0, 5), 0, 15), "1 call, 15 tokens, no known price, 0% of the input from caches."),
        (
            Sums(2, Tokens(10, 10, 0, 0, 5), 12_345_678_901_234, 5),
            "2 calls, 25 tokens, $12.3457 and 5 tokens without a price, 50% of the input from caches.",
        ),
        (Sums(1, Tokens(1), 10**7), "1 call, 1 tokens, <$0.0001, 0% of the input from caches."),
        (Sums(1), "1 call, 0 tokens, $0.00."),
    ],
)
def test_the_sentence(sums: Sums, words: str) -> None:
    assert sentence(sums) == words


def test_torn_lines_and_files_that_go_do_no_harm(tmp_path: Path) -> None:
    found = Used(str(tmp_path / "spool"), TOKEN)
    found.settle(NOBODY)
    assert found.sums(lambda: BOOK) == Sums()
    (tmp_path / "spool").mkdir()
    file = tmp_path / "spool" / "1-1.jsonl"
    text = json.dumps(LINE)
    file.write_text(text[:50])
    found.settle(NOBODY)
    assert found.sums(lambda: BOOK).calls == 0
    with file.open("a") as spool:
        spool.write(text[50:] + "\n" + text.replace("msg_1", "msg_2"))
    found.settle(NOBODY)
    assert found.sums(lambda: BOOK).calls == 1
    file.unlink()
    (tmp_path / "spool" / "2-1.jsonl").write_text("é\n" + text.replace("msg_1", "msg_3") + "\n")
    found.settle(NOBODY)
    assert found.sums(lambda: BOOK).calls == 2
