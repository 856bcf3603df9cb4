"""Asking Anthropic what is used of a plan, with the login that Claude Code keeps on this machine: only where a person wants that.

The login is read when it is needed, sent to Anthropic alone, and kept nowhere; it is never renewed here, since that would end the one
that Claude Code has. The endpoint is not documented and limits how often it is asked (429 with Retry-After): what was said is
good for three minutes at least, and whatever it says of waiting is heeded by every process on this machine.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple, override

from tallystick.intake.inbox import append
from tallystick.intake.push.alone import alone
from tallystick.providers.accounts import pseudonym
from tallystick.tools.claude_code.status_line import FORM
from tallystick.tools.claude_code.usage_endpoint import windows
from tallystick.tools.paths import listed
from tallystick.usage.event import LimitSample

ADDRESS: Final = "https://api.anthropic.com"
VARIABLE: Final = "TALLY_ANTHROPIC_URL"
"""Names another address on this machine, for tests and for a proxy of one's own; a login goes to no other."""
PATH: Final = "/api/oauth/usage"
REST_MS: Final = 180_000
_REFUSED_MS: Final = 900_000
"""After a login was refused, it is not tried again for so long: Claude Code renews it when it is used."""
_LONGEST_MS: Final = 86_400_000
_TIMEOUT_S: Final = 10.0
_ANSWER_MOST: Final = 1 << 20
_FILE_MOST: Final = 32 << 20
_SCOPE: Final = "user:profile"
_HERE: Final = ("127.0.0.1", "::1", "localhost")
_LEAST: Final = 30
"""Characters of a line that tells of a window."""
_OK, _UNAUTHORISED, _FORBIDDEN, _TOO_OFTEN = 200, 401, 403, 429


class Login(NamedTuple):
    """A login as Claude Code keeps it."""

    token: str
    expires: int
    """Milliseconds since 1970, UTC; 0 when that is not said."""
    plan: str
    account: str
    """A pseudonym of the organisation; empty when it is not known."""

    @override
    def __repr__(self) -> str:
        """Return a text without the token, for whoever may log it."""
        return f"Login(plan={self.plan!r}, account={self.account!r})"


class Said(NamedTuple):
    """What came of asking."""

    lines: list[str]
    """For the inbox."""
    rest_ms: int = REST_MS
    """How long nobody may ask again."""
    trouble: str = ""
    """What went wrong, in a sentence; empty when nothing did."""


class Fetched(NamedTuple):
    """What a fetch did."""

    windows: int = 0
    """Figures that came."""
    asked: bool = False
    """Whether anybody was asked: not when that was done a short while ago."""
    again: int = 0
    """From when on it is worth asking again: milliseconds since 1970."""
    trouble: str = ""


def fetch(data: str, home: str, environ: Mapping[str, str], now: int, keychain: Callable[[], bytes] = bytes) -> Fetched:
    """Ask for what is used of every plan that is logged in here, unless that was done a short while ago, and leave it in the inbox.

    `data` is the data folder, `now` milliseconds since 1970; `keychain` returns what the system keeps in place of a file.
    """
    note = os.path.join(data, "limits.asked.json")
    try:
        with alone(f"{note}.lock") as first:
            # Of two who look in the same moment one asks, and how long to wait is noted by that one.
            return _fetched((data, note), home, environ, now, keychain) if first else Fetched(again=now + REST_MS)
    except OSError as error:
        return Fetched(trouble=f"{note} cannot be written ({_reason(error)}): nobody was asked.")


def _fetched(
    places: tuple[str, str], home: str, environ: Mapping[str, str], now: int, keychain: Callable[[], bytes]
) -> Fetched:
    data, note = places
    again = _until(note, now)
    if again > now:
        return Fetched(again=again)
    found = list(logins(home, environ, keychain))
    if not found:
        return Fetched(
            trouble="There is no login of Claude Code on this machine: log in there (`claude`, then /login)."
        )
    # Whoever comes while this one waits for the answer is told to wait, too.
    _note(note, now + REST_MS)
    said = [ask(environ.get(VARIABLE) or ADDRESS, login, now) for login in found]
    again = now + max(each.rest_ms for each in said)
    _note(note, again)
    lines = [line for each in said for line in each.lines]
    if lines and not append(os.path.join(data, "inbox", "limits"), lines, now):
        return Fetched(0, True, again, "What came could not be written into the inbox.")  # noqa: FBT003  a row
    trouble = " ".join(dict.fromkeys(each.trouble for each in said if each.trouble))
    return Fetched(sum(len(line) > _LEAST for line in lines), True, again, trouble)  # noqa: FBT003  a row


def logins(home: str, environ: Mapping[str, str], keychain: Callable[[], bytes] = bytes) -> Iterator[Login]:
    """Yield the logins that Claude Code keeps here, one for each of its config directories."""
    named = listed(environ, "CLAUDE_CONFIG_DIR", home)
    seen: set[str] = set()
    for config in named or [f"{home}/.claude"]:
        said = _json(os.path.join(config, ".credentials.json"))
        if said is None:
            with suppress(ValueError, RecursionError):
                said = json.loads(keychain())
        about = _json(os.path.join(config if named else home, ".claude.json"))
        login = _login(said, about)
        if login is not None and login.token not in seen:
            seen.add(login.token)
            yield login


