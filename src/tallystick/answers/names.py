"""Names to filter by: what the ledger calls tools, projects, machines, models, sessions, branches, agents and users, and tags."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tallystick.answers.fold import OF_CONTEXT
from tallystick.answers.pricing import name_of
from tallystick.answers.question import OF_VARIANT, TAG
from tallystick.answers.tags import tagged
from tallystick.ledger.ledger import Ledger
from tallystick.usage.event import Variant


def names(ledger: Ledger, keys: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return by key the names that there are, those first that stand in most combinations with others; the empty one is none.

    They are those of the lists of who ran what where and of what was called, which are short beside what was used.
    """
    # The latest come first among equals.
    contexts = list(zip(*reversed(ledger.ask("contexts")), strict=True))
    variants = [Variant(*row[1:]) for row in reversed(ledger.ask("variants"))]
    found: dict[str, Sequence[str]] = {}
    for key in keys:
        if key in OF_VARIANT:
            number = Counter(name_of(variant, key) for variant in variants)
        elif key == TAG:
            number = Counter(tag for tags in tagged(ledger).values() for tag in tags)
        else:
            number = Counter(contexts[OF_CONTEXT.index(key) + 1] if contexts else ())
        found[key] = tuple(name for name, _ in number.most_common() if name)
    return found
