"""The standard library's reading of stored JSON: the same as msgspec's, field for field."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.tools.opencode.stored import Json

from tallystick.tools.opencode import plain, shape

KINDS = ("Counts", "Message", "Model", "Part", "SessionFile")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(min_value=2**62) | st.floats(allow_nan=False)
    | st.text(max_size=5) | st.just("\ud800x"),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(sorted({name for kind in KINDS for name in getattr(plain, kind).fields})), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def as_dict(made: Any) -> Any:  # noqa: ANN401  a shape of either kind
    """Return a shape of either kind as plain values."""
    if isinstance(made, msgspec.Struct):
        return {name: as_dict(getattr(made, name)) for name in made.__struct_fields__}
    if isinstance(made, plain.Shape):
        return {name: as_dict(getattr(made, name)) for name in made.fields}
    return [as_dict(each) for each in made] if isinstance(made, list) else made


@pytest.mark.parametrize("kind", [*KINDS, "Cache", "Times", "Outcome", "Run", "Path"])
def test_each_shape_has_the_same_fields(kind: str) -> None:
    assert set(getattr(plain, kind).fields) == set(getattr(shape, kind).__struct_fields__)


@given(
    st.sampled_from(KINDS),
    VALUES,
    st.sampled_from((json.dumps, lambda value: json.dumps(value).encode(), lambda value: value)),
)
def test_both_read_the_same_and_leave_out_the_same(kind: str, value: Json, way: Callable[[Json], Json]) -> None:
    raw = way(value)
    ours, left_out = plain.decoded(getattr(plain, kind), raw)
    theirs, left_out_there = shape.decoded(getattr(shape, kind), raw)
    assert (as_dict(ours), left_out) == (as_dict(theirs), left_out_there)


@pytest.mark.parametrize(
    "raw", [b'{"cost":1', b"[1]", b"\xef\xbb\xbf{}", b'{"role":"\xff"}', b'{"x":NaN}', b"[" * 100_000, "", b'{"cost":1e400}', 7, None]
)  # fmt: skip
def test_damage_is_met_alike(raw: Json) -> None:
    ours, left_out = plain.decoded(plain.Message, raw)
    theirs, left_out_there = shape.decoded(shape.Message, raw)
    assert (as_dict(ours), left_out) == (as_dict(theirs), left_out_there)
    assert ours is None or as_dict(ours)["role"] in {None, "�"}
