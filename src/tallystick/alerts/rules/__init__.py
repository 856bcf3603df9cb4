"""Rules: one file per thing that an alert can be about."""
