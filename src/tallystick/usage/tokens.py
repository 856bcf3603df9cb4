"""Token counts in disjoint kinds, so that a total is a plain sum."""

from typing import NamedTuple


class Tokens(NamedTuple):
    """What one call consumed, in tokens; every kind but `reasoning` is disjoint from the others."""

    input: int = 0
    """Prompt tokens neither read from nor written to a cache."""
    cache_read: int = 0
    cache_write_5m: int = 0
    """Written with a lifetime of five minutes, or with one that is not stated."""
    cache_write_1h: int = 0
    output: int = 0
    """Everything generated, reasoning included."""
    reasoning: int = 0
    """The part of `output` that is reasoning, where the witness says so; not a part of the total."""

    @property
    def total(self) -> int:
        """All tokens, each once."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h + self.output

    @property
    def prompt(self) -> int:
        """The whole prompt, which decides the long-context tier of a price."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h


NO_TOKENS = Tokens()
