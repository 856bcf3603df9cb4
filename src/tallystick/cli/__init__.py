"""The command line: the front door."""

import os
import sys
from collections.abc import Sequence
from typing import Final

from tallystick.errors import Misused, NotFound, Refused, TallystickError, Unavailable

CODES: Final[tuple[tuple[type[TallystickError], int], ...]] = (
    (Misused, 2),
    (NotFound, 1),
    (Unavailable, 3),
    (Refused, 4),
)
"""Exit codes by kind of error; 0 is done, 1 any other failure, 10 a gate that said no."""
INTERRUPTED: Final = 130
"""As shells tell of a program that was stopped with Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except TallystickError as error:
        print(f"tally: {error}", file=sys.stderr)
        return next((number for kind, number in CODES if isinstance(error, kind)), 1)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads has seen enough (`tally daily | head`). Python would complain once more when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _run(arguments: list[str]) -> int:
    """Answer reports without click where their options are plainly understood: importing it takes longer than answering."""
    if arguments and "_TALLY_COMPLETE" not in os.environ:
        from tallystick.cli import reporting
        from tallystick.cli.options import OF_REPORTS, read

        if arguments[0] in reporting.BY_NAME:
            values = read(arguments[1:], OF_REPORTS)
            if values is not None:
                return reporting.run(arguments[0], values)
    from tallystick.cli.tree import run

    return run(arguments)
