"""Answers in full, for another machine: only what can be asked is, and nothing that is sent makes the server fail."""

import json
from contextlib import closing
from typing import Any

import pytest
from tests.answers.sample import asked
from tests.answers.stand import answers
from tests.faces.http.live import SITE, Live

from tallystick.answers.asked import said
from tallystick.answers.exact import packed, unpacked
from tallystick.answers.question import Wish
from tallystick.answers.reports.places import ANY
from tallystick.answers.reports.times import DAILY
from tallystick.faces.http.routes.exact import LOOKS, read

DAY = asked(ANY, Wish("day"), "UTC", "2026-11-01")
MORE: dict[str, Any] = {
    "after": "",
    "newest_first": True,
    "number": 1,
    "name": "s1",
    "provider": "openai",
    "weekdays": False,
    "year": None,
}


def told(look: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401  what JSON holds
    """Return what is sent for a look."""
    return {"look": look, "question": said(DAY), **{name: MORE[name] for name in LOOKS[look].more}, **more}


def get(live: Live, asked_for: object) -> Any:  # noqa: ANN401  a response
    """Ask."""
    text = asked_for if isinstance(asked_for, str) else json.dumps(asked_for)
    return live.get("/exact", params={"asked": text})


@pytest.mark.parametrize("look", LOOKS)
def test_each_look_is_answered_and_held(live: Live, look: str) -> None:
    found = get(live, told(look))
    assert found.status_code == 200
    assert found.headers["content-type"] == "application/json"
    assert unpacked(found.text).version == SITE.version
    held = live.get(
        "/exact", params={"asked": json.dumps(told(look))}, headers={"If-None-Match": found.headers["etag"]}
    )
    assert held.status_code == 304


def test_a_report_is_the_ledgers_own_to_the_byte(live: Live) -> None:
    question = asked(DAILY, Wish(where={"tool": ["claude*"]}), "Asia/Kathmandu")
    with closing(answers(live.ledger)) as ours:
        expected = packed(ours.ask(question), SITE.version)
    assert get(live, {"look": "report", "question": said(question)}).text == expected


@pytest.mark.parametrize(
    "asked_for, sentence",
    [
        ("", "Say asked"),
        ("{", "must be an object"),
        ("[]", "must be an object"),
        ("5", "must be an object"),
        ("[" * 20_000, "must be an object"),
        ('{"a":' * 5_000, "must be an object"),
        ('{"look": 1e999}', "look must be one of"),
        ('{"look": ' + "9" * 5_000 + "}", "must be an object"),
        ({}, "look must be one of"),
        ({"look": ["report"]}, "look must be one of"),
        ({"look": "__init__"}, "look must be one of"),
        ({"look": "close"}, "look must be one of"),
        ({"look": "report"}, "report must be a text"),
        (told("events", after=5), "after must be a text"),
        (told("events", after="x"), "no place"),
        (told("events", newest_first=1), "newest_first must be true or false"),
        (told("event", number=0), "number must be a number"),
        (told("event", number="1"), "number must be a number"),
        (told("session", name=None), "name must be a text"),
        (told("session", name="\ud800"), "name must be a text"),
        (told("compare", weekdays=None), "weekdays must be true or false"),
        (told("year", year=1969), "year must be a number"),
        (told("why", question={**said(DAY), "limit": 0}), "give 1 to 1000"),
        (told("why", question={**said(DAY), "limit": 1_001}), "give 1 to 1000"),
        (told("calls", question={**said(DAY), "since": 0, "until": 10**13}), "too long a period"),
        (told("punchcard", question={**said(DAY), "since": -(10**13)}), "too long a period"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_sentence(live: Live, asked_for: object, sentence: str) -> None:
    found = get(live, asked_for)
    assert (found.status_code, found.json()["error"]["code"]) == (400, "misused")
    assert sentence in found.json()["error"]["message"]


def test_what_is_too_long_is_told(live: Live) -> None:
    assert get(live, "x" * 30_001).status_code == 400


@pytest.mark.parametrize(
    "edge", [(-62_000_000_000_000, None), (None, 253_380_000_000_000), (253_379_000_000_000, None)]
)
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("look", LOOKS)
def test_no_edge_of_time_makes_it_fail(live: Live, look: str, zone: str, edge: tuple[int | None, int | None]) -> None:
    for now in (0, 8_000_000_000_000):
        question = {**said(DAY), "timezone": zone, "since": edge[0], "until": edge[1], "now": now}
        assert get(live, told(look, question=question)).status_code in {200, 400, 404}


def test_every_look_reads_just_what_it_takes() -> None:
    for look in LOOKS:
        name, question, more = read(json.dumps(told(look)), DAY.now)
        assert (name, question, list(more)) == (look, DAY, list(LOOKS[look].more))
