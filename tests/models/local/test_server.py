"""The real model on the real server."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from workbench.config import LocalConfig
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Delta, Done, Message, Request
from workbench.models.local import LocalProvider, Store
from workbench.models.local.process import ServerProcess

MODEL = "local/smollm2"
PROMPT = "Describe the river, " + "the stones, the water and the light on it, " * 8 + "in one sentence."


class Talk:
    """What one call gave."""

    def __init__(self) -> None:
        self.text = ""
        self.tokens = 0
        self.done: Done | None = None

    @property
    def end(self) -> Done:
        assert self.done is not None
        return self.done


def asked(prompt: str = "Name the largest planet.", **fields: Any) -> Request:
    fields = {"model": MODEL, "max_tokens": 16, "temperature": 0.8, "seed": 1, **fields}
    return Request(messages=(Message("user", prompt),), **fields)


async def talk(provider: LocalProvider, request: Request, heard: asyncio.Event | None = None) -> Talk:
    said = Talk()
    async with contextlib.aclosing(provider.stream(request)) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Delta):
                said.text += chunk.text
                said.tokens = chunk.tokens or said.tokens
                if heard is not None:
                    heard.set()
            else:
                said.done = chunk
    return said


@pytest.fixture
async def provider(
    embedded_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[LocalProvider]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    config = LocalConfig(slots=4, context_per_slot=512)
    local = LocalProvider(config, store=Store(config, embedded_models))
    yield local
    await local.aclose()
    slots = tmp_path / "cache" / "local" / "slots"
    assert not slots.exists() or list(slots.iterdir()) == []


def process_of(provider: LocalProvider) -> ServerProcess:
    (running,) = provider._running.values()
    return running.process


async def busy_slots(process: ServerProcess, client: httpx.AsyncClient) -> int:
    slots = (await client.get(f"{process.url}/slots")).json()
    return sum(slot["is_processing"] for slot in slots)


async def written(process: ServerProcess, client: httpx.AsyncClient) -> float:
    """Completion tokens the server counts, those of cancelled calls among them."""
    metrics = (await client.get(f"{process.url}/metrics")).text.splitlines()
    return next(float(line.split()[1]) for line in metrics if line.startswith("llamacpp:tokens_predicted_total "))


@pytest.mark.slow
async def test_one_call_streams_and_reports_its_usage(provider: LocalProvider) -> None:
    said = await talk(provider, asked())
    assert said.text
    assert said.end.usage.source == "reported"
    assert said.end.usage.prompt_tokens == 35
    assert 0 < (said.end.usage.completion_tokens or 0) <= 16
    assert said.tokens <= (said.end.usage.completion_tokens or 0)
    assert said.end.mean_logprob is not None
    assert said.end.mean_logprob < 0
    same = await talk(provider, asked())
    assert same.text == said.text, "the same seed is the same text"
    assert (await talk(provider, asked(seed=2))).text != said.text
    assert (await talk(provider, asked(max_tokens=2))).end.finish_reason == "length"


@pytest.mark.slow
async def test_a_group_larger_than_the_slots_computes_its_prompt_once(provider: LocalProvider) -> None:
    await talk(provider, asked("warm up", max_tokens=1))
    said = await asyncio.gather(
        *(talk(provider, asked(PROMPT, seed=seed, group="g", group_size=6)) for seed in range(6))
    )
    cached = [each.end.usage.cached_tokens or 0 for each in said]
    prompt = said[0].end.usage.prompt_tokens or 0
    assert sum(prompt - each > 1 for each in cached) == 1, f"one computes the prompt, the rest find it: {cached}"
    alone = await talk(provider, asked(PROMPT, seed=3))
    assert alone.text == said[3].text, "a restored prompt is the same prompt"


@pytest.mark.slow
async def test_choices_come_with_probabilities(provider: LocalProvider) -> None:
    said = await talk(provider, asked("Is fire hot? Answer A for yes, B for no.", choices=("A", "B")))
    assert said.text in ("A", "B")
    assert said.end.finish_reason == "stop"
    assert set(said.end.choice_probabilities) == {"A", "B"}
    assert sum(said.end.choice_probabilities.values()) == pytest.approx(1)
    words = await talk(provider, asked("Is fire hot?", choices=("accept", "reject"), temperature=0))
    assert words.text == max(words.end.choice_probabilities, key=lambda each: words.end.choice_probabilities[each])


@pytest.mark.slow
async def test_leaving_the_stream_frees_its_slot(provider: LocalProvider) -> None:
    heard = [asyncio.Event() for _ in range(4)]
    story = asked("Tell a story.", max_tokens=450, extra={"ignore_eos": True})
    calls = [asyncio.create_task(talk(provider, story, each)) for each in heard]
    await asyncio.gather(*(each.wait() for each in heard))
    process = process_of(provider)
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {process.key}"}) as client:
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        while await busy_slots(process, client):
            pass
        assert await written(process, client) < 450, "of the 1800 tokens that four stories have"
    assert (await talk(provider, asked())).text, "and its slots serve the next"


@pytest.mark.slow
async def test_no_more_calls_reach_the_server_than_it_has_slots(provider: LocalProvider) -> None:
    await talk(provider, asked("warm up", max_tokens=1))
    process = process_of(provider)
    said = asyncio.gather(*(talk(provider, asked(f"Count from {n}.", max_tokens=12)) for n in range(10)))
    deferred = []
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {process.key}"}) as client:
        while not said.done():
            metrics = (await client.get(f"{process.url}/metrics")).text
            deferred += [line for line in metrics.splitlines() if line.startswith("llamacpp:requests_deferred")]
    assert len(await said) == 10
    assert set(deferred) == {"llamacpp:requests_deferred 0"}


@pytest.mark.slow
async def test_a_prompt_longer_than_a_slot_is_a_context_error(provider: LocalProvider) -> None:
    for group in ("", "g"):
        with pytest.raises(ModelError, match="exceeds the available context") as caught:
            await talk(provider, asked("word " * 600, group=group, group_size=2))
        assert caught.value.kind is ErrorKind.CONTEXT_WINDOW
    assert (await talk(provider, asked())).text


@pytest.mark.slow
async def test_a_dead_server_fails_its_calls_and_the_next_call_starts_another(provider: LocalProvider) -> None:
    heard = asyncio.Event()
    call = asyncio.create_task(talk(provider, asked("Tell a story.", max_tokens=400), heard))
    await heard.wait()
    first = process_of(provider)
    first._process.kill()
    with pytest.raises(ModelError, match="server ended") as caught:
        await call
    assert caught.value.kind is ErrorKind.INTERRUPTED
    assert (await talk(provider, asked())).text
    assert process_of(provider).pid != first.pid


@pytest.mark.slow
async def test_the_server_is_loopback_only_and_locked(provider: LocalProvider) -> None:
    await talk(provider, asked(max_tokens=1))
    process = process_of(provider)
    assert process.url.startswith("http://127.0.0.1:")
    async with httpx.AsyncClient() as client:
        refused = await client.post(f"{process.url}/v1/chat/completions", json={"messages": []})
        page = {"Origin": "http://page.example", "Access-Control-Request-Method": "POST"}
        asked_by_a_page = await client.options(f"{process.url}/v1/chat/completions", headers=page)
    assert refused.status_code == 401
    assert asked_by_a_page.headers.get("access-control-allow-origin") not in ("*", "http://page.example")
    if sys.platform == "linux":
        assert process.key.encode() not in visible(process.pid)


@pytest.mark.slow
def test_one_provider_serves_one_event_loop_after_another(
    embedded_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    config = LocalConfig(slots=1, context_per_slot=512)
    local = LocalProvider(config, store=Store(config, embedded_models))
    assert asyncio.run(talk(local, asked())).text
    pid = process_of(local).pid
    assert asyncio.run(talk(local, asked())).text
    assert process_of(local).pid == pid
    asyncio.run(local.aclose())


def visible(pid: int) -> bytes:
    """What any program of this user can read of a process."""
    return b"".join(Path(f"/proc/{pid}/{part}").read_bytes() for part in ("cmdline", "environ"))


PARENT = """
import asyncio, sys
from pathlib import Path
from workbench.config import LocalConfig
from workbench.models.base import Message, Request
from workbench.models.local import LocalProvider, Store

