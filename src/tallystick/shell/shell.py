"""What a shell promises: where its own file is, the script that it runs at each prompt, and how it writes a variable."""

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Person(NamedTuple):
    """Whose shell it is."""

    home: str
    platform: str
    """As `sys.platform` names it."""
    environ: Mapping[str, str]


class Places(NamedTuple):
    """The files that a script looks at, as absolute paths."""

    proxy: str
    """There while the proxy runs; tells its port and process."""
    extra: str
    """The certificates for variables that add to what is trusted."""
    bundle: str
    """The certificates for variables that replace it."""
    named: str
    """Which files of the person's own are in these two, as `NAME=path`."""


class Shell(NamedTuple):
    """One shell."""

    name: str
    title: str
    ending: str
    """How the name of a script ends."""
    file: Callable[[Person], str]
    """The file that it reads when it starts."""
    line: Callable[[str], str]
    """The line in there that runs a script, and does nothing once that is gone."""
    script: Callable[[Places], str]
    """The script: before each prompt it looks whether the proxy answers, and sets the variables only as long as it does."""
    export: Callable[[str, str], str]
    """A line that sets a variable for the programs that are started."""
