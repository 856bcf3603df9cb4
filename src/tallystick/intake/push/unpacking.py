"""The client's own folder, and its modules unpacked there: from an archive each run would compile them anew.

This is the first that runs, out of the archive and before anything else is imported.
"""

import os
import sys
from collections.abc import Mapping
from typing import Final

_PACKAGE: Final = "tallystick"
CODE: Final = "code"
"""The folder of the modules, in the client's own."""
_LONG: Final = 86_400
"""Seconds after which nobody is at work any more with a version of the modules."""


def folder_of(environ: Mapping[str, str], home: str, platform: str) -> str:
    """Return the folder in which the client keeps what it has to remember, there or not."""
    if environ.get("TALLY_DATA_DIR"):
        return os.path.join(environ["TALLY_DATA_DIR"], "client")
    if platform == "win32":
        base = environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif platform == "darwin":
        base = os.path.join(home, "Library", "Application Support")
    else:
        base = environ.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state")
    return os.path.join(base, "tallystick", "client")


def unpacked(archive: str, folder: str, digest: str) -> str:
    """Return where the modules of an archive lie unpacked; the archive itself where they cannot be."""
    code = os.path.join(folder, CODE)
    place = os.path.join(code, digest)
    if os.path.isdir(place):
        return place
    try:
        _unpack(archive, code, place)
    except OSError:
        return archive
    return place


def _unpack(archive: str, code: str, place: str) -> None:
    import shutil
    import zipfile

    os.makedirs(os.path.dirname(code), mode=0o700, exist_ok=True)
    os.makedirs(code, mode=0o700, exist_ok=True)
    # Another one may be at it; a folder that is renamed into its place is there whole or not at all.
    meanwhile = f"{place}.{os.getpid()}"
    try:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(meanwhile)
    except zipfile.BadZipFile as error:
        raise OSError(0, str(error)) from None
    try:
        os.rename(meanwhile, place)
    except OSError:
        shutil.rmtree(meanwhile, ignore_errors=True)
        if not os.path.isdir(place):
            raise
    newest = os.stat(place).st_mtime
    for name in os.listdir(code):
        other = os.path.join(code, name)
        # Other versions go, but not under the feet of one that is at work.
        if other != place and newest - os.stat(other).st_mtime > _LONG:
            shutil.rmtree(other, ignore_errors=True)


def given_up(place: str, archive: str) -> str:
    """Take away unpacked modules of which some are gone, so that they are unpacked anew; return where to find them meanwhile."""
    import shutil

    if place != archive:
        shutil.rmtree(place, ignore_errors=True)
    for name in [name for name in sys.modules if name.partition(".")[0] == _PACKAGE]:
        del sys.modules[name]
    return archive


def platform_here() -> str:
    """Return the name of the system, as `sys.platform` has it."""
    return sys.platform
