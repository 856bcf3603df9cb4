"""`tally completion`: the script with which a shell completes commands and options."""

import click
from click.shell_completion import get_completion_class

from tallystick.cli import entrance
from tallystick.cli.tree import COMMANDS, COMPLETION, tree
from tallystick.errors import Unavailable

_HOW = """Put it into your shell's start file:

\b
  bash   eval "$(tally completion bash)"      in ~/.bashrc
  zsh    eval "$(tally completion zsh)"       in ~/.zshrc
  fish   tally completion fish | source       in ~/.config/fish/config.fish
"""


def command(name: str) -> click.Command:
    """Return the command."""
    shells = click.Argument(["shell"], type=click.Choice(["bash", "zsh", "fish"]))
    return click.Command(name, callback=run, params=[shells], help=f"{COMMANDS[name].help}\n\n{_HOW}")


def run(shell: str) -> int:
    """Print the script for a shell."""
    kind = get_completion_class(shell)
    if kind is None:
        raise Unavailable(f"There is no completion for {shell}.")
    made = kind(tree(), {}, "tally", COMPLETION)
    # What click's own `source` prints, without first asking the installed bash for its version.
    entrance.write(made.source_template % made.source_vars())
    return 0
