"""Discord gets a message that calls nobody and is not too long."""

from tests.alerts.places import ALERT, answers, place, to, world

from tallystick.alerts.outlets.discord import send


def test_the_message_arrives_and_calls_nobody() -> None:
    with place(answers(204)) as at:
        assert send(ALERT._replace(text="@everyone *look*"), to("discord", url=at.url), world()) == ""
        assert send(ALERT._replace(text="x" * 5000), to("discord", url=at.url), world()) == ""
    short, long = at.asked
    assert short.json == {
        "content": "**Budget used up: project=\\~/wörk \\<b\\>**\n\\@everyone \\*look\\*",
        "allowed_mentions": {"parse": []},
    }
    # The most that Discord takes.
    assert len(long.json["content"]) == 2000
