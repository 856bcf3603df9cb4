"""Building the client: the same bytes every time, no more in it than is needed, and nothing that 3.9 cannot read."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.intake.push.clients import built
from tests.intake.push.pythons import OLDEST, python

from tallystick.intake.push.build import build
from tallystick.intake.push.lowering import Unlowerable

COMPILE = """
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    for name in archive.namelist():
        compile(archive.read(name), name, "exec")
    print(len(archive.namelist()))
"""
IMPORT = """
import importlib, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    names = [name[:-3].replace("/", ".") for name in archive.namelist()]
sys.path.insert(0, sys.argv[1])
for name in names:
    if name != "__main__":
        importlib.import_module(name[:-9] if name.endswith(".__init__") else name)
print(len(names), sorted({"msgspec", "zstandard", "typing_extensions"} & set(sys.modules)))
"""


def names() -> list[str]:
    """Return the names of what is in the client."""
    with zipfile.ZipFile(io.BytesIO(built())) as archive:
        return archive.namelist()


def test_the_same_source_gives_the_same_bytes() -> None:
    again = [
        sys.executable,
        "-c",
        "import sys; from tallystick.intake.push.build import build; sys.stdout.buffer.write(build())",
    ]
    assert subprocess.run(again, capture_output=True, check=True).stdout == built()
    with zipfile.ZipFile(io.BytesIO(built())) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())


def test_it_has_what_is_needed_and_nothing_else() -> None:
    there = set(names())
    assert {"__main__.py", "unpacking.py", "tallystick/tools/shelf.py", "tallystick/intake/push/client.py"} <= there
    assert {
        "tallystick/tools/codex/rollout.py",
        "tallystick/intake/databases.py",
        "tallystick/intake/push/sender.py",
    } <= there
    foreign = (
        "answers",
        "faces",
        "prices",
        "house",
        "settings",
        "ledger/sqlite",
        "workers",
        "claude_code/shape",
        "push/arrival",
    )
    assert not [
        name
        for name in there
        for part in foreign
        if name.startswith(f"tallystick/{part}") or name.endswith(f"/{part}.py")
    ]
    assert len(built()) < 200_000


@pytest.mark.parametrize("version", [OLDEST, "3.10", "3.11", "3.12", "3.13"])
def test_every_module_is_compiled_and_imported_by_a_python_without_anything_else(tmp_path: Path, version: str) -> None:
    path = tmp_path / "client.pyz"
    path.write_bytes(built())
    for program, told in ((COMPILE, f"{len(names())}\n"), (IMPORT, f"{len(names())} []\n")):
        done = subprocess.run(
            [python(version), "-I", "-S", "-c", program, str(path)], capture_output=True, text=True, check=False
        )
        assert (done.stdout, done.stderr) == (told, "")


def test_a_python_that_is_too_old_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "client.pyz"
    path.write_bytes(built())
    done = subprocess.run([python("3.8"), "-I", "-S", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("client.pyz needs Python 3.9 or newer; this one is 3.8.")


def test_it_names_nothing_of_the_machine_that_built_it() -> None:
    with zipfile.ZipFile(io.BytesIO(built())) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    here = str(Path(__file__).resolve().parents[3]).encode()
    assert here not in content
    assert Path.home().as_posix().encode() + b"/" not in content


def test_what_is_missing_or_cannot_be_lowered_is_told_with_its_module(tmp_path: Path) -> None:
    with pytest.raises(Unlowerable, match=r"tallystick\.intake\.push\.\w+ is missing"):
        build(str(tmp_path))
    for name in ("client", "older", "unpacking"):
        path = tmp_path / "tallystick" / "intake" / "push" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("from typing import cast\ncast(int, 1)\n")
    with pytest.raises(Unlowerable, match=r"tallystick\.intake\.push\.\w+: still needs cast of typing"):
        build(str(tmp_path))
