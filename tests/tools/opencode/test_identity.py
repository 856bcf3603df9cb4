"""Identity: one request for whatever was copied, two for what only looks alike."""

from hypothesis import given
from hypothesis import strategies as st
from tests.tools.opencode.stored import NOON, SECOND, id_of

from tallystick.tools.opencode.identity import Moment, is_copy, made_at, prompt_key, request_of, step_key
from tallystick.usage.tokens import Tokens

TOKENS = Tokens(1, output=2)


def test_a_request_is_known_by_its_moment_its_model_and_its_step() -> None:
    known = step_key(Moment(NOON), "m", 0, TOKENS)
    assert known == step_key(Moment(NOON), "m", 0, Tokens(7))
    others = {
        step_key(Moment(NOON + 1), "m", 0, TOKENS),
        step_key(Moment(NOON), "n", 0, TOKENS),
        step_key(Moment(NOON), "m", 1, TOKENS),
    }
    assert len(others | {known, prompt_key(Moment(NOON), "s")}) == 5


def test_in_a_second_several_requests_can_be_made() -> None:
    second = Moment(NOON, in_seconds=True)
    assert step_key(second, "m", 0, TOKENS) != step_key(second, "m", 0, Tokens(7))


def test_sessions_and_agents_tell_requests_apart() -> None:
    assert request_of("s", "main") == request_of("s", "")
    assert len({request_of("s", ""), request_of("t", ""), request_of("s", "worker")}) == 3


def test_a_copy_is_younger_than_its_request() -> None:
    asked = Moment(NOON)
    assert not is_copy(id_of("msg", NOON), asked, NOON - SECOND)
    assert not is_copy(id_of("msg", NOON + 5), asked, NOON)
    assert is_copy(id_of("msg", NOON + SECOND), asked, NOON - SECOND)
    assert is_copy("anything", asked, NOON + SECOND)
    # An import keeps ids; one that tells nothing proves nothing.
    assert not is_copy("anything", asked, 0)
    assert not is_copy(id_of("msg", NOON + 900), Moment(NOON, in_seconds=True), 0)


def test_a_fork_of_version_2_appends_a_number_to_its_own_id() -> None:
    assert is_copy(f"{id_of('msg', NOON + SECOND)}_7", Moment(NOON), 0)


@given(st.integers(1, 7_000_000_000_000), st.integers(-(2**35) + 1, 2**35 - 1))
def test_an_id_tells_when_it_was_made(ms: int, away: int) -> None:
    assert made_at(id_of("msg", ms), max(ms + away, 0)) in (ms, ms - 2**36, ms + 2**36)
    assert made_at(id_of("prt", ms), ms) == ms


def test_other_ids_tell_nothing() -> None:
    for other in (
        "",
        "msg",
        "msg_",
        "msg_xyz",
        "msg_zzzzzzzzzzzzabc",
        "msg_1234_1234567",
        "12_200f4b026001",
        "x_+00f4b026001ab",
    ):
        assert made_at(other, NOON) == 0


@given(st.text(), st.integers(0, 2**50))
def test_any_text_may_stand_where_an_id_does(text: str, ms: int) -> None:
    assert isinstance(made_at(text, ms), int)
