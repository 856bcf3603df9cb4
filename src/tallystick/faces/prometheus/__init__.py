"""Metrics, in the text format that Prometheus scrapes."""
