"""Streams of lines, and whole texts."""

from tests.providers.sampling import cuts

from tallystick.providers.lines import Document, Lines

STREAM = b'{"a":1}\n\n{"usage":1}\r\n{"usage":2}'


def read(*pieces: bytes) -> list[bytes]:
    lines = Lines(lambda line: b"usage" in line)
    return [line for piece in pieces for line in lines.feed(piece)] + lines.end()


def test_lines_that_matter_come_wherever_the_stream_is_cut() -> None:
    for pieces in cuts(STREAM):
        assert read(*pieces) == [b'{"usage":1}\r', b'{"usage":2}']


def test_a_text_comes_when_it_has_ended() -> None:
    document = Document()
    assert document.feed(b'{"a"') == []
    assert document.feed(b":1}") == []
    assert document.end() == [b'{"a":1}']
    assert Document().end() == []
