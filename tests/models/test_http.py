"""The HTTP provider against a server that streams and fails as told."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest

from tests.fakes.openai_server import FakeServer
from tests.fakes.scripts import Script
from tests.models.streams import ask, collect
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Delta, Done, Usage
from workbench.models.endpoints import Endpoint
from workbench.models.http import HttpProvider

KEY = "sk-very-secret-key-123456"


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer() as fake:
        yield fake


@pytest.fixture
async def lab(server: FakeServer) -> AsyncIterator[HttpProvider]:
    provider = HttpProvider(Endpoint(name="lab", base_url=server.base_url), key=KEY)
    yield provider
    await provider.aclose()


async def failure(provider: HttpProvider, model: str) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await collect(provider, ask(f"lab/{model}"))
    assert KEY not in str(caught.value)
    return caught.value


async def test_streams_answer_and_reported_usage(server: FakeServer, lab: HttpProvider) -> None:
    answer, thinking, done = await collect(
        lab, ask("lab/ok", temperature=0.5, max_tokens=9, seed=3, stop=("END",), extra={"top_k": 4, "user": None})
    )
    assert (answer, thinking, done.finish_reason) == ("The answer is 42.", "", "stop")
    assert done.usage == Usage(prompt_tokens=11, completion_tokens=4, source="reported")
    (record,) = server.records
    assert record.headers["authorization"] == f"Bearer {KEY}"
    assert record.body == {
        "model": "ok",
        "messages": [{"role": "user", "content": "What is 6 × 7?"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "max_tokens": 9,
        "seed": 3,
        "stop": ["END"],
        "top_k": 4,
    }


async def test_several_answers_of_one_request_are_refused(server: FakeServer, lab: HttpProvider) -> None:
    with pytest.raises(ModelError, match="can't set n") as caught:
        await collect(lab, ask("lab/never", extra={"n": 3}))
    assert caught.value.kind is ErrorKind.BAD_REQUEST
    assert server.seen("never") == []


async def test_model_names_with_slashes_and_colons_arrive_whole(server: FakeServer, lab: HttpProvider) -> None:
    await collect(lab, ask("lab/Qwen/Qwen2.5-7B:latest"))
    assert server.records[0].model == "Qwen/Qwen2.5-7B:latest"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_thinking_deltas(server: FakeServer, lab: HttpProvider, field: str) -> None:
    server.scripts["r1"] = Script(
        thinking="Six times seven.", thinking_field=field, reasoning_tokens=3, cached_tokens=4, cost=0.000123
    )
    answer, thinking, done = await collect(lab, ask("lab/r1"))
    assert (answer, thinking) == ("The answer is 42.", "Six times seven.")
    assert (done.usage.reasoning_tokens, done.usage.cached_tokens) == (3, 4)
    assert done.reported_cost == 123_000_000


async def test_think_tags_in_the_content_are_thinking(lab: HttpProvider) -> None:
    answer, thinking, _ = await collect(lab, ask("lab/think-tags"))
    assert (answer, thinking) == ("The answer is 42.", "Six times seven")


async def test_server_without_usage_leaves_it_unknown(lab: HttpProvider) -> None:
    _, _, done = await collect(lab, ask("lab/silent-usage"))
    assert done.usage == Usage()
    assert done.usage.source == "unknown"


async def test_llama_cpp_counts_along(server: FakeServer) -> None:
    server.scripts["m"] = Script(timings=True, usage="never")
    provider = HttpProvider(Endpoint(name="lab", base_url=server.base_url, flavour="llama.cpp"))
    chunks = [chunk async for chunk in provider.stream(ask("lab/m", choices=("A", "B")))]
    assert [chunk.tokens for chunk in chunks if isinstance(chunk, Delta)] == [1, 2, 3, 4]
    done = chunks[-1]
    assert isinstance(done, Done)
    assert done.usage == Usage(prompt_tokens=11, cached_tokens=0, completion_tokens=4, source="reported")
    assert server.records[0].body["grammar"] == 'root ::= "A" | "B"'
    await provider.aclose()


@pytest.mark.parametrize(
    ("model", "reason"), [("truncated", "length"), ("filtered", "content_filter"), ("empty", "stop")]
)
async def test_finish_reasons(lab: HttpProvider, model: str, reason: str) -> None:
    _, _, done = await collect(lab, ask(f"lab/{model}"))
    assert done.finish_reason == reason


@pytest.mark.parametrize(
    ("model", "kind", "status"),
    [
        ("rate-limited", ErrorKind.RATE_LIMIT, 429),
        ("broken", ErrorKind.INTERNAL, 500),
        ("unauthorized", ErrorKind.AUTH, 401),
        ("unpaid", ErrorKind.PAYMENT, 402),
        ("too-long", ErrorKind.CONTEXT_WINDOW, 400),
        ("unsafe", ErrorKind.CONTENT_FILTER, 400),
        ("error-event", ErrorKind.INTERNAL, 500),
        ("malformed", ErrorKind.INTERNAL, None),
        ("no-finish", ErrorKind.INTERRUPTED, None),
        ("drop", ErrorKind.CONNECTION, None),
    ],
)
async def test_failures(lab: HttpProvider, model: str, kind: ErrorKind, status: int | None) -> None:
    error = await failure(lab, model)
    assert (error.kind, error.status, error.where) == (kind, status, f"lab/{model}")


async def test_retry_after_is_passed_on(lab: HttpProvider) -> None:
    error = await failure(lab, "rate-limited")
    assert error.retry_after == 2
    assert error.message == "429 Rate limit reached for requests"


async def test_an_echoed_key_is_taken_out(server: FakeServer, lab: HttpProvider) -> None:
    server.scripts["echo"] = Script(status=401, error=f"wrong key {KEY}\x1b[31m")
    assert (await failure(lab, "echo")).message == "401 wrong key [key][31m"


async def test_a_key_in_the_endpoints_headers_is_taken_out_too(server: FakeServer) -> None:
    server.scripts["echo"] = Script(status=401, error="wrong key very-own-secret")
    headers = {"X-Key": "very-own-secret"}
    provider = HttpProvider(Endpoint(name="lab", base_url=server.base_url, headers=headers))
    with pytest.raises(ModelError) as caught:
        await collect(provider, ask("lab/echo"))
    assert server.records[0].headers["x-key"] == "very-own-secret"
    assert caught.value.message == "401 wrong key [key]"
    await provider.aclose()


async def test_what_arrived_before_a_drop_is_seen(lab: HttpProvider) -> None:
    stream = lab.stream(ask("lab/drop"))
    assert [await anext(stream), await anext(stream)] == [Delta("The"), Delta(" answer")]
    with pytest.raises(ModelError):
        await anext(stream)


async def test_redirects_are_not_followed(server: FakeServer, lab: HttpProvider) -> None:
    async with FakeServer() as other:
        server.scripts["moved"] = Script(status=302, location=f"{other.base_url}/chat/completions")
        error = await failure(lab, "moved")
        assert other.records == []
    assert error.kind is ErrorKind.BAD_REQUEST
    assert "redirects to" in error.message


async def test_connection_refused(free_port: int) -> None:
    provider = HttpProvider(Endpoint(name="lab", base_url=f"http://127.0.0.1:{free_port}/v1"))
    error = await failure(provider, "ok")
    assert error.kind is ErrorKind.CONNECTION
    assert f"127.0.0.1:{free_port}" in error.message


async def test_an_address_that_is_none() -> None:
    provider = HttpProvider(Endpoint(name="lab", base_url="localhost:8000/v1"))
    assert (await failure(provider, "ok")).kind is ErrorKind.BAD_REQUEST


async def test_closing_the_stream_closes_the_connection_at_once(server: FakeServer, lab: HttpProvider) -> None:
    stream = lab.stream(ask("lab/endless"))
    await anext(stream)
    asked = time.monotonic_ns()
    await stream.aclose()
    await server.until(lambda: server.records[0].closed_ns)
    assert server.records[0].closed_ns - asked < 50_000_000
    assert server.records[0].cancelled


@pytest.mark.parametrize("model", ["endless", "stall", "slow-start", "slow-head"])
async def test_cancelling_the_task_closes_the_connection(server: FakeServer, lab: HttpProvider, model: str) -> None:
    task = asyncio.create_task(collect(lab, ask(f"lab/{model}")))
    await server.until(lambda: server.records)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.until(lambda: server.records[0].closed_ns)
    assert server.records[0].cancelled


async def test_a_finished_stream_leaves_its_connection_for_the_next(server: FakeServer, lab: HttpProvider) -> None:
    for _ in range(3):
        await collect(lab, ask("lab/ok"))
    assert server.open_connections == 1
    await lab.aclose()
    await server.until(lambda: server.open_connections == 0)


async def test_leaving_at_the_done_keeps_the_connection_too(server: FakeServer, lab: HttpProvider) -> None:
    for _ in range(3):
        stream = lab.stream(ask("lab/ok"))
        while not isinstance(await anext(stream), Done):
            pass
        await stream.aclose()
    assert server.open_connections == 1


async def test_a_server_that_streams_nothing_is_read_whole(server: FakeServer, lab: HttpProvider) -> None:
    answer, _, done = await collect(lab, ask("lab/ok", extra={"stream": False}))
    assert (answer, done.usage.completion_tokens) == ("The answer is 42.", 4)
    await collect(lab, ask("lab/ok"))
    assert server.open_connections == 1


async def test_a_hundred_streams_at_once(server: FakeServer, lab: HttpProvider) -> None:
    server.scripts["m"] = Script(chunks=(" word",), repeat=50)
    results = await asyncio.gather(*(collect(lab, ask("lab/m")) for _ in range(100)))
    assert {answer for answer, _, _ in results} == {" word" * 50}


def test_one_provider_serves_loops_one_after_another(free_port: int) -> None:
    provider = HttpProvider(Endpoint(name="lab", base_url=f"http://127.0.0.1:{free_port}/v1"))

    async def once() -> str:
        async with FakeServer(port=free_port):
            return (await collect(provider, ask("lab/ok")))[0]

    assert [asyncio.run(once()), asyncio.run(once())] == ["The answer is 42."] * 2


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
