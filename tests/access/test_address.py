"""The address of a database: what it means, whose password counts, and that nobody is shown it."""

from pathlib import Path

import pytest

from tallystick.access.address import Address, address
from tallystick.errors import Misused, Unavailable

SECRET = "hunter2"


@pytest.mark.parametrize(
    "url, wanted",
    [
        ("postgresql://u:hunter2@db/tally", Address((("db", 5432),), "u", SECRET, "tally")),
        ("postgres://u%40x:a%2Fb@db:5555/t%20y", Address((("db", 5555),), "u@x", "a/b", "t y")),
        ("postgresql://u@a:1,b:2,[::1]:3/t", Address((("a", 1), ("b", 2), ("::1", 3)), "u", "", "t")),
        ("postgresql://u@/t?host=/run/pg", Address((("/run/pg", 5432),), "u", "", "t")),
        ("postgresql://u@:6000/t?host=/run/pg", Address((("/run/pg", 6000),), "u", "", "t")),
        (
            "postgresql://u@db/t?sslmode=verify-full&sslrootcert=/ca.pem",
            Address((("db", 5432),), "u", "", "t", "verify-full", "/ca.pem"),
        ),
    ],
)
def test_it_means_hosts_a_user_and_a_database(url: str, wanted: Address) -> None:
    found = address(url, "c", {})
    assert tuple(found) == tuple(wanted)


def test_the_password_is_the_urls_else_the_files_else_the_environments(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("of file\n")
    environ = {"PGPASSWORD": "of environ"}
    assert address(f"postgresql://u:own@db/t?password_file={file}", "c", environ).password == "own"
    assert address(f"postgresql://u@db/t?password_file={file}", "c", environ).password == "of file"
    assert address("postgresql://u@db/t", "c", environ).password == "of environ"
    with pytest.raises(Unavailable, match="holds a password, cannot be read"):
        address(f"postgresql://u@db/t?password_file={file}x", "c", environ)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hunter2@db",
        "postgresql://u:hunter2@/t",
        "postgresql://:hunter2@db/t",
        "postgresql://u:hunter2@db:x/t",
        "postgresql://u:hunter2@db:99999/t",
        "postgresql://u:hunter2@db/t?sslmode=off",
        "postgresql://u:hunter2@db/t?password=hunter2",
        "postgresql://u:hunter2@db/t?x",
        "postgresql://u:hunter2@db/t#x",
        "postgresql://u:hunter2@[db/t",
        "mysql://u:hunter2@db/t",
        "hunter2",
    ],
)
def test_what_means_nothing_is_told_without_what_it_holds(url: str) -> None:
    with pytest.raises(Misused, match="TALLY_CONTROL") as told:
        address(url, "TALLY_CONTROL", {})
    assert SECRET not in str(told.value)


def test_it_is_shown_without_the_password() -> None:
    found = address("postgresql://u:hunter2@a:1,b/t", "c", {})
    assert str(found) == repr(found) == f"{found}" == "postgresql://a:1,b:5432/t"
    assert SECRET not in repr((found,))
