"""The inbox: small files into which a program that must not wait puts lines, to be read with the logs (`<data>/inbox/limits`).

A status line runs at every turn: it imports nothing but `os` for this, writes once and goes. One file a day and one
write a line keep many at once apart; what is too much is left out, for a figure of a moment ago is worth little.
"""

import os

BYTES_MOST = 1 << 20
"""A day's file grows no further."""
LINE_MOST = 4_000
"""Bytes of a line: shorter ones are written whole or not at all, whoever else writes."""
_FILES_MOST = 31
_DAY_MS = 86_400_000


def append(folder: str, lines: "list[str]", now: int) -> bool:
    """Put lines of JSON, each in ASCII and without its end, into today's file; tell whether that was done. It never raises.

    `now` is in milliseconds since 1970.
    """
    data = "".join(f"{line}\n" for line in lines if len(line) < LINE_MOST and "\n" not in line)
    path = os.path.join(folder, f"{now // _DAY_MS}.jsonl")
    flags = os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        text = data.encode("ascii")
        try:
            file = os.open(path, flags)
        except FileNotFoundError:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            _make_room(folder)
            file = os.open(path, flags | os.O_CREAT, 0o600)
        try:
            return bool(text) and os.fstat(file).st_size + len(text) <= BYTES_MOST and os.write(file, text) == len(text)
        finally:
            os.close(file)
    except (OSError, ValueError):
        return False


def _make_room(folder: str) -> None:
    """Remove the oldest files where nobody has read them for a month."""
    names = sorted(name for name in os.listdir(folder) if name.endswith(".jsonl"))
    for name in names[: max(len(names) - _FILES_MOST + 1, 0)]:
        os.remove(os.path.join(folder, name))
