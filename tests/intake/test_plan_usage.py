"""Asking what is used of a plan: against a server here, with a login as Claude Code keeps it, and what becomes of that login."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.intake.endpoint import KEPT, NOON, ORGANISATION, TOKEN, Endpoint, keep, serving

from tallystick.intake.plan_usage import REST_MS, VARIABLE, Login, fetch, logins
from tallystick.intake.push.alone import alone
from tallystick.providers.accounts import pseudonym
from tallystick.tools.claude_code.status_line import StatusLines


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Return the stand-in, running."""
    with serving(Endpoint()) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home in which somebody has logged in."""
    made = tmp_path / "home"
    keep(made / ".claude", KEPT)
    (made / ".claude.json").write_text(json.dumps({"oauthAccount": {"organizationUuid": ORGANISATION}}))
    return made


def left(tmp_path: Path) -> list[Any]:
    """Return the lines in the inbox."""
    files = sorted((tmp_path / "data" / "inbox" / "limits").glob("*"))
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def asked(tmp_path: Path, endpoint: Endpoint, now: int = NOON) -> Any:  # noqa: ANN401  a private shape
    return fetch(str(tmp_path / "data"), str(tmp_path / "home"), {VARIABLE: endpoint.address}, now)


def test_what_the_vendor_says_is_left_in_the_inbox(tmp_path: Path, home: Path, endpoint: Endpoint) -> None:
    assert asked(tmp_path, endpoint) == (1, True, NOON + REST_MS, "")
    ((path, headers),) = endpoint.asked
    assert (path, headers["authorization"]) == ("/api/oauth/usage", f"Bearer {TOKEN}")
    assert headers["anthropic-beta"] == "oauth-2025-04-20"
    reader = StatusLines({})
    for line in left(tmp_path):
        reader.take(line, 0)
    found, _ = reader.finish()
    (sample,) = found.limits
    assert sample == ("anthropic", "five_hour", 300, 23.5, NOON + 7_200_000, NOON, "max", pseudonym(ORGANISATION))
    # The moment in the place of a share is told as skipped.
    assert len(found.skipped) == 1
    assert home.is_dir()


def test_nothing_of_the_login_is_kept(tmp_path: Path, home: Path, endpoint: Endpoint) -> None:
    before = (home / ".claude" / ".credentials.json").read_bytes()
    asked(tmp_path, endpoint)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    for secret in (TOKEN, "never-read", ORGANISATION):
        assert secret.encode() not in kept
        assert secret not in repr(list(logins(str(home), {})))
    assert (home / ".claude" / ".credentials.json").read_bytes() == before


def test_within_three_minutes_nobody_is_asked_again(tmp_path: Path, home: Path, endpoint: Endpoint) -> None:
    assert home.is_dir()
    asked(tmp_path, endpoint)
    assert asked(tmp_path, endpoint, NOON + REST_MS - 1) == (0, False, NOON + REST_MS, "")
    assert len(endpoint.asked) == 1
    assert asked(tmp_path, endpoint, NOON + REST_MS).asked
    # A note that a clock left which was far ahead does not hold for ever.
    (tmp_path / "data" / "limits.asked.json").write_text(json.dumps({"again": NOON * 2}))
    assert asked(tmp_path, endpoint, NOON + 2 * REST_MS).asked


@pytest.mark.parametrize(
    "said, rest",
    [
        ("900", 900_000),
        ("5", REST_MS),
        ("Sun, 22 Nov 2026 13:00:00 GMT", 3_600_000),
        ("soon", REST_MS),
        ("", REST_MS),
        ("9" * 30, 86_400_000),
    ],
)
def test_what_the_vendor_says_of_waiting_is_heeded(
    tmp_path: Path, home: Path, endpoint: Endpoint, said: str, rest: int
) -> None:
    assert home.is_dir()
    endpoint.status, endpoint.headers = 429, {"Retry-After": said}
    found = asked(tmp_path, endpoint)
    assert (found.windows, found.again) == (0, NOON + rest)
    assert "too often" in found.trouble
    assert not asked(tmp_path, endpoint, NOON + rest - 1).asked
    assert asked(tmp_path, endpoint, NOON + rest).asked


@pytest.mark.parametrize(
    "status, body, told",
    [
        (401, b"", "refused the login"),
        (403, b"", "refused the login"),
        (500, b"", "status 500"),
        (200, b"<html>", "not understood"),
        (302, b"", "status 302"),
    ],
)
def test_an_answer_that_is_none_is_told(
    tmp_path: Path, home: Path, endpoint: Endpoint, status: int, body: bytes, told: str
) -> None:
    assert home.is_dir()
    endpoint.status, endpoint.body = status, body
    # Where a redirect leads, the login does not follow.
    endpoint.headers = {"Location": f"{endpoint.address}/elsewhere"}
    found = asked(tmp_path, endpoint)
    assert (found.windows, found.asked) == (0, True)
    assert told in found.trouble
    assert TOKEN not in found.trouble
    assert len(endpoint.asked) == 1
    assert left(tmp_path) == []


def test_a_login_goes_to_no_other_machine(tmp_path: Path, home: Path) -> None:
    for address in (
        "http://example.org",
        "https://api.anthropic.com.example.org",
        "http://api.anthropic.com",
        "https://api.anthropic.com@example.org",
    ):
        found = fetch(str(tmp_path / "data"), str(home), {VARIABLE: address}, NOON)
        assert "names another machine" in found.trouble
        (tmp_path / "data" / "limits.asked.json").unlink()


def test_nobody_there_is_told(tmp_path: Path, home: Path) -> None:
    found = fetch(str(tmp_path / "data"), str(home), {VARIABLE: "http://127.0.0.1:9"}, NOON)
    assert "was not reached" in found.trouble


def test_a_login_that_has_run_out_is_not_sent(tmp_path: Path, endpoint: Endpoint) -> None:
    keep(tmp_path / "home" / ".claude", KEPT | {"expiresAt": NOON})
    assert "has run out" in asked(tmp_path, endpoint).trouble
    assert endpoint.asked == []


@pytest.mark.parametrize(
    "kept",
    [
        None,
        {},
        {"accessToken": 5},
        {"accessToken": "a\nb"},
        {"accessToken": "é"},
        KEPT | {"scopes": ["user:inference"]},
    ],
)
def test_what_is_no_login_for_this_is_none(tmp_path: Path, endpoint: Endpoint, kept: Any) -> None:  # noqa: ANN401  any JSON
    keep(tmp_path / "home" / ".claude", kept)
    found = asked(tmp_path, endpoint)
    assert (found.asked, endpoint.asked) == (False, [])
    assert "There is no login" in found.trouble


def test_each_config_directory_is_a_login_of_its_own(tmp_path: Path, endpoint: Endpoint) -> None:
    for name in ("one", "two"):
        keep(tmp_path / name, KEPT | {"accessToken": f"{TOKEN}-{name}"})
        (tmp_path / name / ".claude.json").write_text(
            json.dumps({"oauthAccount": {"organizationUuid": f"{name}-{ORGANISATION}"}})
        )
    environ = {"CLAUDE_CONFIG_DIR": f"{tmp_path / 'one'},{tmp_path / 'two'}", VARIABLE: endpoint.address}
    assert fetch(str(tmp_path / "data"), str(tmp_path), environ, NOON).windows == 2
    accounts = {line["limit"]["account"] for line in left(tmp_path) if line["limit"]}
    assert accounts == {pseudonym(f"one-{ORGANISATION}"), pseudonym(f"two-{ORGANISATION}")}


def test_where_there_is_no_file_the_keychain_is_asked(tmp_path: Path) -> None:
    found = list(logins(str(tmp_path), {}, lambda: json.dumps({"claudeAiOauth": KEPT}).encode()))
    assert found == [Login(TOKEN, NOON + 3_600_000, "max", "")]
    assert list(logins(str(tmp_path), {}, lambda: b"no JSON")) == []


def test_of_two_in_the_same_moment_one_asks(tmp_path: Path, home: Path, endpoint: Endpoint) -> None:
    assert home.is_dir()
    with alone(str(tmp_path / "data" / "limits.asked.json.lock")) as first:
        assert first
        assert asked(tmp_path, endpoint) == (0, False, NOON + REST_MS, "")
    assert endpoint.asked == []
