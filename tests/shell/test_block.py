"""A block is put in once and taken out without leaving a byte, whatever is in the file."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tallystick.errors import Unavailable
from tallystick.shell.block import holds, put, taken_out

LINES = st.lists(
    st.sampled_from(["", "a", "export X=1", "# >>> tally", "é", "\ufeff", "\udc80", "\x0b", "\u2028", "\r"])
)
FILES = st.one_of(
    st.binary(),
    st.builds(
        lambda lines, ending, last: (ending.join(lines) + last).encode("utf-8", "surrogateescape"),
        LINES,
        st.sampled_from(["\n", "\r\n", "\r"]),
        st.sampled_from(["", "\n", "\r\n", "\r"]),
    ),
    st.text().map(lambda text: b"\xff\xfe" + text.encode("utf-16-le", "surrogatepass")),
)
BODIES = st.sampled_from([". x", "A=1\nB=2\n", "KEY='é'"])


def is_broken(content: bytes) -> bool:
    """Tell whether a file begins as UTF-16 and has half a sign too much."""
    return content.startswith(b"\xff\xfe") and len(content) % 2 == 1


@given(FILES, BODIES)
@example(b"", "x")
@example(b"a\r", "x")
@example(b"a\r\n", "x")
@example(b"a\r\nb", "x")
@example(b"\xff\xfe", "x")
@example(b"\xff\xfea\x00", "x")
def test_what_is_taken_out_again_leaves_the_file_as_it_was(content: bytes, body: str) -> None:
    assume(not is_broken(content))
    with_block = put(content, body)
    assert holds(with_block)
    assert taken_out(with_block) == content
    # Once more changes nothing, another body takes its place, and it is as if it had come first.
    assert put(with_block, body) == with_block
    other = put(with_block, "other\nlines")
    assert put(other, body) == with_block
    assert taken_out(other) == content


@given(BODIES)
def test_a_file_that_was_made_for_it_goes_with_it(body: str) -> None:
    made = put(None, body)
    assert taken_out(made) is None
    assert taken_out(b"first\n" + made) == b"first\n"
    assert taken_out(made + b"last") == b"last"


@given(FILES, BODIES)
def test_what_was_added_behind_it_stays_on_lines_of_its_own(content: bytes, body: str) -> None:
    if content.startswith(b"\xff\xfe"):
        return
    left = taken_out(put(content, body) + b"more\n")
    assert left is not None
    assert left.endswith(b"more\n")
    assert left in {content + b"more\n", content + b"\nmore\n", content + b"\r\nmore\n"}


def test_it_is_written_as_the_file_is() -> None:
    assert put(b"a\n", "x\ny") == b"a\n# >>> tallystick >>>\nx\ny\n# <<< tallystick <<<\n"
    assert put(b"a\r\n", "x") == b"a\r\n# >>> tallystick >>>\r\nx\r\n# <<< tallystick <<<\r\n"
    assert put(b"a", "x") == b"a\n# >>> tallystick >>> the line above had no end\nx\n# <<< tallystick <<<\n"
    assert put(None, "x") == b"# >>> tallystick >>> this file was made for it\nx\n# <<< tallystick <<<\n"
    sixteen = put("\ufeffa\r\n".encode("utf-16-le"), "x").decode("utf-16-le")
    assert sixteen == "\ufeffa\r\n# >>> tallystick >>>\r\nx\r\n# <<< tallystick <<<\r\n"


def test_one_in_the_middle_stays_where_it_is() -> None:
    before = b"a\n" + put(b"", "old") + b"b"
    assert put(before, "new") == b"a\n" + put(b"", "new") + b"b"
    assert taken_out(before) == b"a\nb"


def test_one_at_the_end_without_an_end_is_taken_out_too() -> None:
    assert taken_out(put(b"a\n", "x").removesuffix(b"\n")) == b"a\n"
    assert put(put(b"a\n", "x").removesuffix(b"\n"), "y") == put(b"a\n", "y").removesuffix(b"\n")


def test_a_mark_within_a_line_is_none() -> None:
    content = b"echo '# >>> tallystick >>>'\n  # <<< tallystick <<<\n"
    assert not holds(content)
    assert taken_out(content) == content
    assert taken_out(put(content, "x")) == content


def test_a_broken_file_is_left_alone() -> None:
    with pytest.raises(Unavailable, match="UTF-16"):
        put(b"\xff\xfea", "x")
    assert taken_out(b"\xff\xfea") == b"\xff\xfea"


def test_a_block_without_an_end_is_left_to_its_owner() -> None:
    broken = b"a\n# >>> tallystick >>>\nx\n"
    for work in (holds, taken_out, lambda content: put(content, "y")):
        with pytest.raises(Unavailable, match="take it out by hand"):
            work(broken)
