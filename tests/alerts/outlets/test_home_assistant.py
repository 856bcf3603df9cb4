"""Home Assistant is told by a webhook, a service or an event."""

import pytest
from tests.alerts.places import ALERT, answers, place, to, world

from tallystick.alerts.outlets.home_assistant import check, send


def test_a_webhook_gets_the_alert_and_not_the_token() -> None:
    with place(answers(200)) as at:
        assert send(ALERT, to("home-assistant", url=f"{at.url}/", webhook="a/b", token="t"), world()) == ""
    (asked,) = at.asked
    assert asked.line == "POST /api/webhook/a%2Fb HTTP/1.1"
    assert "authorization" not in asked.headers
    assert asked.json["rule"] == "budget"


def test_a_service_notifies_and_an_event_is_fired() -> None:
    with place(answers(200)) as at:
        assert send(ALERT, to("home-assistant", url=at.url, notify="mobile_app_x", token="t"), world()) == ""
        assert send(ALERT, to("home-assistant", url=at.url, event="tally", token="t"), world()) == ""
    notified, fired = at.asked
    assert notified.line == "POST /api/services/notify/mobile_app_x HTTP/1.1"
    assert notified.json == {"title": ALERT.title, "message": ALERT.text, "data": {"tag": "tallystick-7"}}
    assert fired.line == "POST /api/events/tally HTTP/1.1"
    assert fired.json["schema"] == "tallystick.alert/1"
    assert [each.headers["authorization"] for each in at.asked] == ["Bearer t"] * 2


@pytest.mark.parametrize(
    "said, told",
    [
        ({"url": "x", "webhook": "a"}, "url must be an address such as https://example.org/path"),
        ({"url": "http://ha"}, "it needs one of webhook, notify and event"),
        ({"url": "http://ha", "webhook": "a", "event": "b"}, "it needs one of webhook, notify and event"),
        ({"url": "http://ha", "notify": "a"}, "notify needs a token"),
        ({"url": "http://ha", "webhook": "a"}, ""),
    ],
)
def test_what_is_wrong_is_told(said: dict[str, str], told: str) -> None:
    assert check(said) == told
