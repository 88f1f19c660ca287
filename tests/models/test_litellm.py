"""LiteLLM in its worker, against the fake server: one test for each of its traps."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fakes.openai_server import FakeServer
from tests.fakes.scripts import Script
from tests.models.streams import ask, collect
from workbench.config import Config
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Delta, Usage
from workbench.models.keys import Keys
from workbench.models.litellm.frames import (
    HEAD,
    Cancel,
    Failed,
    FromWorker,
    Open,
    Ready,
    framed,
    from_worker,
    length_of,
)
from workbench.models.litellm.provider import REFUSED, LiteLLMProvider
from workbench.models.prices import PriceBook

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

KEY = "sk-very-secret-key-123456"
PROMPT = "A prompt that nobody else should read: correct horse battery staple."


def provider_for(environ: dict[str, str]) -> LiteLLMProvider:
    config = Config()
    return LiteLLMProvider(config, PriceBook(config), Keys(environ, keyring=lambda _: None), environ)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer() as fake:
        yield fake


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def litellm(server: FakeServer) -> AsyncIterator[LiteLLMProvider]:
    provider = provider_for({**os.environ, "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY})
    yield provider
    await provider.aclose()


async def failure(provider: LiteLLMProvider, model: str, **extra: object) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await collect(provider, ask(f"openai/{model}", PROMPT, extra=extra))
    assert KEY not in str(caught.value)
    assert PROMPT not in str(caught.value)
    return caught.value


async def test_streams_text_usage_and_sampling(server: FakeServer, litellm: LiteLLMProvider) -> None:
    answer, thinking, done = await collect(litellm, ask("openai/ok", seed=7, temperature=0.5, max_tokens=9))
    assert (answer, thinking, done.finish_reason) == ("The answer is 42.", "", "stop")
    assert done.usage == Usage(prompt_tokens=11, completion_tokens=4, source="reported")
    body = server.seen("ok")[0].body
    assert (body["seed"], body["temperature"], body["max_tokens"]) == (7, 0.5, 9)
    assert server.seen("ok")[0].headers["authorization"] == f"Bearer {KEY}"


async def test_thinking_cached_and_reasoning_tokens(litellm: LiteLLMProvider) -> None:
    answer, thinking, done = await collect(litellm, ask("openai/thinker"))
    assert (answer, thinking) == ("The answer is 42.", "Six times seven. That is forty-two.")
    assert (done.usage.cached_tokens, done.usage.reasoning_tokens, done.usage.source) == (4, 6, "reported")


async def test_think_tags_are_split(litellm: LiteLLMProvider) -> None:
    answer, thinking, _ = await collect(litellm, ask("openai/think-tags"))
    assert (answer, thinking) == ("The answer is 42.", "Six times seven")


async def test_usage_that_litellm_makes_up_is_called_an_estimate(litellm: LiteLLMProvider) -> None:
    _, _, done = await collect(litellm, ask("openai/silent-usage"))
    assert (done.usage.source, done.usage.estimated_by) == ("estimated", "LiteLLM's tokenizer")


async def test_cost_that_the_provider_names(server: FakeServer, litellm: LiteLLMProvider) -> None:
    server.scripts["costly"] = Script(cost=0.00231)
    _, _, done = await collect(litellm, ask("openai/costly"))
    assert done.reported_cost == 2_310_000_000


@pytest.mark.parametrize(("model", "reason"), [("truncated", "length"), ("filtered", "content_filter")])
async def test_finish_reasons(litellm: LiteLLMProvider, model: str, reason: str) -> None:
    _, _, done = await collect(litellm, ask(f"openai/{model}"))
    assert done.finish_reason == reason


@pytest.mark.parametrize(
    ("model", "kind", "status"),
    [
        ("unauthorized", ErrorKind.AUTH, 401),
        ("unpaid", ErrorKind.PAYMENT, 402),  # comes as a BadRequestError with status 402
        ("too-long", ErrorKind.CONTEXT_WINDOW, 400),  # a subclass of BadRequestError
        ("unsafe", ErrorKind.CONTENT_FILTER, 400),  # a subclass of BadRequestError
        ("broken", ErrorKind.INTERNAL, 500),
        ("error-event", ErrorKind.INTERNAL, 500),  # comes as a MidStreamFallbackError
        ("malformed", ErrorKind.INTERNAL, 500),
        ("drop", ErrorKind.CONNECTION, 500),
    ],
)
async def test_failures(litellm: LiteLLMProvider, model: str, kind: ErrorKind, status: int | None) -> None:
    error = await failure(litellm, model)
    assert (error.kind, error.status, error.where) == (kind, status, f"openai/{model}")
    assert "litellm" not in error.message.lower()


async def test_an_end_without_finish_reason_is_no_answer(litellm: LiteLLMProvider) -> None:
    assert (await failure(litellm, "no-finish")).kind is ErrorKind.INTERRUPTED  # 1.106 makes up a `stop`, 1.109 raises


async def test_rate_limit_comes_at_once_with_the_wait_that_is_asked(
    server: FakeServer, litellm: LiteLLMProvider
) -> None:
    started = time.perf_counter()
    error = await failure(litellm, "rate-limited")
    assert (error.kind, error.retry_after, error.message) == (
        ErrorKind.RATE_LIMIT,
        2,
        "Rate limit reached for requests",
    )
    assert len(server.seen("rate-limited")) == 1
    assert time.perf_counter() - started < 1.5


async def test_connection_refused_is_no_server_error(litellm: LiteLLMProvider) -> None:
    error = await failure(litellm, "ok", api_base="http://127.0.0.1:9/v1")
    assert error.kind is ErrorKind.CONNECTION


async def test_unknown_provider(litellm: LiteLLMProvider) -> None:
    with pytest.raises(ModelError) as caught:
        await collect(litellm, ask("no-such-provider/x"))
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert not litellm.info("mystery").available


async def test_no_key_is_said_before_anything_starts() -> None:
    provider = provider_for({})
    with pytest.raises(ModelError) as caught:
        await collect(provider, ask("openai/gpt-4o"))
    assert (caught.value.kind, caught.value.message) == (ErrorKind.UNAVAILABLE, "set OPENAI_API_KEY")
    await provider.aclose()


async def test_prompts_stay_out_of_messages(server: FakeServer, litellm: LiteLLMProvider) -> None:
    server.scripts["parrot"] = Script(status=400, error=f"can't do: {PROMPT} with {KEY}")
    assert (await failure(litellm, "parrot")).message == "can't do: [prompt] with [key]"


async def test_own_address_for_one_model(litellm: LiteLLMProvider) -> None:
    async with FakeServer() as other:
        await collect(litellm, ask("openai/elsewhere", extra={"api_base": other.base_url}))
        assert other.records[0].model == "elsewhere"


async def test_a_key_does_not_go_where_a_systems_file_points(litellm: LiteLLMProvider) -> None:
    away = litellm.parameters(ask("openai/x", extra={"api_base": "http://example.org/v1"}))
    assert away["api_key"] == "none"


async def test_a_key_of_the_keyring_is_handed_over() -> None:
    config = Config()
    keys = Keys({}, keyring=lambda name: "from-keyring" if name == "GROQ_API_KEY" else None)
    provider = LiteLLMProvider(config, PriceBook(config), keys, {})
    assert provider.info("groq/x").available
    assert provider.parameters(ask("groq/x"))["api_key"] == "from-keyring"
    assert "api_key" not in provider.parameters(ask("newcomer/x"))


@pytest.mark.parametrize("name", sorted(REFUSED))
async def test_extras_that_would_redirect_or_fake_a_call_are_refused(litellm: LiteLLMProvider, name: str) -> None:
    with pytest.raises(ModelError) as caught:
        litellm.parameters(ask("openai/x", extra={name: "y"}))
    assert caught.value.kind is ErrorKind.BAD_REQUEST


@pytest.mark.parametrize("model", ["endless", "stall", "slow-start", "slow-head"])
async def test_cancelling_closes_the_connection(server: FakeServer, litellm: LiteLLMProvider, model: str) -> None:
    task = asyncio.create_task(collect(litellm, ask(f"openai/{model}")))
    await server.until(lambda: server.seen(model))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.until(lambda: server.seen(model)[0].closed_ns)
    assert server.seen(model)[0].cancelled


async def test_a_cancelled_call_says_nothing_more(server: FakeServer, litellm: LiteLLMProvider) -> None:
    server.scripts["cut"] = Script(chunks=(" one", " two"), fault="stall", fault_after=2)
    stream = litellm.stream(ask("openai/cut"))
    assert isinstance(await anext(stream), Delta)
    await stream.aclose()
    await server.until(lambda: server.seen("cut")[0].closed_ns)
    assert (await collect(litellm, ask("openai/ok")))[0] == "The answer is 42."
    assert (await litellm.warm())._replies == {}


async def test_fifty_streams_at_once(server: FakeServer, litellm: LiteLLMProvider) -> None:
    server.scripts["m"] = Script(chunks=(" word",), repeat=20)
    results = await asyncio.gather(*(collect(litellm, ask("openai/m")) for _ in range(50)))
    assert {answer for answer, _, _ in results} == {" word" * 20}


async def test_a_model_may_repeat_itself(server: FakeServer, litellm: LiteLLMProvider) -> None:
    server.scripts["stutter"] = Script(chunks=(" word",), repeat=150)
    answer, _, _ = await collect(litellm, ask("openai/stutter"))
    assert answer == " word" * 150


async def test_a_dead_worker_fails_its_calls_and_the_next_call_starts_another(server: FakeServer) -> None:
    provider = provider_for({**os.environ, "OPENAI_BASE_URL": server.base_url})
    before = len(server.seen("endless"))
    call = asyncio.create_task(collect(provider, ask("openai/endless")))
    await server.until(lambda: len(server.seen("endless")) > before, timeout=60)
    worker = await provider.warm()
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(ModelError) as caught:
        await call
    assert caught.value.kind is ErrorKind.UNAVAILABLE
    assert "worker ended (exit code -9)" in caught.value.message
    answer, _, _ = await collect(provider, ask("openai/ok"))
    assert answer == "The answer is 42."
    assert (await provider.warm()).pid != worker.pid
    await provider.aclose()


class BareWorker:
    """The worker's process itself, spoken to by hand."""

    def __init__(self, cwd: Path, **environ: str) -> None:
        root = Path(__file__).parents[2]
        keep = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "workbench.models.litellm.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**keep, "PYTHONPATH": str(root), **environ},
        )

    def say(self, *frames: Open | Cancel) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"".join(map(framed, frames)))
        self.process.stdin.flush()

    def frames_until(self, kind: type[FromWorker]) -> list[FromWorker]:
        """Every frame up to the first of this kind; each byte of standard output must belong to one."""
        assert self.process.stdout is not None
        seen: list[FromWorker] = []
        while not any(isinstance(frame, kind) for frame in seen):
            seen += from_worker.decode(self.process.stdout.read(length_of(self.process.stdout.read(HEAD))))
        return seen

    def end(self) -> tuple[int, bytes, bytes]:
        """(exit code, rest of standard output, standard error) after the end of its input."""
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


