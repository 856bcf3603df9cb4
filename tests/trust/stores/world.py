"""A certificate of nobody's, for the commands of stores."""

from tallystick.trust.stores.store import Command, Given

GIVEN = Given("/home/dev/my data/ca/tallystick-ca.pem", "Tallystick 0a1b2c3d", "A1B2C3", "/home/dev")


def lines(commands: tuple[Command, ...]) -> list[str]:
    """Return commands as one reads them; with `#` those for root alone, with `-` those that may fail."""
    return [f"{'#' * each.root}{'-' * (not each.needed)}{' '.join(each.arguments)}" for each in commands]
