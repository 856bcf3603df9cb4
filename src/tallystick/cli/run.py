"""`tally run` and `tally claude`, `codex` …: runs a tool through the proxy or the gateway, and tells in one line what it used."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, override

import click

from tallystick.cli import child, entrance
from tallystick.cli.tree import COMMANDS, HIDDEN
from tallystick.errors import Misused, Unavailable

if TYPE_CHECKING:
    from tallystick.cli.used import Used
    from tallystick.intake.proxy.running import Running
    from tallystick.settings import Settings

PROGRAMS: Final = ("claude", "codex", "gemini", "opencode", "qwen", "copilot")
"""Tools that have a command of their own, which takes whatever they take."""
_THEIRS: Final = {"gemini": "google"}
"""What tokentap calls a provider, where that is another name than ours."""
_TAG_MOST: Final = 64
_TAGS_MOST: Final = 16
_SETTINGS: Final = {"ignore_unknown_options": True, "allow_interspersed_args": False}


class _Whole(click.Command):
    """A command that takes everything behind its name as it is: options and help are those of the tool."""

    @override
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.params = {"arguments": tuple(args)}
        return []


def command(name: str) -> click.Command:
    """Return the command."""
    if name in PROGRAMS:

        def named(arguments: tuple[str, ...]) -> int:
            return perform((name, *arguments), {})

        return _Whole(name, callback=named, help=HIDDEN[name].help, add_help_option=False)
    tag = click.Option(
        ["--tag"],
        multiple=True,
        metavar="NAME=VALUE",
        help="Note this with each call. TALLY_TAGS=a=b,c=d does as well.",
    )
    provider = click.Option(
        ["-P", "--provider"], metavar="NAME", help="Whose tool it is; every provider counts anyway."
    )
    anyway = click.Option(["--anyway"], is_flag=True, help="If no proxy can run, run it without being counted.")
    gateway = click.Option(["--gateway"], is_flag=True, help="Lead it to the server's gateway by its base URL instead.")
    arguments = click.Argument(["arguments"], nargs=-1, required=True, type=click.UNPROCESSED, metavar="COMMAND…")
    return click.Command(
        name,
        callback=run,
        params=[provider, tag, gateway, anyway, arguments],
        help=COMMANDS[name].help,
        epilog=f"Example: tally run --tag ticket=X-1 -- claude. Shorter, without options: tally {'|'.join(PROGRAMS)}.",
        context_settings=_SETTINGS,
    )


def run(
    provider: str | None,
    tag: tuple[str, ...],
    gateway: bool,  # noqa: FBT001  as click gives them
    anyway: bool,  # noqa: FBT001
    arguments: tuple[str, ...],
) -> int:
    """Run a program and return its exit code."""
    if provider:
        _check_provider(provider, entrance.settings())
    return perform(arguments, _tags(tag, "--tag"), _by_gateway if gateway else _by_proxy, anyway=anyway)


class Way(NamedTuple):
    """How a tool is led to where it is counted."""

    port: int
    """Of whoever counts it, on this machine."""
    given: Callable[[str], Mapping[str, str]]
    """Returns what is set besides in the environment of the run that has a token."""


def _by_proxy(chosen: "Settings") -> Way:
    proxy = _proxy(chosen)

    def given(token: str) -> Mapping[str, str]:
        from tallystick.cli import based, env

        # What a person leads to the gateway does not pass by the proxy.
        ours = based.of_run(os.environ, based.usual(chosen), token)
        return {**ours, **env.given(chosen, f"http://{token}:x@127.0.0.1:{proxy.port}")}

    return Way(proxy.port, given)


def _by_gateway(chosen: "Settings") -> Way:
    from tallystick.cli import based, wired

    at, upstreams = based.server(chosen), wired.upstreams(chosen)
    return Way(int(at.rpartition(":")[2]), lambda token: based.given(os.environ, upstreams, at, token))


def perform(
    arguments: Sequence[str],
    tags: Mapping[str, str],
    way: "Callable[[Settings], Way]" = _by_proxy,
    *,
    anyway: bool = False,
) -> int:
    """Run a program on a way on which it is counted; where there is none, raise Unavailable, or run it `anyway`."""
    path = shutil.which(arguments[0])
    if path is None:
        entrance.say(f"There is no program {arguments[0]!r} on your PATH.")
        return child.NOT_FOUND
    chosen = entrance.settings()
    tags = _tags(os.environ.get("TALLY_TAGS", "").split(","), "TALLY_TAGS") | dict(tags)
    try:
        found = way(chosen)
    except Unavailable as error:
        if not anyway:
            command = f"`tally run --anyway -- {arguments[0]}`"
            raise Unavailable(f"{error}\n  {command} runs it all the same, uncounted.") from None
        entrance.say(f"{error}\n  {arguments[0]} runs uncounted.")
        return child.run(path, arguments, os.environ)
    return _counted(chosen, found, (path, arguments), tags)


def _counted(chosen: "Settings", way: Way, program: tuple[str, Sequence[str]], tags: Mapping[str, str]) -> int:
    """Run a program and tell what it used."""
    from tallystick.cli.used import Used
    from tallystick.intake.wire import runs

    try:
        token = runs.register(chosen.data_dir, runs.Run(_here(), tags), time.time())
    except OSError as error:
        raise Unavailable(f"{chosen.data_dir} cannot be written ({(error.strerror or str(error)).lower()}).") from None
    try:
        given = way.given(token)
        used = Used(os.path.join(chosen.data_dir, "spool"), token)
        used.watch()
        code = child.run(*program, {**os.environ, **given})
        used.settle(way.port)
    finally:
        runs.forget(chosen.data_dir, token)
    _tell(chosen, used)
    return code


def _tell(chosen: "Settings", used: "Used") -> None:
    from tallystick.cli.used import sentence

    told = sentence(used.sums(lambda: entrance.house(chosen).book))
    if told:
        entrance.say(told)
        return
    note = "tally: No call to a provider was seen."
    dim = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    print(f"\x1b[2m{note}\x1b[0m" if dim else note, file=sys.stderr)


def _proxy(chosen: "Settings") -> "Running":
    """Return the proxy, started where none runs."""
    from tallystick.cli import proxy
    from tallystick.intake.proxy.plan import PORT

    return proxy.begin(chosen, port=free(PORT))


def free(port: int) -> int:
    """Return a port on which something can listen: this one, or 0, which is any, where somebody else has it."""
    import socket

    with socket.socket() as tried:
        if os.name == "posix":
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _here() -> str:
    """Return the folder in which the tool runs; empty where it is gone."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def _tags(said: Sequence[str], source: str) -> dict[str, str]:
    """Return tags by name; raise Misused for what is none."""
    found: dict[str, str] = {}
    for text in said:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not text.strip():
            continue
        if not (name and sign and value) or len(name) > _TAG_MOST or len(value) > _TAG_MOST:
            raise Misused(
                f"{source} {text!r} is no tag: give a name and a value, such as ticket=X-1, of {_TAG_MOST} characters each at most."
            )
        found[name] = value
    if len(found) > _TAGS_MOST:
        raise Misused(f"{source} gives {len(found)} tags: {_TAGS_MOST} can be noted.")
    return found


def _check_provider(name: str, chosen: "Settings") -> None:
    from tallystick.providers.shelf import PROVIDERS

    known = sorted({listing.name for listing in PROVIDERS} | set(chosen.providers))
    if _THEIRS.get(name.lower(), name.lower()) not in known:
        raise Misused(f"--provider {name!r} is none that is known: {', '.join(known)}.")
