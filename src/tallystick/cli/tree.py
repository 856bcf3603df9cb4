"""The tree of commands: their names and what they are for, and where each is found once it is called."""

from importlib import import_module
from typing import Any, Final, NamedTuple, override

import click
from click.shell_completion import CompletionItem

from tallystick import __version__
from tallystick.answers.reports import REPORTS
from tallystick.cli.options import OF_OVERVIEW, OF_REPORTS, Option
from tallystick.cli.reporting import APART

COMPLETION: Final = "_TALLY_COMPLETE"


class Entry(NamedTuple):
    """One command as the help lists it, without importing it."""

    section: str
    help: str
    module: str
    """The module below this room whose function `command(name)` makes the command."""


_HELP_OF_REPORTS: Final = {
    "daily": "What each day consumed and cost.",
    "weekly": "The same by week, from Monday.",
    "monthly": "The same by month.",
    "hours": "The same by hour.",
    "activity": "Each day: prompts, sessions, time at work.",
    "cache": "Each day: what came from caches, and what that saved.",
    "classes": "Each day: what each class of tokens cost.",
    "sessions": "Each session: where, how long, how much.",
    "projects": "Each project.",
    "branches": "Each branch of each project.",
    "models": "Each model.",
    "tools": "Each coding tool: usage, places, how exact.",
    "agents": "The main line and each kind of subagent.",
    "machines": "Each machine; --status: when it was heard of last.",
    "blocks": "Blocks of five hours, with pace and forecast.",
    "report": "Any grouping: tally report --by day,model.",
}
COMMANDS: Final[dict[str, Entry]] = {
    **{
        report.name: Entry("Reports", _HELP_OF_REPORTS[report.name], report.name if report.name in APART else "report")
        for report in REPORTS
    },
    "events": Entry("Closer", "Single events, the newest first.", "closer"),
    "session": Entry("Closer", "One session from beginning to end.", "closer"),
    "calls": Entry("Closer", "Uses of tools by models, and how many failed.", "closer"),
    "compare": Entry("Closer", "A period against the one before it.", "closer"),
    "punchcard": Entry("Closer", "Usage by weekday and hour of the day.", "closer"),
    "year": Entry("Closer", "A year of days.", "closer"),
    "energy": Entry("Closer", "A rough estimate of electricity and water.", "closer"),
    "chart": Entry("Closer", "A panel of the dashboard as a picture or a table.", "chart"),
    "limits": Entry("Limits", "How far each vendor's usage windows are used up.", "limits"),
    "budget": Entry("Limits", "What may be used; how far it is; who says no.", "budget"),
    "why": Entry("Behind the figures", "Explain a figure: formula, prices, events, places.", "why"),
    "audit": Entry("Behind the figures", "What logs and the wire saw of the same calls.", "audit"),
    "prices": Entry("Behind the figures", "What a model costs and how that is known; newer prices.", "prices"),
    "doctor": Entry("Behind the figures", "What was found where, what is wrong, what to do.", "doctor"),
    "live": Entry("Left running", "What goes on right now, on the terminal.", "live"),
    "serve": Entry("Left running", "A page, an API and metrics; follows the logs.", "serve"),
    "follow": Entry("Left running", "Read what is new in the logs as it comes.", "follow"),
    "alert": Entry("Left running", "What is wrong now, who is told, and a test of that.", "alert"),
    "up": Entry("Left running", "Run server and proxy in the background.", "updown"),
    "down": Entry("Left running", "Stop what runs in the background.", "updown"),
    "status": Entry("Left running", "What runs there, since when, and what was wrong.", "updown"),
    "open": Entry("Left running", "Open its page in a browser.", "updown"),
    "logs": Entry("Left running", "What server or proxy have to say; -f goes on.", "updown"),
    "service": Entry("Left running", "The server as a service: install, status and more.", "service"),
    "statusline": Entry("Left running", "One line for Claude Code; install puts it there.", "statusline"),
    "run": Entry("The wire", "Run a tool and count its calls; also: tally claude.", "run"),
    "proxy": Entry("The wire", "Count what the tools really send and get.", "proxy"),
    "gateway": Entry("The wire", "What to set so that a tool is counted on its way.", "gateway"),
    "shell": Entry("The wire", "Lead tools through the proxy while it runs.", "shell"),
    "env": Entry("The wire", "The same variables for a project's .env file.", "env"),
    "ca": Entry("The wire", "The certificate of our own: show, install, rotate.", "ca"),
    "join": Entry("Many machines", "Have this machine send to a server, by its code.", "join"),
    "leave": Entry("Many machines", "Have it send nothing there any more.", "join"),
    "push": Entry("Many machines", "Send what is known to the server of this machine.", "push"),
    "server": Entry("Many machines", "On the server: invite machines; tokens; audit.", "server"),
    "demo": Entry("This program", "Every report on made-up data: tally demo daily.", "demo"),
    "import": Entry("This program", "A tokenfold database, or another machine's logs.", "import_"),
    "config": Entry("This program", "Every setting and where its value is from.", "config"),
    "ledger": Entry("This program", "Where the ledger lies; copies of it, and checks.", "ledger"),
    "completion": Entry("This program", "Print the completion for bash, zsh or fish.", "completion"),
}
"""Every command, in the order of the help. A new one is a line here and a module beside this one."""
HIDDEN: Final[dict[str, Entry]] = {
    "claude": Entry("", "Run Claude Code and count its calls.", "run"),
    "codex": Entry("", "Run Codex and count its calls.", "run"),
    "gemini": Entry("", "Run Gemini CLI and count its calls.", "run"),
    "opencode": Entry("", "Run OpenCode and count its calls.", "run"),
    "qwen": Entry("", "Run Qwen Code and count its calls.", "run"),
    "copilot": Entry("", "Run Copilot CLI and count its calls.", "run"),
    "keep": Entry("", "Keep server and proxy running, for `tally up`.", "keep"),
    "kept": Entry("", "Be one of the two.", "kept"),
    "start": Entry("", "`tally up`, and on a terminal `tally live` in front: as tokentap calls it.", "tokentap"),
    "install": Entry("", "The same as `tally shell install`, as tokentap calls it.", "tokentap"),
    "uninstall": Entry("", "The same as `tally shell uninstall`, as tokentap calls it.", "tokentap"),
    "shell-init": Entry("", "The same as `tally shell init`, as tokentap calls it.", "tokentap"),
    "install-cert": Entry("", "The same as `tally ca install`, as tokentap calls it.", "tokentap"),
}
"""Commands that the help does not list: short forms, names of another program's, and what programs call."""


