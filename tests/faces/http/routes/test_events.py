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


def test_moments_and_hours_of_the_week_count(live: Live) -> None:
    # The sample's second and third call, of which the latter is at 15:50 in Kolkata.
    stretch = {"since": "2026-11-01T10:00:06Z", "until": "2026-11-01T15:50:00.001+05:30"}
    told = live.get("/events", params={**stretch, "order": "asc", "timezone": "Asia/Kolkata"}).json()
    assert [each["time"] for each in told["events"]] == ["2026-11-01T10:01:00.000Z", "2026-11-01T10:20:00.000Z"]
    assert (told["since"], told["until"]) == ("2026-11-01T15:30:06.000+05:30", "2026-11-01T15:50:00.001+05:30")
    told = live.get("/why", params={"since": "2026-11-01T10:00", "until": "2026-11-01T10:15"}).json()
    assert (told["figures"]["requests"], told["figures"]["cost_usd"]) == (2, 0.57)
    told = live.get("/why?weekday=sun&hour=10").json()
    assert (told["figures"]["cost_usd"], told["weekday"], told["hour"], told["since"]) == (0.5863, "sun", 10, None)
    assert live.get("/events?weekday=mon&hour=0").json()["events"] == []
    assert live.get("/why?weekday=mon&hour=0").status_code == 404


def test_elsewhere_and_for_a_day_moments_are_refused(live: Live) -> None:
    for path in (
        "/reports/daily?since=2026-11-01T14:00",
        "/compare?since=2026-11-01T14:00",
        "/why?day=2026-11-01T14:00",
    ):
        found = live.get(path)
        assert found.status_code == 400, path
        assert "is no day" in found.json()["error"]["message"]
    assert live.get("/punchcard?hour=3").status_code == 400
