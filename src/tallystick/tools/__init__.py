"""The shelf of tools: what each one writes down and how it is read, without touching a file."""