def parameters(**more: object) -> dict[str, object]:
    message = {"role": "user", "content": PROMPT}
    return {"model": "openai/x", "messages": [message], "stream": True, "max_retries": 0, **more}


async def test_no_network_at_import_no_dotenv_and_nothing_printed(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    (tmp_path / "litellm.py").write_text("raise RuntimeError('the wrong litellm')\n")
    visits: list[int] = []

    async def visit(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(1)
        writer.close()

    async with await asyncio.start_server(visit, "127.0.0.1", 0) as proxy:
        address = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        worker = await asyncio.to_thread(BareWorker, tmp_path, HTTPS_PROXY=address, HTTP_PROXY=address, NO_PROXY="")
        ready = await asyncio.to_thread(worker.frames_until, Ready)
        assert visits == []
        worker.say(Open(1, parameters()))
        frames = await asyncio.to_thread(worker.frames_until, Failed)
        code, out, err = await asyncio.to_thread(worker.end)
    assert isinstance(ready[0], Ready)
    assert ready[0].version
    assert visits == []  # no key, so not even the call itself went out
    failed = frames[-1]
    assert isinstance(failed, Failed)
    assert failed.kind is ErrorKind.AUTH
    assert (code, out, err) == (0, b"", b"")


async def test_the_worker_ends_with_its_parent_even_while_it_imports(tmp_path: Path) -> None:
    script = (
        "import asyncio, os, sys\n"
        "from workbench.models.litellm.process import WorkerProcess\n"
        "async def main():\n"
        "    worker = await WorkerProcess.start(os.environ)\n"
        "    sys.stdout.write(str(worker.pid)); sys.stdout.flush()\n"
        "    os._exit(1)\n"
        "asyncio.run(main())\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, cwd=tmp_path, env=environ
    )
    out, _ = await parent.communicate()
    async with asyncio.timeout(10):
        while running(int(out)):  # noqa: ASYNC110 - the end of a stranger's child can only be polled
            await asyncio.sleep(0.01)


def running(pid: int) -> bool:
    """The process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
