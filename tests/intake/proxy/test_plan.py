"""What a person says about the proxy is understood, or refused with what would be."""

import re

import pytest

from tallystick.errors import Misused
from tallystick.intake.proxy.plan import Way, behind, matching, stands_for, ways


def test_ways_lead_a_host_elsewhere() -> None:
    said = ("api.example.com=127.0.0.1:8443", "B.example:443=inner.example:9", "c=[::1]:8443")
    assert ways(said) == (
        Way("api.example.com", 0, "127.0.0.1", 8443),
        Way("b.example", 443, "inner.example", 9),
        Way("c", 0, "::1", 8443),
    )


@pytest.mark.parametrize("said", ["", "a", "a=b", "a=b:", "a=b:x", "=b:1", "a=:1", "a:x=b:1", "a=b:65536", "a=b:1:2"])
def test_what_is_no_way_is_refused(said: str) -> None:
    with pytest.raises(Misused, match="--connect-to"):
        ways([said])


@pytest.mark.parametrize(
    "said, found",
    [
        ("http://proxy.example:8080", ("http://proxy.example:8080", "")),
        ("https://proxy.example", ("https://proxy.example:443", "")),
        ("http://Proxy.example/", ("http://proxy.example:80", "")),
        ("http://me:p%40ss%3A@proxy.example:1", ("http://proxy.example:1", "me:p@ss:")),
        ("http://me@[::1]:1", ("http://[::1]:1", "me:")),
    ],
)
def test_a_proxy_behind_this_one(said: str, found: tuple[str, str]) -> None:
    assert behind(said) == found


@pytest.mark.parametrize("said", ["", "proxy:8080", "socks5://proxy:1", "http://", "http://a:b:c", "http://a:99999"])
def test_what_is_no_proxy_is_refused(said: str) -> None:
    with pytest.raises(Misused, match="--upstream"):
        behind(said)


def test_a_server_to_stand_for() -> None:
    assert stands_for("https://api.example.com") == "https://api.example.com:443"
    assert stands_for("http://127.0.0.1:8000/") == "http://127.0.0.1:8000"


@pytest.mark.parametrize("said", ["api.example.com", "https://api.example.com/v1", "https://me@api.example.com"])
def test_what_is_no_server_is_refused(said: str) -> None:
    with pytest.raises(Misused, match="--reverse"):
        stands_for(said)


@pytest.mark.parametrize(
    "pattern, host, fits",
    [
        ("api.example.com", "api.example.com:443", True),
        ("api.example.com", "API.example.COM:8443", True),
        ("api.example.com", "xapi.example.com:443", False),
        ("api.example.com", "api.example.com.evil.test:443", False),
        ("api.example.com", "apixexample.com:443", False),
        ("*.example.com", "a.example.com:443", True),
        ("*.example.com", "a.b.example.com:443", True),
        ("*.example.com", "example.com:443", False),
        ("*.example.com", "a.example.com.evil.test:443", False),
        ("bedrock.*.cloud.test", "bedrock.eu-1.cloud.test:443", True),
        ("bedrock.*.cloud.test", "evil.test:1.cloud.test:443", False),
    ],
)
def test_patterns_fit_whole_hosts_only(pattern: str, host: str, *, fits: bool) -> None:
    (made,) = matching([pattern])
    # As mitmproxy asks.
    assert bool(re.search(made, host, re.IGNORECASE)) is fits
