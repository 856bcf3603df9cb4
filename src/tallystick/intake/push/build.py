"""The client in one file: what of our own source a machine needs that has nothing but Python 3.9, lowered and zipped.

The same source gives the same bytes: names are sorted and every date is the same.
"""

import ast
import io
import os
import zipfile
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final, NamedTuple

from tallystick.errors import Unavailable
from tallystick.intake.push.lowering import OLDER, Unlowerable, lowered

_PACKAGE: Final = "tallystick"
_ROOTS: Final = (f"{_PACKAGE}.intake.push.client", OLDER)
"""What the client begins with; what it needs besides is found by what it imports."""
_FIRST: Final = f"{_PACKAGE}.intake.push.unpacking"
"""What runs before the package is found; it stands beside it as well."""
_WITHOUT: Final = (
    "tallystick.tools.claude_code.shape",
    "tallystick.tools.codex.shape",
    "tallystick.intake.workers",
)
"""What the readers do without where it is not there, or what the client never asks for."""
_INSTEAD: Final[Mapping[str, str]] = {"tallystick.tools.opencode.shape": "tallystick.tools.opencode.plain"}
"""Modules in whose place another one stands, since they need what may not be installed."""
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_FRONT: Final = "#!/usr/bin/env python3\n"
_MAIN: Final = """\
import sys
if sys.version_info < (3, 9):
    sys.exit("client.pyz needs Python 3.9 or newer; this one is " + sys.version.split()[0] + ".")
import os
import unpacking
_home = os.path.expanduser("~")
_folder = unpacking.folder_of(os.environ, _home, sys.platform)
_archive = os.path.abspath(sys.path[0])
sys.path[0] = unpacking.unpacked(_archive, _folder, {digest!r})
try:
    from {package}.intake.push.client import main
except ImportError:
    sys.path[0] = unpacking.given_up(sys.path[0], _archive)
    from {package}.intake.push.client import main
sys.exit(main(sys.argv[1:], os.environ, _home, os.path.abspath(sys.argv[0])))
"""


def build(folder: str = "") -> bytes:
    """Return the zipapp, made of the package's sources as they lie in `folder` (else where this package lies).

    Raise `Unavailable`, one kind of which is `Unlowerable`.
    """
    top = folder or os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 3))
    try:
        files = _files(_collected(top))
    except (OSError, SyntaxError) as error:
        raise Unavailable(f"The client cannot be made: the sources of Tallystick are damaged ({error}).") from None
    digest = sha256("\0".join(f"{name}\0{text}" for name, text in sorted(files.items())).encode()).hexdigest()[:16]
    files["__main__.py"] = _MAIN.format(package=_PACKAGE, digest=digest)
    packed = io.BytesIO(_FRONT.encode())
    packed.seek(0, io.SEEK_END)
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, text)
    return packed.getvalue()


class _Module(NamedTuple):
    source: str
    imports: list[tuple[str, str]]
    """Of each import the module, and the name that is taken from it."""


def _collected(top: str) -> dict[str, _Module]:
    """Return the modules that the roots need, by name."""
    found: dict[str, _Module] = {}
    waiting = [*_ROOTS, _FIRST]
    while waiting:
        name = waiting.pop()
        if name in found or name in _WITHOUT:
            continue
        path = _path_of(top, _INSTEAD.get(name, name))
        if not path and name in _ROOTS:
            raise Unlowerable(f"{name} is missing")
        if not path:
            continue
        with open(path, encoding="utf-8") as file:
            source = file.read()
        found[name] = _Module(source, list(_imported(ast.parse(source))))
        for module, part in found[name].imports:
            waiting += [module, f"{module}.{part}"]
        waiting += [name.rpartition(".")[0]] if "." in name else []
    return found


def _path_of(top: str, name: str) -> str:
    """Return where a module lies; empty when the name is of something in a module."""
    base = os.path.join(top, *name.split("."))
    found = (path for path in (f"{base}.py", os.path.join(base, "__init__.py")) if os.path.isfile(path))
    return next(found, "")


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == _PACKAGE:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.split(".")[0] == _PACKAGE)


def _files(modules: Mapping[str, _Module]) -> dict[str, str]:
    """Return the archive's files: each module lowered, with only those imports that it or another one uses."""
    wanted: dict[str, set[str]] = {name: set() for name in modules}
    for found in modules.values():
        for module, part in found.imports:
            wanted.get(module, set()).add(part)
    files = {}
    for name, found in modules.items():
        try:
            text = lowered(found.source, wanted[name], name)
        except Unlowerable as error:
            raise Unlowerable(f"{name}: {error}") from None
        inner = any(other.startswith(f"{name}.") for other in modules)
        files[name.replace(".", "/") + ("/__init__.py" if inner else ".py")] = text
        if name == _FIRST:
            files[f"{name.rpartition('.')[2]}.py"] = text
    return files
