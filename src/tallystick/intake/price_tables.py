"""Price tables: fetched from those who publish them or read from a file, judged, and put in the place of the old book."""

import os
from time import monotonic
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from tallystick.errors import Misused, NotFound, Unavailable

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

PUBLISHED: Final = (
    (
        "genai-prices",
        "https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/data.json",
    ),
    ("LiteLLM", "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"),
)
"""Who publishes prices, and where: version 2 of the data of genai-prices, and LiteLLM's table."""

BYTES_MOST: Final = 32 << 20
"""Both tables have about 2 MiB; what is longer than this is something else."""
_SILENCE_S: Final = 10.0
"""How long a server may say nothing."""
_SECONDS_MOST: Final = 60.0
"""How long a table may take in all, so that one that drips does not hold anybody up."""
_PIECE: Final = 1 << 16
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_DAY_MS: Final = 86_400_000


class Update(NamedTuple):
    """What became of one price table."""

    origin: str
    """The file or address that it came from."""
    refused: str = ""
    """Why it was refused, so that the old prices stay; empty when it was taken."""
    notes: tuple[str, ...] = ()
    """What changed."""


def from_file(path: str) -> bytes:
    """Return the content of a file with a price table; raise `NotFound` when there is none that can be read."""
    try:
        if os.path.getsize(path) > BYTES_MOST:
            raise Misused(f"{path} is larger than {BYTES_MOST >> 20} MiB: it is no price table.")
        with open(path, "rb") as file:
            return file.read(BYTES_MOST)
    except OSError as error:
        raise NotFound(f"{path} cannot be read ({_reason(error)}). Give the path of a price table.") from None


def fetched(url: str) -> bytes:
    """Return what an https address holds; raise `Unavailable` when it cannot be had, `Misused` when it is no such address."""
    if not _trusted(url):
        raise Misused(f"{url} is not fetched: give an address that begins with https://.")
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import Request

    try:
        with _opener().open(Request(url, headers={"User-Agent": "tallystick"}), timeout=_SILENCE_S) as answer:  # noqa: S310  _trusted
            return _received(answer)
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, HTTPError):
            error.close()
        raise Unavailable(
            f"{url} cannot be fetched ({_reason(error)}). The prices stay as they are; "
            "try again later, or `tally prices update --from FILE` with a table that you have."
        ) from None


def replace(data: bytes, origin: str, as_of: str, current: bytes, target: str) -> Update:
    """Judge a price table beside the current book and, unless it is refused, store the book with it in at a path.

    `as_of` is the date of today, as 2026-11-22.
    """
    from tallystick.prices.update import judge

    judged = judge(data, current, as_of)
    if judged.reason:
        return Update(origin, judged.reason)
    store(judged.book, target)
    return Update(origin, "", judged.notes)


def store(book: bytes, path: str) -> None:
    """Put a book in its place whole, so that a reader sees the old one or the new one, also after a power cut."""
    part = f"{path}.part{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        with open(part, "wb") as file:
            file.write(book)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise Unavailable(
            f"The prices cannot be stored as {path} ({_reason(error)}). Make room there, or give yourself the right to write."
        ) from None


def due(note: str, now: int) -> bool:
    """Tell whether the last attempt at fetching is a day old or more; `note` is the file that remembers it, `now` in milliseconds."""
    try:
        last = os.stat(note).st_mtime_ns // 1_000_000
    except OSError:
        return True
    # A moment far in the future is a clock that was wrong then, or is now.
    return not -_DAY_MS < now - last < _DAY_MS


def attempted(note: str, now: int) -> bool:
    """Remember an attempt that begins now; tell False where that cannot be remembered, so that there must be none."""
    try:
        os.makedirs(os.path.dirname(note), mode=0o700, exist_ok=True)
        with open(note, "ab"):
            os.utime(note, ns=(now * 1_000_000, now * 1_000_000))
    except OSError:
        return False
    return True


def _opener() -> "OpenerDirector":
    from urllib.request import HTTPRedirectHandler, build_opener

    class _Guarded(HTTPRedirectHandler):
        """Follows redirects, but never away from https."""

        def redirect_request(self, *request: Any) -> Any:  # noqa: ANN401  as the standard library calls it, the new address last
            if not _trusted(request[-1]):
                raise ValueError(f"it leads to {request[-1]}, which is not https")
            return super().redirect_request(*request)

    return build_opener(_Guarded)


def _trusted(url: str) -> bool:
    """Tell whether an address may be asked: https, or this machine itself."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


def _received(answer: IO[bytes]) -> bytes:
    ends, parts, size = monotonic() + _SECONDS_MOST, [], 0
    while piece := answer.read(_PIECE):
        parts.append(piece)
        size += len(piece)
        if size > BYTES_MOST:
            raise ValueError(f"it is longer than {BYTES_MOST >> 20} MiB")
        if monotonic() > ends:
            raise ValueError(f"it takes longer than {_SECONDS_MOST:.0f} seconds")
    if not size:
        raise ValueError("it is empty")
    return b"".join(parts)


def _reason(error: Exception) -> str:
    """Return what went wrong, as one says it in parentheses."""
    within = getattr(error, "reason", None)
    if isinstance(within, OSError):
        error = within
    text = getattr(error, "strerror", None) or str(within or error) or type(error).__name__
    code = getattr(error, "code", None)
    return f"HTTP {code}, {text.lower()}" if isinstance(code, int) else text[:1].lower() + text[1:]
