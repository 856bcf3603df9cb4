"""What a link to an explanation leads to."""

from urllib.parse import parse_qsl

from tallystick.answers.answer import Figures
from tallystick.answers.answers import Answers
from tallystick.answers.reports.places import ANY
from tallystick.faces.web.state import Place, state


def explained(opened: Answers, link: str, place: Place) -> Figures:
    """Return the figures that the page explains to which a link leads."""
    path, _, query = link.partition("?")
    assert path == "/why"
    return opened.why(state(parse_qsl(query), place, closer=True).question(ANY, "day")).figures
