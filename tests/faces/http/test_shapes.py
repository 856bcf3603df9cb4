"""What the description says of answers that look closer than a report is true of them, and leaves nothing out."""

from typing import Any

import pytest
from pydantic import BaseModel
from tests.faces.http.live import Live

from tallystick.faces.http import shapes

CASES = pytest.mark.parametrize(
    "path, model",
    [
        ("/compare?since=2026-11-02&until=2026-11-02", shapes.Comparison),
        ("/compare?since=7d&weekdays=true&no_cost=true", shapes.Comparison),
        ("/punchcard", shapes.Punchcard),
        ("/punchcard?no_cost=true&tool=none", shapes.Punchcard),
        ("/calls", shapes.Calls),
        ("/calls?tool=none", shapes.Calls),
        ("/year", shapes.Year),
        ("/year?year=2020", shapes.Year),
        ("/energy", shapes.Energy),
        ("/energy?model=none", shapes.Energy),
    ],
)


def untold(made: Any) -> set[str]:  # noqa: ANN401  a model, or what one holds
    """Return what a body holds beside its model's fields."""
    if isinstance(made, BaseModel):
        inside = (untold(getattr(made, name)) for name in type(made).model_fields)
        return {f"{type(made).__name__}.{name}" for name in made.model_extra or ()}.union(*inside)
    return set().union(*map(untold, made)) if isinstance(made, list) else set()


@CASES
def test_every_body_is_as_its_shape_says(live: Live, path: str, model: type[BaseModel]) -> None:
    answer = live.get(path)
    assert answer.status_code == 200, answer.text
    # A day that is known holds all figures, of which the shape names three.
    figures = {"input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "unpriced_tokens"}
    assert untold(model.model_validate(answer.json())) <= {f"Known.{name}" for name in figures}


def test_a_body_that_lacks_something_is_told_apart(live: Live) -> None:
    body = live.get("/punchcard").json()
    body["cells"].pop()
    with pytest.raises(ValueError, match="at least 168 items"):
        shapes.Punchcard.model_validate(body)
