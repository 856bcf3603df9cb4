"""Layout: what a line's first bytes tell, and that they tell nothing where they are other ones."""

import pytest
from tests.tools.codex.rollouts import NOON, event, item, line, record, usage

from tallystick.tools.codex import layout


def test_the_type_stands_behind_the_time() -> None:
    raw = b"##" + event("token_count")
    assert raw[layout.type_at(raw, 2) :].startswith(layout.EVENT)
    assert layout.ordinal_of(raw, 2, layout.type_at(raw, 2)) == -1


@pytest.mark.parametrize("ordinal", [0, 7, 10, 99_999, 10**18])
def test_the_type_stands_behind_the_ordinal(ordinal: int) -> None:
    raw = item("reasoning", ordinal=ordinal)
    at = layout.type_at(raw, 0)
    assert raw[at:].startswith(layout.ITEM)
    assert layout.ordinal_of(raw, 0, at) == ordinal


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"garbage",
        b'{"type":"event_msg","timestamp":"2026-11-01T12:00:00.000Z","payload":{}}',
        b'{"timestamp":"2026-11-01T12:00:00Z","type":"event_msg","payload":{}}',
        b'{"timestamp":"2026-11-01T12:00:00.000Z","ordinal":-1,"type":"event_msg"}',
        b'{"timestamp":"2026-11-01T12:00:00.000Z","ordinal":1.5,"type":"event_msg"}',
        b'{"timestamp":"2026-11-01T12:00:00.000Z","ordinal":,"type":"event_msg"}',
        b'{"timestamp":"2026-11-01T12:00:00.000Z", "type":"event_msg"}',
        b'{"timestamp":"2026-11-01T12:00:00.000Z","ordinal":' + b"1" * 30 + b',"type":"event_msg"}',
    ],
)
def test_another_beginning_tells_nothing(raw: bytes) -> None:
    assert layout.type_at(raw, 0) == -1


def test_letters_stand_where_they_are_looked_for() -> None:
    raw = event("token_count")
    at = layout.type_at(raw, 0)
    assert raw[at + layout.LETTER : at + layout.LETTER + 1] == b"e"
    assert raw[at + layout.EVENT_LETTER : at + layout.EVENT_LETTER + 1] == b"o"
    raw = item("reasoning")
    at = layout.type_at(raw, 0)
    assert raw[at + layout.ITEM_LETTER : at + layout.ITEM_LETTER + 1] == b"r"
    raw = record("resp_1", usage(1))
    assert raw[layout.type_at(raw, 0) :].startswith(layout.RECORD)


def test_the_time_is_told_in_milliseconds() -> None:
    assert layout.time_or_none(line("compacted", {}, NOON + 123), 0) == NOON + 123
    assert layout.time_or_none(bytearray(b"#" + line("compacted", {})), 1) == NOON


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b'{"timestamp":"2026-13-01T12:00:00.000Z","type":"compacted"}',
        b'{"timestamp":"2026-11-01T12:00:00.000+","type":"compacted"}',
        b'{"timestamp":"\xff026-11-01T12:00:00.000Z","type":"compacted"}',
        b'{"created_at":"2026-11-01T12:00:00.000Z","type":"compacted"}',
    ],
)
def test_no_time_is_none(raw: bytes) -> None:
    assert layout.time_or_none(bytearray(line("compacted", {}).replace(b'"2026-', b'"9999-')), 0) == 0
    assert layout.time_or_none(raw, 0) == 0
