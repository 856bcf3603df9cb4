"""Tallystick: every token that AI coding tools consume, counted once and explained."""

__version__ = "0.1.0"
