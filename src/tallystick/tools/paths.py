"""Paths in a tool's variables, as the tools themselves understand them."""

from collections.abc import Mapping


def expanded(path: str, home: str) -> str:
    """Return a path without a slash at its end, a tilde at its beginning being the home directory."""
    path = path.strip()
    path = path.rstrip("/\\") or path
    return home + path[1:] if path == "~" or path.startswith(("~/", "~\\")) else path


def listed(environ: Mapping[str, str], variable: str, home: str) -> list[str]:
    """Return the paths that a variable names, divided by commas."""
    return [expanded(part, home) for part in environ.get(variable, "").split(",") if part.strip()]
