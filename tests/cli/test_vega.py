"""The script of the charts: made once by a process of its own, and found again."""

import sys
from pathlib import Path

import pytest

from tallystick.cli.vega import Script
from tallystick.errors import Unavailable

COUNTS = "import sys; open(sys.argv[1], 'a').write('x'); print('drawn')"


def made_by(code: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code, *arguments)


def test_it_is_made_once_for_all_who_ask_and_kept_for_the_next_server(tmp_path: Path) -> None:
    counts = tmp_path / "counts"
    script = Script(str(tmp_path / "cache"), made_by(COUNTS, str(counts)))
    assert [future.result(20) for future in [script() for _ in range(4)]] == [b"drawn\n"] * 4
    assert Script(str(tmp_path / "cache"), made_by("raise SystemExit(1)"))().result(20) == b"drawn\n"
    assert counts.read_text() == "x"
    assert [path.name.startswith("vega-") for path in (tmp_path / "cache").iterdir()] == [True]


def test_who_asks_does_not_wait_and_cannot_call_it_off_for_others(tmp_path: Path) -> None:
    script = Script(str(tmp_path), made_by("import time; time.sleep(0.5); print('drawn')"))
    first = script()
    assert not first.done()
    assert not first.cancel()
    assert script() is first
    assert first.result(20) == b"drawn\n"


def test_a_folder_that_cannot_be_written_is_no_reason_to_do_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Script(str(tmp_path / "file" / "cache"), made_by("print('drawn')"))().result(20) == b"drawn\n"


@pytest.mark.parametrize(
    "command, words",
    [
        (("/nowhere/python",), "could not be made"),
        (made_by("raise SystemExit('tally: no room')"), "tally: no room"),
        (made_by("pass"), "no reason told"),
    ],
)
def test_what_goes_wrong_is_told_and_tried_again(tmp_path: Path, command: tuple[str, ...], words: str) -> None:
    script = Script(str(tmp_path), command)
    for _ in range(2):
        with pytest.raises(Unavailable, match=words):
            script().result(20)
    assert not list(tmp_path.iterdir())


def test_the_real_one_is_what_draws_charts(tmp_path: Path) -> None:
    assert b"window.vegaEmbed" in Script(str(tmp_path))().result(60)
