"""A picture holds what was drawn and asks nothing of the network."""

import xml.etree.ElementTree as ET

from rich.console import Console
from rich.text import Text

from tallystick.faces.text.picture import svg


def draw(console: Console) -> None:
    """Draw a line in a colour."""
    console.print(Text("Today $8.97", "bold cyan"))


def test_what_was_drawn_is_in_it() -> None:
    made = svg(draw, 40, "tally demo")
    text = "".join(ET.fromstring(made).itertext())  # noqa: S314  we made it
    assert "Today\xa0$8.97" in text
    assert "tally\xa0demo" in text or "tally demo" in text


def test_it_fetches_nothing() -> None:
    made = svg(draw, 40, "tally demo")
    assert "@font-face" not in made
    assert [word for word in made.split('"') if word.startswith("http")] == ["http://www.w3.org/2000/svg"]
    assert "url(http" not in made


def test_the_same_drawing_is_the_same_picture() -> None:
    assert svg(draw, 40, "tally demo") == svg(draw, 40, "tally demo")
