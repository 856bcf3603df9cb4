"""What the files for running several servers say fits together: the same names, ports and places in each of them."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
import yaml  # type: ignore[import-untyped]  # it comes with schemathesis, without types

from tallystick.ledger.clickhouse.address import parse
from tallystick.settings import Server

FOLDER: Final = Path(__file__).resolve().parent.parent / "deploy" / "cluster"
SECRETS: Final = {"CLICKHOUSE_PASSWORD": "a", "POSTGRES_PASSWORD": "b"}


def services() -> dict[str, Any]:
    """Return what compose runs."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    return found


def test_what_is_acknowledged_outlasts_a_power_cut() -> None:
    settings = ET.parse(FOLDER / "clickhouse.xml").getroot()  # noqa: S314  our own file
    assert [settings.findtext(f"merge_tree/{name}") for name in ("fsync_after_insert", "fsync_part_directory")] == [
        "1",
        "1",
    ]


def test_servers_share_one_ledger_and_one_database_and_hold_nothing_of_their_own() -> None:
    found = services()
    servers = [each for name, each in found.items() if name.startswith("server-")]
    assert len(servers) == 2
    for server in servers:
        ledger = parse(server["environment"]["TALLY_LEDGER_URL"])
        assert [host for host, _ in ledger.hosts] == ["clickhouse"]
        kept = found["clickhouse"]["environment"]
        assert (ledger.user, ledger.database) == (kept["CLICKHOUSE_USER"], kept["CLICKHOUSE_DB"])
        assert urlsplit(server["environment"]["TALLY_SERVER_CONTROL"]).hostname == "postgres"
        assert "volumes" not in server
        assert server["read_only"]
    assert {"server", "clickhouse", "postgres"} <= set(servers[0]["build"]["args"]["EXTRAS"].split(","))


def test_no_secret_is_in_an_address() -> None:
    for name, each in services().items():
        for value in each.get("environment", {}).values():
            address = urlsplit(str(value)) if "://" in str(value) else None
            assert address is None or address.password is None, name


def test_the_example_of_an_environment_names_what_compose_reads() -> None:
    named = set(re.findall(r"^(\w+)=", (FOLDER / ".env.example").read_text(), re.MULTILINE))
    assert named == set(re.findall(r"\$\{(\w+):[-?]", (FOLDER / "compose.yaml").read_text()))


def test_caddy_hands_on_to_both_servers_at_their_port() -> None:
    (line,) = re.findall(r"reverse_proxy (.*) \{", (FOLDER / "Caddyfile").read_text())
    assert line.split() == [f"{name}:{Server().port}" for name in services() if name.startswith("server-")]


def checked(*command: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a checker; skip where it is not here."""
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    around = {"PATH": os.environ["PATH"], **environ}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=around)


def test_compose_itself_understands_its_file_and_wants_its_secrets(tmp_path: Path) -> None:
    command = ("docker-compose", "--file", str(FOLDER / "compose.yaml"), "config", "--quiet")
    found = checked(*command, HOME=str(tmp_path), **SECRETS)
    assert found.returncode == 0, found.stderr
    for name in SECRETS:
        found = checked(*command, HOME=str(tmp_path), **{**SECRETS, name: ""})
        assert found.returncode != 0
        assert name in found.stderr


def test_caddy_understands_its_file(tmp_path: Path) -> None:
    file = str(FOLDER / "Caddyfile")
    found = checked("caddy", "validate", "--adapter", "caddyfile", "--config", file, HOME=str(tmp_path))
    assert found.returncode == 0, found.stderr
    assert checked("caddy", "fmt", "--diff", file, HOME=str(tmp_path)).returncode == 0
