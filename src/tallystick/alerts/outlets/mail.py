"""E-mail by SMTP: encrypted unless a person says that it shall not be."""

import smtplib
import socket
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any, Final

from tallystick.alerts.outlets.outlet import Alert, Field, Outlet, To, World
from tallystick.alerts.outlets.posting import Watch, trusting

STARTTLS: Final = "starttls"
TLS: Final = "tls"
NONE: Final = "none"
_LOOPBACK: Final = "[127.0.0.1]"
"""What a machine without a whole name calls itself (RFC 5321, section 4.1.3)."""
_PORTS: Final[Mapping[str, int]] = {STARTTLS: 587, TLS: 465, NONE: 25}

_WORDS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (smtplib.SMTPAuthenticationError, "it does not take this user and password"),
    (smtplib.SMTPNotSupportedError, "it does not offer TLS, or no way to log in: nothing was sent"),
    (smtplib.SMTPRecipientsRefused, "it takes no mail for these addresses"),
)


def send(alert: Alert, to: To, world: World) -> str:
    """Send the message."""
    said = to.said
    tls = said.get("tls") or (TLS if said.get("port") == _PORTS[TLS] else STARTTLS)
    watch = Watch(to.timeout)
    try:
        with watch:
            _send(_message(alert, to, world.now()), said, tls, watch)
    except smtplib.SMTPException as error:
        return watch.told(TimeoutError(), to.timeout) if watch.late else _told(error)
    except Exception as error:  # noqa: BLE001  whatever it is, it is one failure of one target
        return watch.told(error, to.timeout)
    return ""


def _told(error: smtplib.SMTPException) -> str:
    """Return in a few words what went wrong: never what the server said, which may hold names and more."""
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words
    return f"answered {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else "it broke off"


def _send(message: EmailMessage, said: Mapping[str, Any], tls: str, watch: Watch) -> None:
    context = None if tls == NONE else trusting(said.get("ca", ""))
    made = _Watched(said["host"], watch, context if tls == TLS else None)
    try:
        made.connect(said["host"], said.get("port") or _PORTS[tls])
        if tls == STARTTLS:
            made.starttls(context=context)
        if said.get("user"):
            made.login(said["user"], said.get("password", ""))
        made.send_message(message)
    finally:
        made.close()


class _Watched(smtplib.SMTP):
    """A connection that is watched over from its beginning, and encrypted from there where there is a context for that."""

    def __init__(self, host: str, watch: Watch, context: ssl.SSLContext | None) -> None:
        self._watch, self._context = watch, context
        # Its own name, where that is a whole one: else smtplib asks the system for one, which may take as long as it likes.
        own = socket.gethostname()
        super().__init__(local_hostname=own if "." in own else _LOOPBACK, timeout=watch.seconds)
        # The name that a certificate has to have, which smtplib knows only of a host that it is given here.
        self._host = host

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:  # noqa: ANN401  as smtplib has it
        del timeout
        return self._watch.connected(host, port, self._context)


def _message(alert: Alert, to: To, now: int) -> EmailMessage:
    message = EmailMessage()
    recipients = to.said["to"]
    message["From"], message["To"] = (
        to.said["from"],
        recipients if isinstance(recipients, str) else ", ".join(recipients),
    )
    message["Subject"] = " ".join(_plain(f"[Tallystick] {alert.title}").split())
    message["Date"] = formatdate(now / 1000)
    # The same for every try, so that a mailbox shows it once.
    domain = "".join(each for each in alert.machine if each.isascii() and each.isalnum()) or "tallystick"
    message["Message-ID"] = f"<alert-{f'0-{now}' if alert.is_test else alert.name}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{_plain(alert.text)}\n\nRule: {alert.rule}, level: {alert.level}, noticed on {_plain(alert.machine)}.\n")  # fmt: skip
    return message


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def check(said: Mapping[str, Any]) -> str:
    """Return what is wrong with the addresses."""
    recipients = [said["to"]] if isinstance(said["to"], str) else said["to"]
    for each in (said["from"], *recipients):
        if not isinstance(each, str) or not each.isprintable() or "@" not in each:
            return "from and to must be mail addresses"
    return "" if recipients else "to must name somebody"


MAIL: Final = Outlet(
    "smtp",
    {
        "host": Field(str, needed=True),
        "port": Field(int),
        "from": Field(str, needed=True),
        "to": Field((str, list), needed=True),
        "user": Field(str),
        "password": Field(str),
        "tls": Field(str, among=(STARTTLS, TLS, NONE)),
        "ca": Field(str),
    },
    send,
    check,
)
