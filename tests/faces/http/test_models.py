"""What the description says of bodies is true of bodies."""

import pytest
from pydantic import BaseModel
from tests.faces.http.live import Live

from tallystick.faces.http import models


@pytest.mark.parametrize(
    "path, model",
    [
        ("/reports", models.Reports),
        ("/reports/daily", models.Report),
        ("/reports/sessions?no_cost=true", models.Report),
        ("/why?day=2026-11-01", models.Why),
        ("/tools", models.Tools),
        ("/receivers", models.Receivers),
        ("/limits", models.Limits),
        ("/limits/history", models.LimitsHistory),
        ("/prices/claude-opus-4-8", models.Price),
        ("/events", models.Events),
        ("/events/1", models.Event),
        ("/sessions/s1", models.Session),
        ("/health", models.ServerHealth),
    ],
)
def test_every_body_is_as_its_model_says(live: Live, path: str, model: type[BaseModel]) -> None:
    answer = live.get(path)
    assert answer.status_code == 200, answer.text
    model.model_validate(answer.json(), strict=False)


def test_a_body_that_lacks_something_is_told_apart(live: Live) -> None:
    body = live.get("/health").json()
    del body["ledger"]
    with pytest.raises(ValueError, match="ledger"):
        models.ServerHealth.model_validate(body)
