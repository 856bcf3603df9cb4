"""Nodes of ClickHouse as Debian has it, old, but with shards, replicas and failures that are real; and the ZooKeeper between them."""

import glob
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Final, NamedTuple

import pytest

SERVER: Final = "clickhouse-server"
NAME: Final = "meter"
"""Of the cluster, as every node knows it."""
_JARS: Final = "/usr/share/java"
_OF_ZOOKEEPER: Final = (
    "zookeeper zookeeper-jute slf4j-api slf4j-simple netty-all netty-handler netty-common netty-transport netty-buffer netty-codec"
    " netty-resolver snappy-java metrics-core commons-cli audience-annotations log4j-1.2"
)
_READY_S: Final = 30.0
_ZOO: Final = """tickTime=500
dataDir={folder}/data
clientPort={port}
clientPortAddress=127.0.0.1
admin.enableServer=false
4lw.commands.whitelist=ruok
maxClientCnxns=100
"""
_CONFIG: Final = """<?xml version="1.0"?>
<yandex>
<logger><level>warning</level><log>{folder}/server.log</log><errorlog>{folder}/errors.log</errorlog></logger>
<http_port>{ports.http}</http_port><tcp_port>{ports.native}</tcp_port><interserver_http_port>{ports.between}</interserver_http_port>
<interserver_http_host>127.0.0.1</interserver_http_host><listen_host>127.0.0.1</listen_host>
<path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path><user_files_path>{folder}/files/</user_files_path>
<users_config>{folder}/users.xml</users_config><default_profile>default</default_profile><default_database>default</default_database>
<mark_cache_size>134217728</mark_cache_size><uncompressed_cache_size>134217728</uncompressed_cache_size>
<timezone>UTC</timezone><keep_alive_timeout>30</keep_alive_timeout><mlock_executable>false</mlock_executable>
<remote_servers><meter>{shards}</meter></remote_servers>
<zookeeper><node><host>127.0.0.1</host><port>{zookeeper}</port></node><session_timeout_ms>5000</session_timeout_ms></zookeeper>
<macros><shard>{shard:02}</shard><replica>r{replica}</replica></macros>
<distributed_ddl><path>/clickhouse/task_queue/ddl</path></distributed_ddl>
</yandex>
"""
_USERS: Final = """<?xml version="1.0"?>
<yandex>
<profiles><default><max_memory_usage>2000000000</max_memory_usage><max_threads>2</max_threads>
<allow_experimental_low_cardinality_type>1</allow_experimental_low_cardinality_type></default></profiles>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota></default></users>
<quotas><default><interval><duration>3600</duration><queries>0</queries><errors>0</errors><result_rows>0</result_rows>
<read_rows>0</read_rows><execution_time>0</execution_time></interval></default></quotas>
</yandex>
"""


class Ports(NamedTuple):
    """Where one node listens, on the loopback."""

    http: int
    native: int
    between: int


def required() -> None:
    """Pass a test over where there is no such server, unless it has to be there."""
    missing = not shutil.which(SERVER) or not shutil.which("java") or not os.path.exists(f"{_JARS}/zookeeper.jar")
    if missing and not os.environ.get("TALLY_REQUIRE_ENGINE"):
        pytest.skip("clickhouse-server and zookeeper are not installed")


