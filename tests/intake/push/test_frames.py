"""Frames: what goes in at one end comes out at the other, in whatever pieces a pipe gives it."""

from io import BytesIO
from json import dumps
from struct import Struct

from hypothesis import given
from hypothesis import strategies as st

from tallystick.intake.push.frames import HEAD_BYTES, answer, answered, offer, offered, sizes
from tallystick.intake.push.kind import Sender
from tallystick.intake.push.taking import Answer, Offer

names = st.text(max_size=9)
offers = st.builds(Offer, names, st.builds(Sender, names, names, names, names), st.binary(max_size=99), st.booleans())


@given(st.lists(offers, max_size=4))
def test_offers_come_out_as_they_went_in(sent: list[Offer]) -> None:
    pipe = BytesIO(b"".join(offered(number, each) for number, each in enumerate(sent)))
    assert [offer(pipe.read) for _ in sent] == list(enumerate(sent))
    assert offer(pipe.read) is None


@given(offers, st.integers(1, 20))
def test_an_offer_that_is_cut_off_is_none(sent: Offer, short: int) -> None:
    whole = offered(7, sent)
    if len(sent.body) >= short:
        assert offer(BytesIO(whole[:-short]).read) is None
    assert offer(BytesIO(whole[: HEAD_BYTES - 1]).read) is None


def test_an_offer_of_an_older_server_is_understood() -> None:
    head, body = dumps(["push", "laptop", "Ada's laptop", "ada", True]).encode(), b"{}"
    pipe = BytesIO(Struct("<QII").pack(7, len(head), len(body)) + head + body)
    assert offer(pipe.read) == (7, Offer("push", Sender("laptop", "Ada's laptop", "ada"), body, gzip=True))


def test_an_answer_comes_out_as_it_went_in() -> None:
    pipe = BytesIO(answered(1 << 40, Answer(503, b'{"error"', 5)))
    number, head, body = sizes(pipe.read(HEAD_BYTES))
    assert number == 1 << 40
    assert answer(pipe.read(head), pipe.read(body)) == Answer(503, b'{"error"', 5)
