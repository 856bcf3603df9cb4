"""The Pythons of this machine that a client may meet, found where they can be, and the client as they run it."""

import os
import subprocess
from functools import cache
from pathlib import Path
from shutil import which

import pytest


@cache
def python(version: str) -> str:
    """Return the path of a Python, by `3.9`; skip the test where there is none."""
    found = [
        path
        for root in (os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv")
        if root
        for path in sorted(Path(root).glob(f"versions/{version}.*/bin/python{version}"))
    ]
    for candidate in (*map(str, found), which(f"python{version}")):
        if candidate and _runs(candidate, version):
            return candidate
    pytest.skip(f"there is no Python {version} on PATH or among pyenv's")


def _runs(path: str, version: str) -> bool:
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([path, "-I", "-S", "-c", ask], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version


OLDEST, NEWEST = "3.9", "3.13"
BOTH = pytest.mark.parametrize("version", [OLDEST, NEWEST])
