"""The file of the price book: what is stored comes back, and what is damaged is refused."""

from typing import Any

import pytest

from tallystick.prices import book
from tallystick.prices.book import Entry, Price, Unusable, Variation, bare, entry, pack, restore, store, unpack
from tallystick.prices.moments import ALWAYS

LISTED = Entry(
    "m-1",
    ("or", (("equals", ("m-1",)), ("starts", "m-1-"))),
    "",
    (Price(ALWAYS, {"input": 3_000_000, "output": (15_000_000, 200_000, 22_500_000)}, {}),),
    (Variation("tier:batch", ALWAYS, None, (1, 2), "overlay: half price"),),
)
CONTENT: dict[str, Any] = {"models": 1, "providers": (("p", None, None, (), store([LISTED])),)}


def test_what_was_packed_is_unpacked() -> None:
    unpacked = unpack(pack(CONTENT))
    assert not isinstance(unpacked, Unusable)
    version, content = unpacked
    assert content == CONTENT
    assert len(version) == 10


def test_an_entry_comes_back_with_its_names() -> None:
    assert [entry(raw) for raw in restore(store([LISTED]))] == [LISTED]


def test_nothing_is_restored_from_nothing() -> None:
    assert restore(b"") == ()


def test_lists_and_named_values_become_plain_tuples() -> None:
    assert type(bare(LISTED)) is tuple
    assert bare({"a": [1, (2, [3])]}) == {"a": (1, (2, (3,)))}


def test_the_version_is_that_of_the_content() -> None:
    same, other = pack(dict(CONTENT)), pack(CONTENT | {"models": 2})
    first = unpack(pack(CONTENT))
    assert unpack(same) == first
    assert unpack(other)[0] != first[0]


def test_no_book_is_told() -> None:
    assert unpack(b"") == Unusable("there is no price book")


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"tallystick price book 0\n" + b"x" * 40, b"\0" * 100])
def test_another_file_is_refused(data: bytes) -> None:
    assert unpack(data) == Unusable("it is not a price book of this version of tallystick")


def test_a_book_of_another_format_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack(CONTENT)
    monkeypatch.setattr(book, "_MAGIC", b"tallystick price book 2\n")
    assert unpack(data) == Unusable("it is not a price book of this version of tallystick")


def test_a_damaged_book_is_refused_wherever_the_damage_is() -> None:
    data = pack(CONTENT)
    head = len(b"tallystick price book 1\n") + 5
    for place in range(head, len(data)):
        torn = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        assert unpack(torn) == Unusable("the price book is damaged"), place


@pytest.mark.parametrize("kept", [30, 60, -1])
def test_a_torn_book_is_refused(kept: int) -> None:
    assert unpack(pack(CONTENT)[:kept]) == Unusable("the price book is damaged")
