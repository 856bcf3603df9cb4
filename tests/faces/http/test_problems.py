"""Errors as status codes, and their sentences as they are meant over HTTP."""

import json

import pytest

from tallystick.errors import Misused, NotFound, Refused, TallystickError, Unavailable
from tallystick.faces.http.problems import body, of, sentence


@pytest.mark.parametrize(
    "error, status, code",
    [
        (Misused("a"), 400, "misused"),
        (NotFound("a"), 404, "not_found"),
        (Refused("a"), 403, "refused"),
        (Unavailable("a"), 503, "unavailable"),
        (TallystickError("a"), 500, "failed"),
    ],
)
def test_each_kind_of_error_has_its_status(error: TallystickError, status: int, code: str) -> None:
    answer = of(error)
    assert answer.status_code == status
    assert json.loads(bytes(answer.body)) == {"error": {"code": code, "message": "a"}}
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize(
    "told, meant",
    [
        ("--by 'x' is no grouping.", "by 'x' is no grouping."),
        ("give --no-cost or not.", "give no_cost or not."),
        ("ask `tally report --by day` instead.", "ask `/api/v1/query?by=day` instead."),
        ("`tally sessions --limit 0 --json` tells.", "`tally sessions --limit 0 --json` tells."),
        ("x" * 700, "x" * 600 + "…"),
    ],
)
def test_options_have_no_dashes_here(told: str, meant: str) -> None:
    assert sentence(told) == meant


def test_whatever_a_message_holds_is_json() -> None:
    text = '</script>"\\\ud800\u202e\n'
    assert json.loads(body("misused", text))["error"]["message"] == text
