"""Server-sent events: any line ends, any cuts, lines of megabytes, and no more memory than allowed."""

from hypothesis import given
from hypothesis import strategies as st
from tests.providers.sampling import cuts

from tallystick.providers.held import MOST
from tallystick.providers.sse import Events

ODD = (
    b"\xef\xbb\xbf: a comment\r\n\r\nevent: x\r\ndata: one\r\ndata:two\r\n\r\nid: 5\n\ndata\n\n"
    b"data:  three\n\ndata: four\r\rdata: five\r\n\ndatum: no\n\ndata: six"
)
READ = [b"one\ntwo", b" three", b"four", b"five", b"six"]


def read(*pieces: bytes) -> list[bytes]:
    events = Events(lambda _: True)
    return [data for piece in pieces for data in events.feed(piece)] + events.end()


def test_lines_end_in_three_ways_and_data_may_have_several() -> None:
    assert read(ODD) == READ


def test_it_reads_the_same_wherever_it_is_cut() -> None:
    for pieces in cuts(ODD):
        assert read(*pieces) == READ
    assert read(*(ODD[place : place + 1] for place in range(len(ODD)))) == READ


def test_what_does_not_matter_is_passed_over_also_where_a_whole_piece_does_not() -> None:
    events = Events(lambda data: b"usage" in data)
    assert events.feed(b"data: a\n\ndata: b\n\n") == []
    assert events.feed(b"data: usage\n\ndata: c\n\n") == [b"usage"]
    assert events.feed(b"data: us") == []
    assert events.feed(b"age\n\n") == [b"usage"]


def test_a_line_of_several_megabytes_comes_whole() -> None:
    line = b'{"long":"' + b"x" * (5 * 2**20) + b'"}'
    stream = b"data: " + line + b"\n\n"
    assert read(*(stream[place : place + 40_000] for place in range(0, len(stream), 40_000))) == [line]


def test_of_a_longer_line_beginning_and_end_come() -> None:
    events = Events(lambda _: True)
    events.feed(b"data: begins")
    for _ in range(20):
        events.feed(bytes(2**20))
    (kept,) = events.feed(b"ends\n\n")
    assert len(kept) <= MOST
    assert (kept[:6], kept[-4:]) == (b"begins", b"ends")


def test_an_event_of_endless_lines_does_not_fill_the_memory() -> None:
    events = Events(lambda _: True)
    for _ in range(80):
        events.feed(b"data: " + bytes(2**20) + b"\n")
        assert sum(map(len, events._data)) <= 2 * MOST
    assert len(events.feed(b"data: last\n\n")[0]) <= 2 * MOST


def test_an_event_of_endless_empty_lines_does_not_fill_the_memory() -> None:
    events = Events(lambda _: True)
    for _ in range(10):
        events.feed(b"data:\n" * 10_000)
        assert len(events._data) <= 2 * MOST // 1024


@given(
    st.lists(st.sampled_from([b"data: a", b"data:b", b":", b"", b"\r", b"event: e"])),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
)
def test_any_lines_read_the_same_byte_by_byte(lines: list[bytes], end: bytes) -> None:
    stream = end.join(lines) + end
    assert read(stream) == read(*(stream[place : place + 1] for place in range(len(stream))))
