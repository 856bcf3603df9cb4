"""Rules of the house that no other tool keeps: sizes, names, mirrors, start-up, and what never enters the repository."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from shutil import which

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "src" / "tallystick"
LINES_MOST = 400
FUNCTION_LINES_MOST = 40

VAGUE = {"utils", "util", "base", "core", "common", "helper", "helpers", "manager", "managers", "misc"}

UNTESTED: set[str] = set()
"""Source files without a test file of their own. The list only shrinks."""

SECRETS = {
    "key of an API": r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}",
    "key of a cloud": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "token of a forge": r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|glpat-[A-Za-z0-9_-]{20,})",
    "token of a chat": r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "signed token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.",
}
# One letter of each word stands in brackets, so that this file does not hold what it looks for.
MACHINE_PATHS = r"(?<![\w.~-])/(?:wor[k]|roo[t]|far[m]|(?:Users|hom[e])/(?!dev\b|u\b)\w+)(?:/|\b)"
REGISTRIES = r"p[y]pi\.org|python[h]osted\.org|registry\.n[p]mjs|n[p]mjs\.com|deb\.d[e]bian"

HEAVY = {
    "click",
    "dataclasses",
    "genai_prices",
    "httpx2",
    "inspect",
    "json",
    "logging",
    "msgspec",
    "pathlib",
    "platformdirs",
    "pydantic",
    "re",
    "rich",
    "subprocess",
    "tempfile",
    "urllib.request",
}
"""Modules that cost more at start-up than the whole answer of a warm `tally daily --json`."""


@cache
def tracked() -> tuple[Path, ...]:
    """Return all files that git tracks, or would: what is new and not ignored counts too."""
    if not (CHECKOUT / ".git").exists() or not which("git"):
        # An unpacked archive: everything but what is hidden.
        return tuple(path for path in CHECKOUT.rglob("*") if path.is_file() and not _hidden(path))
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    )
    paths = (CHECKOUT / name for name in listing.stdout.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(CHECKOUT).parts)


def sources(folder: Path = PACKAGE) -> list[Path]:
    """Return every Python file of a folder."""
    return sorted(folder.rglob("*.py"))


def name(path: Path) -> str:
    """Return the name of a file as a test shows it."""
    return path.relative_to(CHECKOUT).as_posix()


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and text of each tracked file that is text."""
    for path in tracked():
        try:
            yield name(path), path.read_bytes().decode()
        except UnicodeDecodeError:
            continue


EVERY_SOURCE = pytest.mark.parametrize("path", sources(), ids=name)
EVERY_PYTHON = pytest.mark.parametrize(
    "path", [path for path in tracked() if path.suffix == ".py" and "samples" not in path.parts], ids=name
)


@pytest.mark.parametrize(
    "path", [path for path in tracked() if path.suffix in {".py", ".sql", ".toml", ".js", ".css", ".html"}], ids=name
)
def test_no_file_is_longer_than_one_can_read_at_once(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LINES_MOST


@EVERY_PYTHON
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            assert length <= FUNCTION_LINES_MOST, f"{node.name} has {length} lines"


@pytest.mark.parametrize("folder", ["src", "tests", "bench"])
def test_rooms_and_files_are_named_for_what_is_in_them(folder: str) -> None:
    names = {part for path in sources(CHECKOUT / folder) for part in path.relative_to(CHECKOUT).with_suffix("").parts}
    assert not {each for each in names if set(each.split("_")) & VAGUE}


@EVERY_PYTHON
def test_each_module_opens_with_one_line_that_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring, "the module has no docstring"
    first = docstring.splitlines()[0]
    assert first.endswith("."), f"not a sentence: {first}"
    assert first[0].isupper() or not first[0].isalpha(), f"not a sentence: {first}"


@EVERY_SOURCE
def test_each_source_file_has_a_test_file(path: Path) -> None:
    relative = path.relative_to(PACKAGE)
    if relative.as_posix() in UNTESTED or _only_declares(path):
        return
    own = CHECKOUT / "tests" / relative.with_name(f"test_{relative.name}")
    # A package's __init__ and a tool that is a folder are tested in a file named after the folder.
    folder = CHECKOUT / "tests" / relative.parent.parent / f"test_{relative.parent.name}.py"
    assert own.is_file() or (relative.name == "__init__.py" and folder.is_file()), f"{name(own)} is missing"


def test_the_list_of_untested_files_only_shrinks() -> None:
    for relative in UNTESTED:
        path = PACKAGE / relative
        assert path.is_file(), f"{relative} is gone"
        assert not (CHECKOUT / "tests" / path.relative_to(PACKAGE).with_name(f"test_{path.name}")).is_file(), relative


def _only_declares(path: Path) -> bool:
    """Whether a file has nothing that a test could run: imports, plain values, shapes, and promises without a body."""
    return all(_declares(node) for node in ast.parse(path.read_text()).body)


def _declares(node: ast.stmt) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.TypeAlias() | ast.Pass():
            return True
        case ast.Expr(value=value) | ast.Assign(value=value) | ast.AnnAssign(value=value):
            return value is None or _is_plain(value)
        case ast.ClassDef(body=body) | ast.FunctionDef(body=body):
            return all(_declares(each) for each in body)
        case _:
            return False


def _is_plain(node: ast.expr) -> bool:
    """Whether an expression computes nothing: a constant, a name, or a tuple or list of those."""
    if isinstance(node, ast.Tuple | ast.List):
        return all(_is_plain(each) for each in node.elts)
    return isinstance(node, ast.Constant | ast.Name)


@pytest.mark.parametrize("room", ["usage", "providers", "prices", "tools"])
def test_what_we_know_opens_no_file(room: str) -> None:
    # import-linter sees imports; `open` needs none.
    for path in sources(PACKAGE / room):
        calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
        used = {call.id for call in calls if isinstance(call, ast.Name)}
        assert not used & {"open", "input", "print", "__import__", "exec", "eval"}, name(path)


@EVERY_SOURCE
def test_only_a_tool_knows_a_tool_by_name(path: Path) -> None:
    if (PACKAGE / "tools") in path.parents:
        return
    tools = {each.stem.replace("_", "-") for each in (PACKAGE / "tools").glob("*") if not each.stem.startswith("_")}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Compare | ast.MatchValue):
            words = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
            assert not words & (tools - {"tool"}), f"line {node.lineno}: what differs by tool belongs into tools/"