class Cluster:
    """So many shards of so many replicas each; nodes are counted from 0, shard by shard."""

    def __init__(self, folder: Path, shards: int, replicas: int) -> None:
        """Write what each node has to know, and start nothing."""
        self._folder, self._shards, self._replicas = folder, shards, replicas
        taken = iter(_free(3 * shards * replicas + 1))
        self._zookeeper = next(taken)
        self.nodes = [Ports(next(taken), next(taken), next(taken)) for _ in range(shards * replicas)]
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._keeper: subprocess.Popen[bytes] | None = None
        for number in range(len(self.nodes)):
            self._write(number)

    def _write(self, number: int) -> None:
        folder = self._folder / str(number)
        (folder / "data").mkdir(parents=True)
        shards = "".join(
            "<shard><internal_replication>true</internal_replication>"
            + "".join(
                f"<replica><host>127.0.0.1</host><port>{self.nodes[shard * self._replicas + replica].native}</port></replica>"
                for replica in range(self._replicas)
            )
            + "</shard>"
            for shard in range(self._shards)
        )
        shard, replica = divmod(number, self._replicas)
        text = _CONFIG.format(
            folder=folder,
            ports=self.nodes[number],
            shards=shards,
            zookeeper=self._zookeeper,
            shard=shard + 1,
            replica=replica + 1,
        )
        (folder / "config.xml").write_text(text)
        (folder / "users.xml").write_text(_USERS)

    def start_keeper(self) -> None:
        """Start ZooKeeper, and wait until it answers."""
        folder = self._folder / "zookeeper"
        (folder / "data").mkdir(parents=True, exist_ok=True)
        (folder / "zoo.cfg").write_text(_ZOO.format(folder=folder, port=self._zookeeper))
        jars = [jar for name in _OF_ZOOKEEPER.split() for jar in glob.glob(f"{_JARS}/{name}.jar")]
        main = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
        command = ["java", "-Xmx256m", "-cp", ":".join(jars), main, str(folder / "zoo.cfg")]
        self._keeper = _begun(command, folder)
        _until(lambda: _is_ok(self._zookeeper), "ZooKeeper", folder)

    def start(self, *numbers: int) -> None:
        """Start nodes, all where none are named, and wait until they answer."""
        chosen: Sequence[int] = numbers or range(len(self.nodes))
        for number in chosen:
            folder = self._folder / str(number)
            self._running[number] = _begun([SERVER, f"--config-file={folder / 'config.xml'}"], folder)
        for number in chosen:
            _until(partial(_answers, self.nodes[number].http), f"node {number}", self._folder / str(number))

    def kill(self, number: int) -> None:
        """End a node at once, as a power cut would."""
        process = self._running.pop(number)
        process.kill()
        process.wait()

    def kill_keeper(self) -> None:
        """End ZooKeeper at once."""
        if self._keeper:
            self._keeper.kill()
            self._keeper.wait()
            self._keeper = None

    def stop(self) -> None:
        """End everything."""
        for process in self._running.values():
            process.send_signal(signal.SIGKILL)
        for process in self._running.values():
            process.wait()
        self.kill_keeper()


@contextmanager
def cluster(folder: Path, shards: int = 2, replicas: int = 1) -> Iterator[Cluster]:
    """Run a cluster for as long as it is needed."""
    required()
    made = Cluster(folder, shards, replicas)
    try:
        made.start_keeper()
        made.start()
        yield made
    finally:
        made.stop()


def asked(port: int, text: str) -> str:
    """Return what a node answers to a statement."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/", text.encode(), {"Content-Type": "text/plain"})
    answer = connection.getresponse()
    told = answer.read().decode()
    if answer.status != HTTPStatus.OK:
        raise AssertionError(told)
    return told


def _begun(command: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "out.log").open("ab") as out:
        return subprocess.Popen(command, cwd=folder, stdout=out, stderr=out, start_new_session=True)


def _free(number: int) -> list[int]:
    """Return ports that nobody listens on."""
    held = [socket.socket() for _ in range(number)]
    try:
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in held]
    finally:
        for each in held:
            each.close()


def _until(holds: Callable[[], bool], what: str, folder: Path) -> None:
    end = time.monotonic() + _READY_S
    while not holds():
        if time.monotonic() > end:
            log = (folder / "out.log").read_text(errors="replace")[-2000:]
            raise AssertionError(f"{what} does not answer: {log}")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    with suppress(OSError):
        return asked(port, "SELECT 1") == "1\n"
    return False


def _is_ok(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.sendall(b"ruok")
        return connection.recv(4) == b"imok"
    return False
