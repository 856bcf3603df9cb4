"""Forks: their copies count once, belong to their source, and say themselves that they are copies."""

import pytest
from tests.tools.opencode.stored import MINUTE, NOON, Base, answer, answered, counts, id_of, step


@pytest.mark.parametrize("order", ["fork first", "source first"])
def test_a_fork_s_copies_count_once_and_belong_to_their_source(base: Base, order: str) -> None:
    # formats.md §18: forks copy messages under new ids; tokscale #446, cc-switch #5676.
    sessions = [("ses_a", NOON - MINUTE, 0), ("ses_f", NOON + 10 * MINUTE, 10 * MINUTE)]
    for name, created, later in reversed(sessions) if order == "fork first" else sessions:
        base.session(name, created, title="A shop (fork #1)" if later else "A shop")
        for place, at in enumerate((NOON, NOON + MINUTE)):
            message = base.message(answered(at, counts(place + 1, 1)), at, name, id_of("msg", at + later, place))
            base.part(message, step(counts(place + 1, 1)), at + later, name)
    own = answer(base, NOON + 11 * MINUTE, 9, 9, session="ses_f")
    assert own
    told = base.told()["events"]
    assert [(event["input"], event["session"], event["views"]) for event in told] == [
        (1, "ses_a", 2),
        (2, "ses_a", 2),
        (9, "ses_f", 1),
    ]


def test_a_fork_of_a_fork_counts_nothing_of_its_source(base: Base) -> None:
    for place, name in enumerate(("ses_a", "ses_f", "ses_g")):
        base.session(name, NOON - MINUTE + 10 * MINUTE * place)
        answer(base, NOON, 4, 4, session=name, id_=id_of("msg", NOON + 10 * MINUTE * place))
    assert base.tokens() == [(4, 0, 0, 0, 4, 0)]


def test_a_fork_whose_source_is_gone_counts_by_itself(base: Base) -> None:
    base.session("ses_f", NOON + MINUTE)
    answer(base, NOON, 4, 4, session="ses_f", id_=id_of("msg", NOON + MINUTE))
    (event,) = base.read()[0].events
    assert (event.copied, event.replay) == (True, True)
    assert base.tokens() == [(4, 0, 0, 0, 4, 0)]


def test_a_fork_s_id_tells_where_its_session_s_time_does_not(base: Base) -> None:
    # A tool that converts sessions may give a fork the moment of its first message.
    for name, later in (("ses_a", 0), ("ses_f", 10 * MINUTE)):
        base.session(name, NOON - 1)
        answer(base, NOON, 4, 4, session=name, id_=id_of("msg", NOON + later))
    assert base.tokens() == [(4, 0, 0, 0, 4, 0)]
