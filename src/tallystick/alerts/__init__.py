"""Alerts: what has gone wrong or is about to, told once per episode, by whatever way out a person has set up."""
