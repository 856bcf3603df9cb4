"""Lets `python -m tallystick` do what `tally` does."""

import sys

from tallystick.cli import main

if __name__ == "__main__":
    sys.exit(main())
