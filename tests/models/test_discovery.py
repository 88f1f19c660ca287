"""Servers on this machine are found by asking, quickly, and only what answers as one counts."""

from __future__ import annotations

import asyncio
import time

from tests.fakes.openai_server import FakeServer
from workbench.models.discovery import PLACES, Place, discover


async def test_finds_what_answers_and_names_it_after_what_it_is() -> None:
    async with (
        FakeServer(models=("llama3:8b", "qwen"), owner="library") as ollama,
        FakeServer(models=("org/big",), owner="vllm") as one,
        FakeServer(models=("org/other",), owner="vllm") as two,
        FakeServer(models=(), owner="") as empty,
    ):
        places = [
            Place(ollama.port, "ollama"), Place(one.port, "llama.cpp"), Place(two.port, "vllm"),
            Place(empty.port, "lmstudio"), Place(9, "vllm"),
        ]  # fmt: skip
        found = await discover(places)
    assert [endpoint.name for endpoint in found] == ["ollama", "vllm", f"vllm{two.port}", "lmstudio"]
    assert [endpoint.models for endpoint in found] == [("llama3:8b", "qwen"), ("org/big",), ("org/other",), ()]
    assert found[1].flavour == "vllm"
    assert all(endpoint.loopback for endpoint in found)


async def answering(data: bytes, delay: float = 0.0) -> asyncio.Server:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        await asyncio.sleep(delay)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(data), data))
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", 0)


async def test_what_answers_otherwise_is_no_model_server() -> None:
    async with (
        await answering(b"<html>") as page,
        await answering(b'{"data": 3}') as odd,
        await answering(b"[]") as array,
    ):
        ports = [server.sockets[0].getsockname()[1] for server in (page, odd, array)]
        assert await discover([Place(port, "vllm") for port in ports]) == []


async def test_a_silent_server_costs_one_timeout_for_all() -> None:
    async with await answering(b"", delay=3) as slow:
        port = slow.sockets[0].getsockname()[1]
        started = time.perf_counter()
        assert await discover([Place(port, "vllm")] * 5, timeout=0.1) == []
    assert time.perf_counter() - started < 1


def test_the_usual_ports() -> None:
    assert [place.port for place in PLACES] == [11434, 1234, 8000, 8080]
