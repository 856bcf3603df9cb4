"""What is asked of the proxy itself is answered by it, and it never connects to itself, under whatever name."""

import asyncio
import http.client
import json
import os

import pytest
from mitmproxy.connection import Client, Server
from mitmproxy.proxy.server_hooks import ServerConnectionHookData
from tests.intake.proxy.origin import Origin
from tests.intake.proxy.passing import Proxy

from tallystick.intake.proxy import ourselves
from tallystick.intake.proxy.plan import Way
from tallystick.intake.proxy.process import led

NAMES = ("0.0.0.0", "127.1", "localhost", "127.0.0.1", "[::ffff:127.0.0.1]")  # noqa: S104  nothing listens there


def connection(proxy: Proxy) -> http.client.HTTPConnection:
    """Return a connection to the proxy itself; who goes round in circles does not answer in time."""
    return http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)


def opened() -> int:
    """Return how many descriptors are open in this process, which is the proxy's too."""
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("host", ["0.0.0.0:{}", "127.1:{}", "self.test:{}", "other.test", "listed.test:443", "a b", ""])
def test_a_request_for_no_other_host_is_answered_here_whatever_its_host_says(
    proxy: Proxy, origin: Origin, host: str
) -> None:
    asked, heads = connection(proxy), len(origin.heads)
    said = {"Host": host.format(proxy.port)}
    for path, status in (("/v1/messages", 404), ("/health?x=1", 200), ("//health", 404), ("/health", 200)):
        # All on one connection: a later request is no other case than the first.
        asked.request("POST" if status == 404 else "GET", path, b"x" if status == 404 else None, said)
        answer = asked.getresponse()
        assert answer.status == status
        body = answer.read()
        assert status == 404 or {**json.loads(body), "authority": ""} == {
            "status": "ok",
            "proxy": True,
            "authority": "",
        }
    asked.close()
    assert len(origin.heads) == heads


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tunnel", [False, True])
def test_it_makes_no_connection_to_itself(proxy: Proxy, name: str, *, tunnel: bool) -> None:
    before = opened()
    asked = connection(proxy)
    there = f"{name}:{proxy.port}"
    method, target = ("CONNECT", there) if tunnel else ("GET", f"http://{there}/x")
    asked.request(method, target, headers={"Host": there})
    answer = asked.getresponse()
    assert answer.status == 502
    assert b"this proxy itself" in answer.read()
    # The client's end and the proxy's.
    assert opened() <= before + 2
    asked.close()


@pytest.mark.parametrize(
    "address, reached",
    [
        (("self.test", 8377), True),
        (("SELF.test", 8377), True),
        (("127.0.0.1", 8377), True),
        (("127.0.0.1", 8378), False),
        (("127.0.0.2", 8377), False),
        (("::1", 8377), False),
        (("other.test", 8377), False),
        (None, False),
    ],
)
def test_only_its_own_address_and_port_are_itself(address: tuple[str, int] | None, *, reached: bool) -> None:
    async def run() -> bool:
        loop = asyncio.get_running_loop()
        ways = (Way("self.test", 0, "127.0.0.1", 8377), Way("other.test", 0, "192.0.2.1", 8377))
        loop.getaddrinfo = led(ways, loop.getaddrinfo)  # type: ignore[method-assign, assignment]
        client = Client(peername=("127.0.0.1", 50_000), sockname=("127.0.0.1", 8377))
        return await ourselves.is_reached(ServerConnectionHookData(Server(address=address), client))

    assert asyncio.run(run()) is reached
