"""Ways out: one file per kind of place that an alert can go to."""
