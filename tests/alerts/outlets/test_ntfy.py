"""Notifications by ntfy are of the topic that the address ends with."""

from tests.alerts.places import ALERT, answers, place, to, world

from tallystick.alerts.outlets.ntfy import check, send


def test_the_notification_is_published_at_the_root() -> None:
    with place(answers(200)) as at:
        assert send(ALERT, to("ntfy", url=f"{at.url}/tally", token="tk_1"), world()) == ""
        assert send(ALERT._replace(level="warning"), to("ntfy", url=f"{at.url}/tally"), world()) == ""
        assert send(ALERT._replace(ended=1), to("ntfy", url=f"{at.url}/tally"), world()) == ""
    first, second, over = at.asked
    assert first.line == "POST / HTTP/1.1"
    assert first.headers["authorization"] == "Bearer tk_1"
    assert first.json == {
        "topic": "tally",
        "title": ALERT.title,
        "message": ALERT.text,
        "priority": 4,
        "tags": ["rotating_light"],
    }
    assert "authorization" not in second.headers
    assert (second.json["priority"], second.json["tags"]) == (3, ["warning"])
    assert (over.json["priority"], over.json["tags"]) == (3, ["white_check_mark"])


def test_the_address_needs_a_topic() -> None:
    assert check({"url": "https://ntfy.example/topic"}) == ""
    assert check({"url": "https://ntfy.example/"}).startswith("url must end with the topic")
    assert check({"url": "ntfy.example/topic"}).startswith("url must be an address")
