"""Schedules: how each system is told to run the client every five minutes, and to leave that.

A plan is a value: what `--dry-run` shows is what would be done.
"""

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape
from zlib import crc32

from tallystick.errors import Unavailable

EVERY_MINUTES: Final = 5
LABEL: Final = "tallystick.client"
MARK: Final = "# tallystick client"
"""By which our line in a crontab is known."""
_NO_CRONTAB: Final = "no crontab for"

type Run = Callable[[Sequence[str], str], tuple[int, str, str]]
"""Runs a program with an input; returns its exit code, its output and its messages. Raises OSError where there is none."""


class Job(NamedTuple):
    """What is to be run, and where."""

    command: tuple[str, ...]
    home: str
    platform: str
    """As `sys.platform` has it."""
    uid: int = 0


class Plan(NamedTuple):
    """What has to be done."""

    programs: tuple[tuple[tuple[str, ...], str], ...]
    """To be run one after another, each with its input."""
    write: Mapping[str, str] = {}
    """Files and what is in them."""
    remove: tuple[str, ...] = ()

    def told(self) -> str:
        """Return what would be done, line by line."""
        lines = [f"remove {path}" for path in self.remove]
        lines += [f"write {path}:\n{content}" for path, content in self.write.items()]
        return "\n".join(
            [
                *lines,
                *(f"run {shlex.join(each)}" + (f", with:\n{text}" if text else "") for each, text in self.programs),
            ]
        )


def plan(job: Job, run: Run, *, install: bool) -> Plan:
    """Return what sets a job up, or takes it away again; raise `Unavailable` where the system has nothing for that."""
    if job.platform == "win32":
        return _windows(job, install=install)
    if job.platform == "darwin":
        return _launchd(job, install=install)
    return _cron(job, run, install=install)


def carry_out(made: Plan, run: Run) -> None:
    """Do what a plan says; raise `Unavailable` where a step fails."""
    try:
        for path in made.remove:
            if os.path.exists(path):
                os.remove(path)
        for path, content in made.write.items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
        for program, text in made.programs:
            code, _, said = run(program, text)
            # What is not there need not be ended.
            if code and program[1:2] != ("bootout",):
                raise Unavailable(f"`{shlex.join(program)}` failed: {said.strip() or f'exit code {code}'}.")
    except OSError as error:
        raise Unavailable(f"The schedule cannot be set up ({(error.strerror or str(error)).lower()}).") from None


def _cron(job: Job, run: Run, *, install: bool) -> Plan:
    try:
        code, table, said = run(("crontab", "-l"), "")
    except OSError:
        raise Unavailable(
            f"There is no crontab here. Have something else run this every {EVERY_MINUTES} minutes: {shlex.join(job.command)}"
        ) from None
    if code and _NO_CRONTAB not in said:
        raise Unavailable(f"`crontab -l` failed: {said.strip()}.")
    lines = [] if code else [line for line in table.splitlines() if not line.endswith(MARK)]
    if install:
        # Machines that were set up alike do not all come in the same minute; a `%` ends a line of a crontab.
        first = crc32(job.home.encode("utf-8", "replace")) % EVERY_MINUTES
        command = shlex.join(job.command).replace("%", "\\%")
        lines.append(f"{first}-59/{EVERY_MINUTES} * * * * {command} >/dev/null 2>&1 {MARK}")
    return Plan(((("crontab", "-"), "".join(f"{line}\n" for line in lines)),))


def _launchd(job: Job, *, install: bool) -> Plan:
    path = os.path.join(job.home, "Library", "LaunchAgents", f"{LABEL}.plist")
    domain = f"gui/{job.uid}"
    end = (("launchctl", "bootout", f"{domain}/{LABEL}"), "")
    if not install:
        return Plan((end,), remove=(path,))
    words = "".join(f"\n    <string>{escape(word)}</string>" for word in job.command)
    content = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>{LABEL}</string>
  <key>ProgramArguments</key>
  <array>{words}
  </array>
  <key>StartInterval</key>
  <integer>{EVERY_MINUTES * 60}</integer>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>
"""
    return Plan((end, (("launchctl", "bootstrap", domain, path), "")), {path: content})


def _windows(job: Job, *, install: bool) -> Plan:
    if not install:
        return Plan(((("schtasks", "/Delete", "/TN", LABEL, "/F"), ""),))
    # Windows divides a command into words by its own rules: those of `subprocess.list2cmdline`.
    command = " ".join(f'"{word}"' if " " in word or not word else word for word in job.command)
    return Plan(
        ((("schtasks", "/Create", "/SC", "MINUTE", "/MO", str(EVERY_MINUTES), "/TN", LABEL, "/TR", command, "/F"), ""),)
    )
