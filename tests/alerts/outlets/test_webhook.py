"""A webhook gets the alert as JSON, and can tell who sent it."""

import hmac
from hashlib import sha256
from typing import Any

from tests.alerts.places import ALERT, NOW, answers, place, to, world

from tallystick.alerts.outlets.webhook import check, send, signature


def test_the_alert_arrives_signed() -> None:
    with place(answers(200)) as at:
        said: dict[str, Any] = {"url": f"{at.url}/in", "secret": "s3cret", "headers": {"X-Team": "a"}}
        assert send(ALERT, to("webhook", **said), world()) == ""
        assert send(ALERT, to("webhook", url=at.url), world()) == ""
    signed, plain = at.asked
    assert signed.json == {
        "schema": "tallystick.alert/1",
        "id": 7,
        "test": False,
        "rule": "budget",
        "level": "critical",
        "title": "Budget used up: project=~/wörk <b>",
        "text": "$51.00 of $50.00 for this week are used (102%) & more.",
        "facts": {"filters": [["project", "~/wörk"]], "share": 1.02},
        "began": "2026-01-05T08:00:00.000Z",
        "ended": None,
        "machine": "laptop",
    }
    seconds = NOW // 1000
    wanted = hmac.new(b"s3cret", str(seconds).encode() + b"." + signed.body, sha256).hexdigest()
    assert signed.headers["x-tally-signature"] == f"t={seconds},v1={wanted}"
    assert signed.headers["x-team"] == "a"
    assert "x-tally-signature" not in plain.headers
    # One id for all tries of one alert.
    assert signed.headers["x-tally-delivery"] == plain.headers["x-tally-delivery"] == f"laptop-7-{NOW}"


def test_a_signature_is_of_this_body_at_this_moment() -> None:
    one = signature("s", 1, b"{}")
    assert one != signature("s", 2, b"{}")
    assert one.partition("v1=")[2] != signature("s", 1, b"{ }").partition("v1=")[2]


def test_what_is_wrong_is_told() -> None:
    assert check({"url": "https://example.org/"}) == ""
    assert check({"url": "example.org"}).startswith("url must be an address")
    assert check({"url": "https://example.org/", "headers": {"X": "a\nb"}}).startswith("headers must be")
