"""The command line: the front door."""

import gc
import os
import sys

from tallystick.errors import Misused, NotFound, Refused, TallystickError, Unavailable

# The modules of types cost a third of what a status line has.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

CODES: "Final[tuple[tuple[type[TallystickError], int], ...]]" = (
    (Misused, 2),
    (NotFound, 1),
    (Unavailable, 3),
    (Refused, 4),
)
"""Exit codes by kind of error; 0 is done, 1 any other failure, 10 a gate that said no."""
INTERRUPTED: "Final" = 130
"""As shells tell of a program that was stopped with Ctrl-C."""
_WORTH_COLLECTING: "Final" = 50_000
"""Objects that pile up before Python looks for garbage among them: no answer makes as many, an import of gigabytes does."""


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run a command line and return its exit code; without one, the process's own, with which it then ends."""
    if argv is not None:
        return _guarded(list(argv))
    # Looking for garbage, while it runs and once more when it ends, takes a tenth of a warm answer's time.
    gc.set_threshold(_WORTH_COLLECTING)
    code = _guarded(sys.argv[1:])
    gc.freeze()
    return code


def _guarded(arguments: list[str]) -> int:
    """Run a command line, turning errors into sentences and codes."""
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except TallystickError as error:
        text = str(error)
        if not text.isprintable():
            # It repeats what it was given, which may hold what steers a terminal.
            text = "".join(each if each.isprintable() or each == "\n" else "�" for each in text)
        print(f"tally: {text}", file=sys.stderr)
        return next((number for kind, number in CODES if isinstance(error, kind)), 1)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads has seen enough (`tally daily | head`). Python would complain once more when it closes the pipe.
        _let_go_of_output()
        return 0
    except OSError as error:
        from errno import ENOSPC

        if error.errno != ENOSPC or error.filename is not None:
            raise
        # Without a file's name it is the output that cannot be written.
        _let_go_of_output()
        print("tally: The output cannot be written: no space left on device.", file=sys.stderr)
        return 3
    return code


def _let_go_of_output() -> None:
    """Have nothing more written to where nothing can be: Python would try again, and complain, when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: list[str]) -> int:
    """Answer without click what is plainly understood: importing it takes longer than answering."""
    if arguments[:1] == ["statusline"]:
        from tallystick.cli.statusline import quick

        code = quick(arguments[1:])
        if code is not None:
            return code
    if arguments[:2] == ["budget", "gate"] and not {"-h", "--help"} & set(arguments):
        from tallystick.cli import gate

        return gate.run(arguments[2:])
    if arguments and "_TALLY_COMPLETE" not in os.environ:
        from tallystick.cli import reporting
        from tallystick.cli.options import OF_REPORTS, read

        if arguments[0] in reporting.BY_NAME and arguments[0] not in reporting.APART:
            values = read(arguments[1:], OF_REPORTS)
            if values is not None:
                return reporting.run(arguments[0], values)
    from tallystick.cli.tree import run

    return run(arguments)
