"""The fake server does what tests rely on."""

from __future__ import annotations

import httpx

from tests.fakes.openai_server import FakeServer
from tests.fakes.process import ServerProcess
from tests.fakes.scripts import Script


async def lines(client: httpx.AsyncClient, url: str, model: str, **more: object) -> list[str]:
    async with client.stream(
        "POST", f"{url}/chat/completions", json={"model": model, "stream": True, **more}
    ) as response:
        return [line async for line in response.aiter_lines() if line]


async def test_streams_words_then_finish_then_usage_where_asked() -> None:
    async with FakeServer() as server, httpx.AsyncClient(trust_env=False) as client:
        plain = await lines(client, server.base_url, "ok")
        asked = await lines(client, server.base_url, "ok", stream_options={"include_usage": True})
    assert len(plain) == 4 + 1 + 1
    assert plain[-1] == "data: [DONE]"
    assert '"completion_tokens":4' in asked[-2]
    assert [record.number for record in server.records] == [0, 1]
    assert all(record.last_chunk_ns for record in server.records)


async def test_notes_when_a_client_leaves() -> None:
    async with FakeServer() as server, httpx.AsyncClient(trust_env=False) as client:
        body = {"model": "endless", "stream": True}
        async with client.stream("POST", f"{server.base_url}/chat/completions", json=body) as response:
            async for _ in response.aiter_raw():
                break
        await server.until(lambda: server.records[0].closed_ns)
    assert server.records[0].cancelled


async def test_in_another_process() -> None:
    with ServerProcess({"two words": Script(text="Hello there")}) as server:
        async with httpx.AsyncClient(trust_env=False) as client:
            seen = await lines(client, server.base_url, "two words")
        (record,) = server.records()
    assert len(seen) == 4
    assert record.chunks == 2
    assert not record.cancelled
