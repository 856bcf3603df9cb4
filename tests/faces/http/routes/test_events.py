"""Events, sessions and explanations over HTTP."""

from tests.faces.http.live import Live


def test_pages_follow_one_another_until_the_last(live: Live) -> None:
    seen, after = [], ""
    while True:
        page = live.get("/events", params={"limit": 4, "order": "asc", "after": after}).json()
        seen += [each["time"] for each in page["events"]]
        if not (after := page["after"] or ""):
            break
    assert len(seen) == 6
    assert seen == sorted(seen)
    newest = live.get("/events?limit=1").json()["events"][0]
    assert newest["time"] == "2026-11-02T09:05:00.000Z"


def test_filters_and_days_count(live: Live) -> None:
    told = live.get("/events?tool=codex&since=2026-11-02&model=gpt*").json()["events"]
    assert [each["model"] for each in told] == ["gpt-5.2-codex"]


def test_one_event_by_its_number(live: Live) -> None:
    number = live.get("/events?limit=1").json()["events"][0]["id"]
    assert live.get(f"/events/{number}").json()["event"]["time"] == "2026-11-02T09:05:00.000Z"
    for wrong in ("999999", "x", "-1", "9" * 40):
        assert live.get(f"/events/{wrong}").status_code == 404, wrong


def test_pages_have_bounds(live: Live) -> None:
    for wrong in ("limit=0", "limit=501", "after=x", "order=up"):
        assert live.get(f"/events?{wrong}").status_code == 400, wrong


def test_a_session_is_told_from_its_beginning(live: Live) -> None:
    told = live.get("/sessions/s1?timezone=Europe/Berlin").json()
    # Three of the sample's events are of this session, and one prompt.
    assert (told["title"], len(told["events"]), len(told["prompts"])) == ("Mend the till", 3, 1)
    assert told["totals"]["cost_usd"] == 0.5863
    assert live.get("/sessions/none").status_code == 404
    assert live.get("/sessions/a%2Fb").status_code == 404


def test_why_explains_a_day_and_a_model(live: Live) -> None:
    told = live.get("/why?day=2026-11-01&model=*opus*&limit=1").json()
    # $0.285 three times.
    assert told["figures"]["cost_usd"] == 0.855
    assert (len(told["events"]), told["events_left_off"]) == (1, 2)
    assert live.get("/why?day=2026-10-01").status_code == 404
    wrong = live.get("/why?day=2026-11-01&since=2026-11-01")
    assert wrong.json()["error"]["message"] == "day is one day and excludes since and until."
