"""Connections: kept, reused, closed, proxied only where they leave this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.fakes.openai_server import FakeServer
from workbench.models import connections
from workbench.models.base import Done, Message, Request
from workbench.models.connections import client_for, proxy_for
from workbench.models.endpoints import Endpoint
from workbench.models.http import HttpProvider


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer() as fake:
        yield fake


async def test_no_more_than_the_allowed_number_is_kept(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE_CONNECTIONS", 3)
    async with client_for(server.base_url) as client:
        await asyncio.gather(*(client.get(f"{server.base_url}/models") for _ in range(10)))
        await server.until(lambda: server.open_connections == 3)
        for _ in range(5):
            await client.get(f"{server.base_url}/models")
        assert server.open_connections == 3
    await server.until(lambda: server.open_connections == 0)


async def test_a_connection_that_the_server_closed_is_replaced() -> None:
    async with FakeServer() as server, client_for(server.base_url) as client:
        await client.get(f"{server.base_url}/models")
        for connection in list(server._connections):
            connection.abort()
        await server.until(lambda: server.open_connections == 0)
        assert (await client.get(f"{server.base_url}/models")).status_code == 200


def test_proxies_are_for_other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert proxy_for("https://api.example/v1") == "http://proxy:3128"
    assert proxy_for("https://inside.example/v1") is None
    assert proxy_for("http://api.example/v1") is None
    assert [proxy_for(f"https://{host}/v1") for host in ("127.0.0.1:8000", "localhost", "[::1]:8000")] == [None] * 3


async def test_a_request_for_another_machine_goes_through_the_proxy(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
    async with client_for("http://far.invalid/v1") as client:
        response = await client.get("http://far.invalid/v1/models")
    assert response.status_code == 404  # the fake server's word on a path it does not know: it was asked as a proxy
    assert "http://far.invalid" in response.text


@pytest.mark.parametrize("steps", range(8))
async def test_a_connection_whose_closing_was_cancelled_is_not_lent_again(server: FakeServer, steps: int) -> None:
    """A race cancels its winner's stream while its connection is being emptied; the next race must not wait on it."""
    provider = HttpProvider(Endpoint(name="lab", base_url=server.base_url))
    request = Request(model="lab/ok", messages=(Message("user", "hi"),))
    for count in range(1, 4):
        done = asyncio.Event()

        async def read(done: asyncio.Event = done) -> None:
            async for chunk in provider.stream(request):
                if isinstance(chunk, Done):
                    done.set()

        task = asyncio.create_task(read())
        await asyncio.wait_for(done.wait(), 5)
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(server.records) == count
    await provider.aclose()
