"""Several nodes on one ledger on ClickHouse, one of them killed again and again: nothing acknowledged is lost, nothing is double."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.ledger.clickhouse.engine_server import serving
from tests.ledger.engines import ENGINES
from tests.ledger.sample import decoded
from tests.product.cluster_node import node, told

from tallystick.ledger.memory import MemoryLedger

ROOT = Path(__file__).parents[2]
MANY = 12
THERE = pytest.mark.skipif("clickhouse" not in ENGINES, reason="chdb is not installed: make engine")


@contextmanager
def adding(url: str, folder: Path, name: str, numbers: list[int]) -> Iterator[subprocess.Popen[str]]:
    """Start a node that adds batches; it ends with the test."""
    command = [sys.executable, "-m", "tests.product.cluster_node", url, str(folder), name, ",".join(map(str, numbers))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@THERE
def test_nodes_that_are_killed_lose_nothing_and_count_nothing_twice(tmp_path: Path) -> None:
    chance = random.Random(3)
    sure, risky = list(range(0, 2 * MANY, 2)), list(range(1, 2 * MANY, 2))
    with serving(str(tmp_path / "engine")) as port:
        url = f"clickhouse://127.0.0.1:{port}/nodes"
        with closing(node(url, str(tmp_path), "test")), adding(url, tmp_path, "sure", sure) as steady:
            for life in range(3):
                with adding(url, tmp_path, f"risky-{life}", risky) as process:
                    assert process.stdout
                    for line in process.stdout:
                        # Acknowledged: it is not told again, by whoever follows.
                        risky.remove(int(line))
                        if life < 2 and len(risky) < MANY - 4 * (life + 1):
                            time.sleep(chance.random() / 10)
                            process.kill()
                            for last in process.stdout:
                                risky.remove(int(last))
                            break
            assert steady.stdout
            assert [int(line) for line in steady.stdout] == sure
            assert steady.wait() == 0
        straight = MemoryLedger()
        for number in range(2 * MANY):
            straight.add([told(number)])
        with closing(node(url, str(tmp_path), "other")) as other:
            assert other.snapshot(lambda: decoded(other)) == decoded(straight)
