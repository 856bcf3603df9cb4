"""E-mail goes to a real server, encrypted, and never in plain text where that was not said."""

import smtplib
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.alerts.outlets.deaf import deaf
from tests.alerts.places import ALERT, Mailbox, Place, certified, hangs, place, to, world

from tallystick.alerts.outlets import mail as mailing
from tallystick.alerts.outlets.mail import check, send
from tallystick.alerts.outlets.outlet import To

WHO = {"host": "127.0.0.1", "from": "tally@example.org", "to": ["a@example.org", "b@example.org"]}


def mail(at: Place, timeout: float = 5, **said: object) -> To:
    """Return a mail server as a place."""
    return to("smtp", timeout, **{**WHO, "port": at.port, **said})


def test_a_mail_arrives_encrypted_and_whole(tmp_path: Path) -> None:
    context, ca = certified(tmp_path)
    with place(Mailbox(context, "hunter2").manner) as at:
        assert send(ALERT, mail(at, user="u", password="hunter2", ca=ca), world()) == ""
    (said,) = at.mails
    assert [line[:8].upper() for line in said if line[:4] in {b"star", b"STAR", b"mail", b"MAIL", b"AUTH"}] == [
        b"STARTTLS",
        b"AUTH PLA",
        b"MAIL FRO",
    ]
    assert [line.lower() for line in said if line[:4].lower() == b"rcpt"] == [b"rcpt to:<a@example.org>\r\n", b"rcpt to:<b@example.org>\r\n"]  # fmt: skip
    found = message_from_bytes(b"".join(said[said.index(b"data\r\n") + 1 :]), policy=default)
    assert found["Subject"] == "[Tallystick] Budget used up: project=~/wörk <b>"
    assert (found["To"], found["From"]) == ("a@example.org, b@example.org", "tally@example.org")
    assert found["Message-ID"] == f"<alert-7-{ALERT.began}@laptop>"
    assert found["Date"] == "Mon, 05 Jan 2026 08:00:00 -0000"
    assert found.get_content().startswith(f"{ALERT.text}\r\n")


def test_tls_from_the_beginning(tmp_path: Path) -> None:
    context, ca = certified(tmp_path)
    with place(Mailbox().manner, context) as at:
        assert send(ALERT, mail(at, tls="tls"), world()) == "its certificate is not trusted"
        assert send(ALERT, mail(at, tls="tls", ca=ca), world()) == ""
    assert len(at.mails) == 1


def test_nothing_is_sent_in_plain_text_unless_that_is_said() -> None:
    with place(Mailbox().manner) as at:
        assert send(ALERT, mail(at), world()) == "it does not offer TLS, or no way to log in: nothing was sent"
        assert at.mails == []
        assert send(ALERT, mail(at, tls="none"), world()) == ""
        assert len(at.mails) == 1


def test_failures_are_told_without_secrets(tmp_path: Path) -> None:
    context, ca = certified(tmp_path)
    with place(Mailbox(context, "right").manner) as at:
        wrong = send(ALERT, mail(at, user="u", password="hunter2", ca=ca), world())
        assert wrong == "it does not take this user and password"
    with place(Mailbox(refuses=True).manner) as at:
        assert send(ALERT, mail(at, tls="none"), world()) == "it takes no mail for these addresses"
    assert send(ALERT, mail(at, tls="none"), world()) == "it cannot be reached (connection refused)"


@pytest.mark.parametrize("tls", ["none", "tls"])
def test_a_server_that_hangs_is_left_in_time(tls: str) -> None:
    with place(hangs) as at:
        begun = time.monotonic()
        assert send(ALERT, mail(at, 0.3, tls=tls), world()) == "no answer within 0.3 s"
        assert time.monotonic() - begun < 2


def test_a_server_that_greets_without_end_is_left_in_time() -> None:
    with place(Mailbox(drips=True).manner) as at:
        begun = time.monotonic()
        assert send(ALERT, mail(at, 0.4, tls="none"), world()) == "no answer within 0.4 s"
        assert time.monotonic() - begun < 2


def test_a_name_that_nobody_resolves_has_no_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with deaf(monkeypatch):
        begun = time.monotonic()
        assert send(ALERT, to("smtp", 0.3, **{**WHO, "host": "example.invalid"}), world()) == "no answer within 0.3 s"
        assert time.monotonic() - begun < 1


@pytest.mark.parametrize("own, told", [("box", b"[127.0.0.1]"), ("box.example.org", b"box.example.org")])
def test_nobody_is_asked_how_this_machine_is_called(monkeypatch: pytest.MonkeyPatch, own: str, told: bytes) -> None:
    # As smtplib does, whose question to the system has no end.
    monkeypatch.setattr(smtplib, "socket", SimpleNamespace())
    monkeypatch.setattr(mailing, "socket", SimpleNamespace(gethostname=lambda: own))
    with place(Mailbox().manner) as at:
        assert send(ALERT, mail(at, tls="none"), world()) == ""
    assert at.mails[0][0] == b"ehlo " + told + b"\r\n"


def test_a_title_with_the_end_of_a_line_makes_no_header() -> None:
    with place(Mailbox().manner) as at:
        assert send(ALERT._replace(title="a\r\nBcc: x@example.org"), mail(at, tls="none"), world()) == ""
    (said,) = at.mails
    assert not any(line.lower().startswith(b"bcc:") for line in said)


def test_addresses_are_needed() -> None:
    assert check(WHO) == ""
    assert check({**WHO, "to": "a@example.org"}) == ""
    assert check({**WHO, "to": []}) == "to must name somebody"
    for wrong in ({"to": ["nobody"]}, {"from": "a@b\nBcc: c@d"}, {"to": [7]}):
        assert check({**WHO, **wrong}) == "from and to must be mail addresses"
