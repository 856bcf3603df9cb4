"""The plan of what is to run in the background: which part of the environment it keeps, and how a plan is kept in a file."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple, override

from tallystick.service.service import FORGET, REGISTER, UNREGISTER, Person, Plan, Remove, Service, Step, Write, under

HOST: Final = "127.0.0.1"
"""Where one that listens everywhere is near."""
SCHEMA: Final = "tallystick.plan/1"

_ALWAYS: Final = (
    "HOME",
    "USERPROFILE",
    "PATH",
    "TZ",
    "PORT",
    "CACHE_TTL",
    "ADAPTERS",
    # Without it the interpreter may not find what it found now.
    "PYTHONPATH",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    "XDG_CACHE_HOME",
    # Prices are fetched the way that they are fetched now.
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    # So does the proxy, which goes on through whatever proxy there is, and trusts whom the person trusts.
    "ALL_PROXY",
    "all_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
)


class Kept(NamedTuple):
    """The part of an environment that goes with a plan."""

    environment: tuple[tuple[str, str], ...]
    dropped: tuple[str, ...]
    """Variables that belong to it but that no file of a manager can hold."""


class _Listening(Mapping[str, str]):
    """An environment that remembers which of its variables were asked for."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.asked: set[str] = set()

    @override
    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.environ[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self.environ)

    @override
    def __len__(self) -> int:
        return len(self.environ)


def kept(environ: Mapping[str, str], readers: Iterable[Callable[[Mapping[str, str]], object]] = ()) -> Kept:
    """Return what the service needs of an environment: our own variables and each one that a reader looks at.

    A reader that is given the same values for all it looked at finds the same, so that the service reads what is read now.
    """
    listening = _Listening(environ)
    for reader in readers:
        reader(listening)
    names = {name for name in environ if name.startswith("TALLY_")} | listening.asked | set(_ALWAYS)
    there = sorted(name for name in names if environ.get(name))
    fit = [name for name in there if can_stand(name) and can_stand(environ[name]) and "=" not in name]
    return Kept(tuple((name, environ[name]) for name in fit), tuple(name for name in there if name not in fit))


def can_stand(text: str) -> bool:
    """Whether a text can stand in the files of every manager: XML has no control characters, and all are UTF-8."""
    return not any(
        sign < " " or sign == "\x7f" or "\ud800" <= sign <= "\udfff" or sign in "\ufffe\uffff" for sign in text
    )


def address(host: str, port: int) -> str:
    """Return the address that a browser on this machine is given."""
    host = {"0.0.0.0": HOST, "::": "::1", "": HOST}.get(host, host)  # noqa: S104  nothing is bound here
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def encoded(plan: Plan) -> bytes:
    """Return a plan as it is kept in a file."""
    fields = plan._asdict() | {"environment": dict(plan.environment)}
    return (json.dumps({"schema": SCHEMA, **fields}, indent=1) + "\n").encode()


def decoded(content: bytes) -> Plan | None:
    """Return a plan from its file; None for anything else."""
    try:
        found = json.loads(content)
        return Plan(
            interpreter=str(found["interpreter"]),
            program=tuple(map(str, found["program"])),
            arguments=tuple(map(str, found["arguments"])),
            environment=tuple((str(name), str(value)) for name, value in found["environment"].items()),
            folder=str(found["folder"]),
            log=str(found["log"]),
            host=str(found["host"]),
            port=int(found["port"]),
            version=str(found["version"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def record(person: Person) -> str:
    """Return the file that keeps the plan of the installed service."""
    return under(person.state, "service.json")


def installing(service: Service, plan: Plan, person: Person) -> tuple[Step, ...]:
    """Return all that is done to install a service or to bring an installed one up to date."""
    files = service.files(plan, person)
    return (Write(record(person), encoded(plan)), *files, *service.commands(REGISTER, person))


def uninstalling(service: Service, person: Person) -> tuple[Step, ...]:
    """Return all that is done to remove a service; it does no harm where there is none."""
    gone = (Remove(path) for path in (*service.paths(person), record(person)))
    return (*service.commands(UNREGISTER, person), *gone, *service.commands(FORGET, person))
