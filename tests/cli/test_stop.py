"""What stops somebody: whole, current and about them; and JSON read as the reader of JSON reads it."""

import json
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.cli import stop
from tallystick.cli.caps import UNKNOWN, Cap, State
from tallystick.cli.stop import is_stale, possible, said, stopping

NOW = 1_795_000_000_000
FOO = Cap("1", {"project": ("foo",)}, NOW + 3_600_000, 0, "Foo is used up.")
OPUS = FOO._replace(id="2", where={"project": ("foo",), "model": ("*opus*",)})
STATE = State(NOW, "box", "dev", 2, (FOO,))
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def reads(reader: Callable[[bytes], object], told: bytes) -> bool:
    """Tell whether it is JSON to a reader."""
    try:
        reader(told)
    except ValueError:
        return False
    return True


@given(ANY)
def test_json_is_read_as_json_reads_it(value: object) -> None:
    for text in (json.dumps(value), f" {json.dumps(value, indent=1, ensure_ascii=False)}\n"):
        told = text.encode("utf-8", "replace")
        assert said(told) == json.loads(told)


@pytest.mark.parametrize(
    "told", [b"", b" ", b"{", b"[1,]", b"{}x", b"{} {}", b"nul", b"\xff", b'{"a": 1', b"'a'", b'"\t"', b"\xa0{}"]
)
def test_what_is_no_json_is_told(told: bytes) -> None:
    assert not reads(said, told)
    assert not reads(json.loads, told)
    assert reads(said, b"{}")


def test_where_its_fast_part_is_another_one_it_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for manner in (object, None):
        monkeypatch.setattr(stop, "_Manner", manner)
        assert said(b'{"a": [1, 2.5, "x"]}') == {"a": [1, 2.5, "x"]}


def test_nothing_heavy_is_imported(tmp_path: object) -> None:
    line = (
        "import sys; from tallystick.cli.stop import said, stopping; event = said(b'{}')\n"
        "assert stopping((5, 'box', 'dev', 1, (('1', {'project': ('foo',)}, 9, 0, 'x'),)), {'project': '/srv/foo'}, 5)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True, cwd=str(tmp_path))
    assert not set(done.stdout.split()) & {"json", "re", "typing", "collections", "contextlib", "enum", "functools"}


def test_a_cap_stops_those_whom_its_filter_fits() -> None:
    assert stopping(STATE, {"project": "/srv/foo"}, NOW) == FOO
    assert stopping(STATE, {"project": "/srv/bar"}, NOW) is None
    everything = STATE._replace(caps=(FOO._replace(where={}),))
    assert stopping(everything, {}, NOW)
    ours = STATE._replace(caps=(FOO._replace(where={"machine": ("box",), "user": ("dev",)}),))
    assert stopping(ours, {}, NOW)
    assert stopping(ours._replace(machine="laptop"), {}, NOW) is None
    tagged = STATE._replace(caps=(FOO._replace(where={"tag": ("ticket=X-1",)}),))
    assert stopping(tagged, {"tag": "a=b\nticket=X-1"}, NOW)
    assert stopping(tagged, {"tag": "a=b"}, NOW) is None


def test_what_is_not_known_fits_no_filter() -> None:
    state = STATE._replace(caps=(OPUS,))
    assert stopping(state, {"project": "/srv/foo"}, NOW) is None
    assert stopping(state, {"project": "/srv/foo", "model": "claude-opus-4-1"}, NOW) == OPUS
    assert stopping(state, {"project": "/srv/foo", "model": "claude-haiku"}, NOW) is None
    # Whoever can find out the model is told that it would matter.
    assert possible(state, {"project": "/srv/foo"}, NOW) == [OPUS]
    assert possible(state, {"project": "/srv/bar"}, NOW) == []


def test_a_cap_ends_with_its_period_and_where_a_person_lifts_it() -> None:
    foo = {"project": "foo"}
    assert stopping(STATE._replace(at=FOO.until), foo, FOO.until) is None
    lifted = STATE._replace(caps=(FOO._replace(lifted=NOW + 60_000),))
    assert stopping(lifted, foo, NOW + 59_999) is None
    assert stopping(lifted, foo, NOW + 60_000)


def test_what_nobody_looked_after_stops_nobody() -> None:
    foo = {"project": "foo"}
    assert stopping(None, foo, NOW) is None
    assert stopping(STATE, foo, NOW + 899_999)
    assert stopping(STATE, foo, NOW + 900_000) is None
    assert stopping(STATE, foo, NOW - 3_600_000) is None


def test_it_is_brought_up_to_date_now_and_then_unless_nothing_can_change() -> None:
    assert is_stale(None, NOW)
    assert not is_stale(STATE, NOW + 29_999)
    assert is_stale(STATE, NOW + 30_000)
    assert is_stale(STATE, NOW - 60_000)
    assert not is_stale(STATE._replace(hard=0), NOW + 10**9)
    assert is_stale(STATE._replace(hard=UNKNOWN), NOW + 30_000)
