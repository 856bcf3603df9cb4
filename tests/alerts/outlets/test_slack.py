"""Slack gets a text in which nothing is a mention or a link."""

from tests.alerts.places import ALERT, answers, place, to, world

from tallystick.alerts.outlets.slack import check, send


def test_the_message_arrives_escaped() -> None:
    with place(answers(200)) as at:
        assert send(ALERT._replace(text="<!channel> & <https://x|y>"), to("slack", url=f"{at.url}/services/T/B/x"), world()) == ""  # fmt: skip
    (asked,) = at.asked
    assert asked.json == {
        "text": ":rotating_light: *Budget used up: project=~/wörk &lt;b&gt;*\n&lt;!channel&gt; &amp; &lt;https://x|y&gt;"
    }


def test_its_refusal_is_told() -> None:
    with place(answers(404, body="no_team")) as at:
        assert send(ALERT, to("slack", url=at.url), world()) == "answered 404"


def test_an_address_is_needed() -> None:
    assert check({"url": "#general"}).startswith("url must be")
    assert check({"url": "https://hooks.slack.example/services/T/B/x"}) == ""


def test_what_is_over_looks_so() -> None:
    with place(answers(200)) as at:
        assert send(ALERT._replace(title="T", text="X", ended=1), to("slack", url=at.url), world()) == ""
    assert at.asked[0].json == {"text": ":white_check_mark: *T*\nX"}
