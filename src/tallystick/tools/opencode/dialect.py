"""In what the tools differ that keep their sessions as OpenCode does."""

from typing import Final, NamedTuple


class Dialect(NamedTuple):
    """One of the tools."""

    tool: str
    free_is_free: bool = False
    """True where a recorded cost of 0 means free of charge; OpenCode writes 0 for what it has no price for."""
    apart_since: tuple[int, int] = (0, 0)
    """The version since which `output` leaves out `reasoning`, for counts without a total that would tell."""


OPENCODE: Final = Dialect("opencode", apart_since=(1, 4))
KILO_CLI: Final = Dialect("kilo-cli")
MIMO_CODE: Final = Dialect("mimo-code", free_is_free=True)
