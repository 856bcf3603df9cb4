"""What the files for running a cluster say is one cluster: the same nodes, ports and names in each of them."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
import yaml  # type: ignore[import-untyped]  # it comes with schemathesis, without types

from tallystick.settings import Server

FOLDER: Final = Path(__file__).resolve().parent.parent / "deploy" / "cluster"
SECRETS: Final = {"CLICKHOUSE_PASSWORD": "a", "POSTGRES_PASSWORD": "b", "CLUSTER_SECRET": "c"}


def services() -> dict[str, Any]:
    """Return what compose runs."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    return found


def root(name: str) -> "ET.Element":
    """Return what an XML file holds."""
    return ET.parse(FOLDER / name).getroot()  # noqa: S314  our own file


def texts(element: "ET.Element", path: str) -> list[str]:
    """Return the texts of elements."""
    return [each.text or "" for each in element.findall(path)]


def nodes() -> dict[str, tuple[str, str]]:
    """Return the ledger's nodes, each with its shard and replica."""
    found = services()
    return {
        name: (each["environment"]["SHARD"], each["environment"]["REPLICA"])
        for name, each in found.items()
        if "SHARD" in each.get("environment", {})
    }


def test_there_are_two_shards_of_two_replicas_and_each_node_says_which_it_is() -> None:
    assert nodes() == {
        f"shard-{shard}-replica-{replica}": (f"0{shard}", f"r{replica}") for shard in (1, 2) for replica in (1, 2)
    }
    shards = root("clickhouse.xml").findall("remote_servers/meter/shard")
    named = [texts(shard, "replica/host") for shard in shards]
    assert named == [[name for name, (shard, _) in nodes().items() if shard == f"0{number}"] for number in (1, 2)]
    # Written twice, what a replica gets from the other one would be there double until it is merged.
    assert [texts(shard, "internal_replication") for shard in shards] == [["true"], ["true"]]


def test_keepers_know_each_other_and_the_nodes_know_all_of_them() -> None:
    keepers = {name: each["environment"]["KEEPER_ID"] for name, each in services().items() if name.startswith("keeper")}
    servers = root("keeper.xml").findall("keeper_server/raft_configuration/server")
    assert {server.findtext("hostname"): server.findtext("id") for server in servers} == keepers
    assert len(keepers) % 2 == 1
    known = root("clickhouse.xml").findall("zookeeper/node")
    assert [node.findtext("host") for node in known] == list(keepers)
    assert {node.findtext("port") for node in known} == {root("keeper.xml").findtext("keeper_server/tcp_port")}


def test_servers_ask_every_node_and_hold_nothing_of_their_own() -> None:
    found = services()
    servers = [each for name, each in found.items() if name.startswith("server-")]
    assert len(servers) == 2
    for server in servers:
        address = urlsplit(server["environment"]["TALLY_LEDGER_URL"])
        assert {each.rpartition("@")[2] for each in address.netloc.split(",")} == {f"{name}:8123" for name in nodes()}
        assert parse_qs(address.query)["cluster"] == [root("clickhouse.xml").findall("remote_servers/*")[0].tag]
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
