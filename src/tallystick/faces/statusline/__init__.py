"""The status line: one line about a session and its limits, put together from what is kept ready."""