async def main():
    config = LocalConfig(slots=1, context_per_slot=512)
    local = LocalProvider(config, store=Store(config, Path(sys.argv[1])))
    async for chunk in local.stream(Request(model="local/smollm2", messages=(Message("user", "hi"),), max_tokens=1)):
        pass
    (running,) = local._running.values()
    print(running.process.pid, flush=True)
    if sys.argv[2] == "hang":
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="asks /proc and sends SIGKILL")
@pytest.mark.parametrize("way", ["hang", "leave"])
def test_the_server_dies_with_its_parent_and_says_nothing_on_its_streams(
    embedded_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(embedded_models), way], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert parent.stdout is not None
    line = parent.stdout.readline()
    pid = int(line)
    if way == "hang":
        parent.send_signal(signal.SIGKILL)
    rest, errors = parent.communicate(timeout=20)
    assert (rest, errors) == (b"", b"")
    deadline = time.monotonic() + 5
    while alive(pid):
        assert time.monotonic() < deadline, "the server outlived its parent"


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_a_file_that_is_no_model_is_an_error_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF" + bytes(60))
    local = LocalProvider(LocalConfig(gguf={"broken": str(broken)}))
    with pytest.raises(ModelError, match=r"llama\.cpp could not start") as caught:
        await talk(local, asked(model="local/broken"))
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    await local.aclose()


async def test_a_library_that_does_not_load_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "xllamacpp.py").write_text("raise ImportError('libgomp.so.1: cannot open shared object file')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    model = tmp_path / "some.gguf"
    model.write_bytes(b"GGUF" + bytes(60))
    local = LocalProvider(LocalConfig(gguf={"some": str(model)}))
    with pytest.raises(ModelError, match="apt install libgomp1"):
        await talk(local, asked(model="local/some"))
    await local.aclose()