class Commands(click.Group):
    """Commands that are imported when they are called."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name) or HIDDEN.get(cmd_name)
        if entry is None:
            return None
        made: click.Command = import_module(f"tallystick.cli.{entry.module}").command(cmd_name)
        return made

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, COMMANDS))
        for section in dict.fromkeys(entry.section for entry in COMMANDS.values()):
            with formatter.section(section):
                rows = [
                    (f"{name:<{width}}", entry.help) for name, entry in COMMANDS.items() if entry.section == section
                ]
                formatter.write_dl(rows)

    @override
    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        found = [
            CompletionItem(name, help=entry.help) for name, entry in COMMANDS.items() if name.startswith(incomplete)
        ]
        return found if found and not incomplete.startswith("-") else super().shell_complete(ctx, incomplete)

    @override
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and name not in HIDDEN and not name.startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(name, COMMANDS, n=1)
            meant = f" Did you mean `tally {close[0]}`?" if close else " `tally -h` lists the commands."
            raise click.UsageError(f"There is no command {name!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)


def parameters(options: tuple[Option, ...]) -> list[click.Parameter]:
    """Return options as click has them."""
    return [_parameter(option) for option in options]


def said(given: dict[str, Any]) -> dict[str, Any]:
    """Return what click read the way `options.read` does: what was not said is missing."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in given.items()
        if value is not None and value is not False and value != ()
    }


def _parameter(option: Option) -> click.Parameter:
    if not option.metavar:
        return click.Option([option.name], is_flag=True, help=option.help)
    kind: Any = click.Choice(option.choices) if option.choices else click.IntRange(min=0) if option.number else str
    metavar = None if option.choices else option.metavar
    return click.Option([option.name], type=kind, metavar=metavar, multiple=option.many, help=option.help)


def _overview(**given: Any) -> int | None:  # noqa: ANN401  as click gives them
    if click.get_current_context().invoked_subcommand is not None:
        return None
    from tallystick.cli.overview import run

    return run(said(given))


def tree() -> Commands:
    """Return the command `tally`."""
    group = Commands(
        "tally",
        callback=_overview,
        params=parameters(OF_OVERVIEW),
        invoke_without_command=True,
        help="What your AI coding tools consumed and cost: every token counted once, every figure explained. "
        "Without a command: today, the last seven days and the month.",
        epilog="Each report takes --since, --until, --by, --json and more: tally daily -h tells.",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    version = click.version_option(__version__, prog_name="tally", message="%(prog)s %(version)s")
    return version(group)


def run(arguments: list[str]) -> int:
    """Run a command line; what click finds wrong with it is told in click's words."""
    try:
        code = tree().main(arguments, prog_name="tally", complete_var=COMPLETION, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort as stop:
        raise KeyboardInterrupt from stop
    return code if isinstance(code, int) else 0


__all__ = ["COMMANDS", "HIDDEN", "OF_REPORTS", "Commands", "Entry", "parameters", "run", "said", "tree"]
