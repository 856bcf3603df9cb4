"""Who refuses our certificate is let through for a while; nobody else is, and nobody for having been ended by hand."""

from collections.abc import Callable

import pytest

from tallystick.intake.proxy.refusals import PASSED_S, Refusals, is_about_the_certificate, who

ALERT = "OpenSSL Error([('SSL routines', '', 'ssl/tls alert unknown ca')])"
SILENT = "connection closed"
ONE = who("127.0.0.1", "api.example", (4865, 4866), (0, 10, 16))


@pytest.fixture
def now() -> list[float]:
    """Return a moment that can be set."""
    return [1_000.0]


@pytest.fixture
def refusals(now: list[float]) -> Refusals:
    """Return a memory with a clock that is set by hand."""
    clock: Callable[[], float] = lambda: now[0]  # noqa: E731  a clock
    return Refusals(clock)


def test_one_alert_is_enough_and_lasts_an_hour(refusals: Refusals, now: list[float]) -> None:
    assert not refusals.holds(ONE)
    assert refusals.failed(ONE, ALERT)
    assert refusals.holds(ONE)
    now[0] += 3_599
    assert refusals.holds(ONE)
    now[0] += 1
    assert PASSED_S == 3_600
    assert not refusals.holds(ONE)


def test_another_host_and_another_program_are_still_read(refusals: Refusals) -> None:
    refusals.failed(ONE, ALERT)
    assert not refusals.holds(who("127.0.0.1", "other.example", (4865, 4866), (0, 10, 16)))
    assert not refusals.holds(who("127.0.0.1", "api.example", (4865,), (0, 10, 16)))
    assert not refusals.holds(who("127.0.0.1", "api.example", (4865, 4866), (0, 10)))
    assert not refusals.holds(who("127.0.0.2", "api.example", (4865, 4866), (0, 10, 16)))


def test_hanging_up_counts_the_second_time_within_ten_minutes(refusals: Refusals, now: list[float]) -> None:
    assert not refusals.failed(ONE, SILENT)
    now[0] += 601
    assert not refusals.failed(ONE, SILENT)
    assert not refusals.holds(ONE)
    now[0] += 599
    assert refusals.failed(ONE, SILENT)
    assert refusals.holds(ONE)


def test_the_memory_is_bounded(refusals: Refusals) -> None:
    for number in range(3_000):
        refusals.failed(who("127.0.0.1", f"h{number}", (), ()), ALERT)
    assert not refusals.holds(who("127.0.0.1", "h0", (), ()))
    assert refusals.holds(who("127.0.0.1", "h2999", (), ()))


def test_a_program_is_known_again_whatever_is_random_in_its_greeting() -> None:
    # 0x?a?a, twice the same byte, is filler (RFC 8701); 21, 35, 41 and 42 come and go with sessions; order is shuffled.
    again = who("127.0.0.1", "api.example", (0x1A1A, 4865, 4866), (0xFAFA, 16, 41, 10, 35, 0, 21, 42))
    assert again == ONE
    assert who("127.0.0.1", "api.example", (4865, 4866, 0x1A2A), (0, 10, 16)) != ONE


@pytest.mark.parametrize(
    "words, about",
    [
        (ALERT, True),
        ("tlsv1 alert bad certificate", True),
        ("sslv3 alert certificate unknown", True),
        ("no shared cipher", False),
        (SILENT, False),
    ],
)
def test_what_a_client_says_about_the_certificate_is_understood(words: str, *, about: bool) -> None:
    assert is_about_the_certificate(words) is about
