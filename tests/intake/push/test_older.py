"""What stands in for what Python 3.9 lacks: it gives what the Python that runs these tests gives by itself."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.intake.push.older import fromisoformat, parsed

TEXTS = st.builds(
    "{}{}{}{}".format,
    st.dates().map(str) | st.dates().map(lambda day: day.strftime("%Y%m%d").zfill(8)) | st.sampled_from(("2026-13-01", "2026-1101", "26-11-01")),
    st.sampled_from(("T", " ", "")),
    st.times().map(lambda time: time.isoformat(timespec="seconds"))
    | st.sampled_from(("", "09", "09:50", "0950", "095038", "09:50:38.1", "09:50:38.128", "09:50:38,1281234567", "25:00", "09:5038", "09:50:38."))
    | st.times().map(lambda time: time.isoformat(timespec="microseconds")),
    st.sampled_from(("", "Z", "z", "+01:00", "-0530", "+01", "+01:00:30", "+01:00:30.5", "+25:00", "Z+01:00", "x")),
)  # fmt: skip


def native(text: str) -> datetime | None:
    """Return what this Python makes of a text; None for what it refuses."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def ours(text: str) -> datetime | None:
    """Return what the stand-in makes of it."""
    try:
        return parsed(text)
    except ValueError:
        return None


@given(TEXTS)
def test_a_text_means_the_same_moment_or_nothing(text: str) -> None:
    here, there = ours(text), native(text)
    if here is None or there is None:
        assert (here, there) == (None, None)
    else:
        assert (here.replace(tzinfo=None), here.utcoffset()) == (there.replace(tzinfo=None), there.utcoffset())


@given(st.text(max_size=30))
def test_no_text_does_harm(text: str) -> None:
    moment = ours(text)
    assert moment is None or moment == native(text)


@pytest.mark.parametrize(
    "text, microseconds",
    [
        ("2026-08-21T09:50:38Z", 0),
        ("2026-08-21T09:50:38.Z", 0),
        ("2026-08-21T09:50:38.128Z", 128_000),
        ("2026-08-21T09:50:38.128457Z", 128_457),
        ("2026-08-21T09:50:38.1284579Z", 128_457),
        ("2026-08-21T11:50:38.5+02:00", 500_000),
    ],
)
def test_the_forms_that_logs_have(text: str, microseconds: int) -> None:
    assert (parsed(text) - datetime.fromisoformat("2026-08-21T09:50:38+00:00")).total_seconds() == microseconds / 1e6


def test_newer_pythons_use_their_own() -> None:
    assert fromisoformat("2026-08-21T09:50:38Z") == parsed("2026-08-21T09:50:38Z")
    assert fromisoformat is not parsed
