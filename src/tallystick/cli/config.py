"""`tally config`: every setting with its value and where that is from, and the file that holds them."""

import os
import sys
from collections.abc import Mapping
from typing import Final

import click

from tallystick.cli import control, entrance
from tallystick.cli.tree import COMMANDS
from tallystick.errors import Misused, Unavailable
from tallystick.settings import DEFAULT, NAMES, Server, Settings, server

SCHEMA: Final = "tallystick.config/1"
_TEMPLATE: Final = """\
# What Tallystick goes by. Every line is optional; `tally config show` tells what counts and why.
# A variable such as TALLY_TIMEZONE counts before this file, an option before both.

# timezone = "Europe/Berlin"      # whose days are meant; by default this machine's
# data_dir = "~/ledgers/tally"    # where the ledger lies
# machine = "laptop"              # what this machine and you are called in the ledger
# user = "dev"

# [tools]
# homes = ["/srv/alice"]          # further homes whose tools are read too

# [ledger]
# url = "clickhouse://host:8123/tally"  # servers that keep the ledger instead of a file; or TALLY_LEDGER_URL

# [server]
# port = 3847                     # where `tally serve` answers
# host = "127.0.0.1"              # beyond this machine only with a token
# token = "long-and-secret"       # what those must show who ask from elsewhere
# hosts = ["tally.example"]       # further names by which it may be called
# guids = ["0b0e…"]               # of clients of the Token Usage Server
# origins = ["chrome-extension://abcdefghijklmnopabcdefghijklmnop"]  # whose pages may ask it
# cache_ttl = 30                  # seconds for which an answer of /usage is given again
# energy = false                  # a page with an estimate of electricity and water
# control = "postgresql://tally@db/tally"  # what several servers share: tokens, budgets, alerts

# [push]                          # what leaves this machine when it is paired with a server
# project = "keep"                # or "pseudonym", or "leave-out"; as well branch and session
# [[push.paths]]
# match = "~/clients/**"          # another rule for these projects
# project = "pseudonym"

# [remote]                        # what reports are asked of instead of the ledger here; --local asks that
# server = "https://tally.example"
# token = "tally_r_…"             # one for reading; or TALLY_SERVER_READ_TOKEN

# [limits]
# fetch = ["anthropic"]           # ask the vendor what is used of a plan, with the login of Claude Code on this machine

# [budgets]
# gateway = true                  # the gateway refuses what comes beyond a hard budget

# [alerts]                        # docs/alerts.md has them all
# quiet = "22:00-07:00"           # hours in which nobody is told
# resolved = true                 # who was told that something is wrong is told when it is over, too
# spend = false                   # a rule that is off
# [[alerts.to]]
# kind = "slack"                  # or desktop, webhook, discord, ntfy, smtp, home-assistant, command
# url = "$SLACK_URL"              # what the variable SLACK_URL holds

# [statusline]
# template = "{model}[ · {session}][ · today {today}][ · {limit}]"  # what `tally statusline` prints
# width = 0                       # how many columns it may have; 0 for any, by default as the terminal tells

# [prices]
# refresh = true                  # fetch price tables once a day, after an answer was given

# [prices."house-model-1"]        # USD per million tokens, for what no price list knows
# input = 0.5
# output = 1.5
"""


def command(name: str) -> click.Command:
    """Return the command."""
    json = click.Option(["--json"], is_flag=True, help="As JSON, for scripts.")
    group = click.Group(name, help=COMMANDS[name].help)
    group.add_command(
        click.Command("show", callback=show, params=[json], help="Each setting, its value and where that is from.")
    )
    group.add_command(click.Command("path", callback=path, help="The file that is read."))
    group.add_command(click.Command("init", callback=init, help="Write that file with everything in it commented out."))
    return group