WARM = """
import sys
from tallystick.cli import main
sys.argv = ["tally", "daily", "--json"]
try:
    main()
except SystemExit:
    pass
"""
needs_cli = pytest.mark.skipif(
    not (PACKAGE / "cli" / "__init__.py").is_file(), reason="tallystick.cli is not built yet"
)


@needs_cli
def test_the_front_door_imports_nothing_heavy(tmp_path: Path) -> None:
    assert not HEAVY & _modules_after("import tallystick.cli", tmp_path)


@needs_cli
def test_a_warm_answer_imports_nothing_heavy(tmp_path: Path) -> None:
    log = tmp_path / ".claude" / "projects" / "p" / "s.jsonl"
    log.parent.mkdir(parents=True)
    log.write_text(
        '{"type":"assistant","timestamp":"2026-11-01T10:00:00.000Z","sessionId":"s","requestId":"req_1","cwd":"/home/dev/p",'
        '"message":{"id":"msg_1","model":"claude-opus-4-8","stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}}}\n'
    )
    _modules_after(WARM, tmp_path)
    assert not HEAVY & _modules_after(WARM, tmp_path)


def _modules_after(program: str, home: Path) -> set[str]:
    """Return what a fresh interpreter has imported after a program, without what site-packages add to every start."""
    paths = f"import sys; sys.path += {sys.path!r}"
    run = subprocess.run(
        [sys.executable, "-S", "-c", f"{paths}\n{program}\nprint(*sys.modules, file=sys.stderr)"],
        env={"HOME": str(home), "PATH": "", "TALLY_DATA_DIR": str(home / "data")},
        capture_output=True,
        check=True,
        text=True,
    )
    return set(run.stderr.splitlines()[-1].split())


def test_no_secret_is_tracked() -> None:
    found = [
        f"{where}: {kind}"
        for where, text in texts()
        for kind, pattern in SECRETS.items()
        if where != "tests/test_house.py" and re.search(pattern, text)
    ]
    assert not found


def test_no_path_of_a_machine_and_no_address_of_a_registry_is_tracked() -> None:
    pattern = re.compile(f"(?:{MACHINE_PATHS}|{REGISTRIES})", re.IGNORECASE)
    found = [
        f"{where}:{number}: {line.strip()[:100]}"
        for where, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found


def test_the_lock_has_versions_and_hashes_and_no_address() -> None:
    text = (CHECKOUT / "requirements.lock").read_text()
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[\w.-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_lock_names_everything_that_the_project_asks_for() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    wanted = (
        project["project"]["dependencies"] + project["dependency-groups"]["dev"] + project["build-system"]["requires"]
    )
    locked = set(re.findall(r"^([\w.-]+)==", (CHECKOUT / "requirements.lock").read_text(), re.MULTILINE))
    assert {re.split(r"[^\w.-]", requirement)[0] for requirement in wanted} <= locked, "run `make lock`"


def test_samples_are_synthetic() -> None:
    # Real logs name a person's home, host and mail address; samples live at /home/dev or /home/u.
    mail = re.compile(r"[\w.+-]+@(?!example\.|users\.noreply\.)[\w-]+\.(?:com|org|net|io|dev|de)\b")
    found = [f"{where}: {match[0]}" for where, text in texts() if "/samples/" in where and (match := mail.search(text))]
    assert not found
