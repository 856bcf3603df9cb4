"""A block of our own in a person's file, between two marks: put in once, and taken out so that not a byte is left of it."""

from typing import Final

from tallystick.errors import Unavailable

_BEGIN: Final = "# >>> tallystick >>>"
_END: Final = "# <<< tallystick <<<"
_MADE: Final = " this file was made for it"
_CUT: Final = " the line above had no end"
_UTF_16: Final = ("\ufeff".encode("utf-16-le"), "utf-16-le")
_PLAIN: Final = "utf-8"
_WINDOWS: Final = "\r\n"


def put(content: bytes | None, body: str) -> bytes:
    """Return a file with a block in it: in the place where one stands, else at the end. None is a file that is not there.

    Raises Unavailable where a block begins and does not end, and for what begins as UTF-16 and is not.
    """
    text, coding = _decoded(content or b"")
    if coding == _PLAIN and (content or b"").startswith(_UTF_16[0]):
        raise Unavailable("It begins as UTF-16 and is not: nothing can be put into it.")
    found = _found(text)
    # The block's own ending, if there is one: the line above may end in another way.
    ending = _ending(text if found is None else text[found[0] :])
    body = ending.join(body.rstrip("\n").split("\n"))
    if found is not None:
        begin, end = found
        head = text[begin:].partition("\n")[0].rstrip("\r")
        ours = ending.join((head, body, _END))
        tail = text[begin:end]
        # One that was moved to the very end of a file may have lost the end of its line.
        return _encoded(text[:begin] + ours + (ending if tail.endswith("\n") else "") + text[end:], coding)
    cut = bool(text) and not text.endswith("\n")
    mark = _BEGIN + (_MADE if content is None else "") + (_CUT if cut else "")
    return _encoded(text + (ending if cut else "") + ending.join((mark, body, _END, "")), coding)


def taken_out(content: bytes) -> bytes | None:
    """Return a file without its block; None where nothing is left of a file that was made for it.

    Raises Unavailable where a block begins and does not end.
    """
    text, coding = _decoded(content)
    found = _found(text)
    if found is None:
        return content
    begin, end = found
    head, tail = text[:begin], text[end:]
    mark, newline, _ = text[begin:end].partition("\n")
    if _CUT in mark and not tail:
        # Only what was put there: the line before may end in a return of its own.
        head = head.removesuffix(_WINDOWS if newline and mark.endswith("\r") else "\n")
    if not head and not tail and _MADE in mark:
        return None
    return _encoded(head + tail, coding)


def holds(content: bytes) -> bool:
    """Tell whether there is a block in a file."""
    return _found(_decoded(content)[0]) is not None


def _found(text: str) -> tuple[int, int] | None:
    """Return where a block begins and where what follows it begins."""
    begin = _line(text, _BEGIN, 0)
    if begin < 0:
        return None
    end = _line(text, _END, begin)
    if end < 0:
        raise Unavailable(f"A block begins there with `{_BEGIN}` and does not end: take it out by hand.")
    newline = text.find("\n", end)
    return begin, len(text) if newline < 0 else newline + 1


def _line(text: str, mark: str, start: int) -> int:
    """Return where a line begins with a mark; -1 where none does."""
    place = text.find(mark, start)
    while place > 0 and text[place - 1] != "\n":
        place = text.find(mark, place + 1)
    return place


def _ending(text: str) -> str:
    line, newline, _ = text.partition("\n")
    return _WINDOWS if newline and line.endswith("\r") else "\n"


def _decoded(content: bytes) -> tuple[str, str]:
    """Return a file as text, whatever is in it, with the coding that gives just these bytes again."""
    mark, coding = _UTF_16
    if content.startswith(mark):
        try:
            # Half a sign on its own stays what it is.
            text = content.decode(coding, "surrogatepass")
        except UnicodeDecodeError:
            pass
        else:
            return text, coding
    return content.decode(_PLAIN, "surrogateescape"), _PLAIN


def _encoded(text: str, coding: str) -> bytes:
    return text.encode(coding, "surrogateescape" if coding == _PLAIN else "surrogatepass")