def show(json: bool) -> int:  # noqa: FBT001  as click gives it
    """Show every setting."""
    chosen = entrance.settings()
    rows = [(name, value, _source(chosen, name)) for name, value in _values(chosen)]
    served = server(chosen, os.environ)
    rows += [(f"server.{name}", value, served.sources[name]) for name, value in _of_server(served)]
    rows += _of_remote(chosen)
    if json:
        from tallystick.answers.as_json import value as as_json

        found = {name: {"value": value, "source": source} for name, value, source in rows}
        entrance.write(as_json({"schema": SCHEMA, **found}) + "\n")
        return 0
    widths = [max(len(row[place]) for row in rows) for place in (0, 1)]
    for name, value, source in rows:
        entrance.write(f"{name:{widths[0]}}  {value:{widths[1]}}  {source}\n")
    return 0


def _values(chosen: Settings) -> list[tuple[str, str]]:
    named = [(name, getattr(chosen, name)) for name in ("config", *NAMES)]
    named.append(("homes", ", ".join(chosen.homes) or "(none)"))
    said = [
        f'"{name}"' if isinstance(given, dict) else f"{name} = {_as_toml(given)}"
        for name, given in chosen.prices.items()
    ]
    hidden = [f"{name} = {given}" for name, given in chosen.push.items() if isinstance(given, str)]
    hidden += [f"{each['match']}: {_rule(each)}" for each in chosen.push.get("paths", ())]
    return [*named, ("prices", ", ".join(said) or "(none)"), ("push", "; ".join(hidden) or "(everything is kept)")]


def _rule(each: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {given}" for name, given in each.items() if name != "match")


def _of_server(served: Server) -> list[tuple[str, str]]:
    """Return what is set for the server; of what opens doors only whether there is any."""
    guids = (f"({len(served.guids)} set)",) if served.guids else ()
    shown = served._replace(token="(set)" if served.token else "", guids=guids, control=control.shown(served.control))
    texts = {
        name: ", ".join(value) if isinstance(value, tuple) else str(value) for name, value in shown._asdict().items()
    } | {"energy": _as_toml(shown.energy)}
    return [(name, texts[name] or "(none)") for name in served.sources]


def _of_remote(chosen: Settings) -> list[tuple[str, str, str]]:
    """Return what is set for asking a server; of the token only whether there is one."""
    rows = []
    for name, variable in (("server", "TALLY_REMOTE_SERVER"), ("token", "TALLY_SERVER_READ_TOKEN")):
        given = os.environ.get(variable) or chosen.remote.get(name, "")
        source = f"{variable} in the environment" if os.environ.get(variable) else chosen.config if given else DEFAULT
        rows.append((f"remote.{name}", ("(set)" if given and name == "token" else given) or "(none)", source))
    return rows


def _as_toml(given: object) -> str:
    return str(given).lower() if isinstance(given, bool) else f'"{given}"'


def _source(chosen: Settings, name: str) -> str:
    source = chosen.sources[name]
    if source != DEFAULT:
        return source
    if name == "config":
        return DEFAULT if os.path.exists(chosen.config) else "default; there is no such file"
    return "default; this machine's is not known" if name == "timezone" else DEFAULT


def path() -> int:
    """Print the path of the file."""
    entrance.write(f"{entrance.settings().config}\n")
    return 0


def init() -> int:
    """Write the file, unless there is one."""
    file = _path_wanted()
    if os.path.exists(file):
        raise Misused(f"{file} is there already: edit it as it is.")
    try:
        os.makedirs(os.path.dirname(file), mode=0o700, exist_ok=True)
        with open(file, "x", encoding="utf-8") as stream:
            stream.write(_TEMPLATE)
    except OSError as error:
        raise Unavailable(f"{file} cannot be written ({(error.strerror or str(error)).lower()}).") from None
    print(f"tally: {file} is written; nothing in it counts until you take the # away.", file=sys.stderr)
    return 0


def _path_wanted() -> str:
    """Return where the file is to be; one that TALLY_CONFIG names and that does not exist yet is no mistake here."""
    named = os.environ.get("TALLY_CONFIG")
    return os.path.abspath(named) if named else entrance.settings().config