def _login(said: Any, about: Any) -> Login | None:  # noqa: ANN401  any JSON
    kept = said.get("claudeAiOauth") if isinstance(said, dict) else None
    token = kept.get("accessToken") if isinstance(kept, dict) else None
    if (
        not isinstance(kept, dict)
        or not isinstance(token, str)
        or not token.isascii()
        or not token.isprintable()
        or not token
    ):
        return None
    scopes, expires, plan = kept.get("scopes"), kept.get("expiresAt"), kept.get("subscriptionType")
    if isinstance(scopes, list) and _SCOPE not in scopes:
        return None
    account = about.get("oauthAccount") if isinstance(about, dict) else None
    organisation = account.get("organizationUuid") if isinstance(account, dict) else None
    return Login(
        token,
        expires if isinstance(expires, int) and not isinstance(expires, bool) else 0,
        plan[:100] if isinstance(plan, str) else "",
        pseudonym(organisation) if isinstance(organisation, str) else "",
    )


def _json(path: str) -> Any:  # noqa: ANN401  any JSON
    """Return what a file of JSON holds; None where there is none that can be read."""
    try:
        with open(path, "rb") as file:
            return json.loads(file.read(_FILE_MOST))
    except (OSError, ValueError, RecursionError):
        return None


def ask(base: str, login: Login, now: int) -> Said:
    """Ask what is used of one login's plan at an address; redirects are not followed, so that the login goes nowhere else."""
    if 0 < login.expires <= now:
        return Said([], trouble="The login of Claude Code has run out: it renews it when it is used next.")
    try:
        status, headers, body = _answer(base, login.token)
        told = json.loads(body) if status == _OK else None
    except OSError as error:
        return Said([], trouble=f"Anthropic was not reached ({_reason(error)}).")
    except (ValueError, RecursionError):
        return Said([], trouble="Anthropic's answer was not understood.")
    if status != _OK:
        return _refused(status, headers, now)
    # What makes no sense is told as such, so that it is seen to be skipped.
    return Said([_line(sample) for sample in windows(told, now, login.plan, login.account)])


def _refused(status: int, headers: Mapping[str, str], now: int) -> Said:
    if status == _TOO_OFTEN:
        rest = _rest(headers.get("retry-after", ""), now)
        return Said([], rest, f"Anthropic was asked too often: it is asked again in {-(-rest // 60_000)} minutes.")
    if status in {_UNAUTHORISED, _FORBIDDEN}:
        return Said([], _REFUSED_MS, f"Anthropic refused the login of Claude Code (status {status}).")
    return Said([], trouble=f"Anthropic answered with status {status}.")


def _line(sample: LimitSample | None) -> str:
    return json.dumps({"v": FORM, "limit": sample._asdict() if sample else {}}, separators=(",", ":"))


def _answer(base: str, token: str) -> tuple[int, Mapping[str, str], bytes]:
    from http.client import HTTPConnection, HTTPException, HTTPSConnection
    from urllib.parse import urlsplit

    place = urlsplit(base)
    if base != ADDRESS and place.hostname not in _HERE:
        raise OSError(f"{VARIABLE} names another machine")
    host, port = place.hostname or "", place.port
    kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
    connection = kind(host, port, timeout=_TIMEOUT_S)
    try:
        connection.request(
            "GET",
            PATH,
            headers={
                "Authorization": f"Bearer {token}",
                "anthropic-beta": "oauth-2025-04-20",
                "Accept": "application/json",
            },
        )
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, answer.read(_ANSWER_MOST)
    except HTTPException as error:
        raise OSError(str(error) or "no answer") from None
    finally:
        connection.close()


def _rest(told: str, now: int) -> int:
    """Return for how long nobody may ask, in milliseconds, by a `Retry-After` in seconds or as a date."""
    from email.utils import parsedate_to_datetime

    rest = REST_MS
    if told.strip().isascii() and told.strip().isdecimal():
        rest = int(told[:9]) * 1000
    elif told:
        with suppress(ValueError, OverflowError):
            rest = int(parsedate_to_datetime(told).timestamp() * 1000) - now
    return min(max(rest, REST_MS), _LONGEST_MS)


def _until(note: str, now: int) -> int:
    """Return until when nobody may ask; a note from a clock that was ahead does not hold."""
    said = _json(note)
    again = said.get("again") if isinstance(said, dict) else 0
    return again if isinstance(again, int) and again <= now + _LONGEST_MS else 0


def _note(note: str, again: int) -> None:
    with suppress(OSError):
        os.makedirs(os.path.dirname(note), mode=0o700, exist_ok=True)
        made = f"{note}.{os.getpid()}"
        with open(made, "w", encoding="ascii") as file:
            json.dump({"again": again}, file)
        os.replace(made, note)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
