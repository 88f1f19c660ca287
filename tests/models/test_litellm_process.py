"""The worker's process as the app sees it, with stand-ins for the worker: LiteLLM is not imported."""

from __future__ import annotations

import asyncio
import sys

from workbench.errors import ErrorKind
from workbench.models.litellm.frames import Failed
from workbench.models.litellm.process import WorkerProcess

GARBAGE = r"import sys; sys.stdout.buffer.write(b'\0\0\0\1\xc1'); sys.stdout.flush(); sys.stdin.read()"
ENDS = "pass"


async def outcome(script: str) -> Failed:
    """What a call to a worker that runs `script` hears, and one that comes after its end."""
    pipe = asyncio.subprocess.PIPE
    worker = WorkerProcess(await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdin=pipe, stdout=pipe))
    _, replies = worker.open({})
    heard = await asyncio.wait_for(replies.get(), 20)
    assert not worker.alive
    _, late = worker.open({})
    assert isinstance(late.get_nowait(), Failed)
    await worker.aclose()
    assert isinstance(heard, Failed)
    return heard


async def test_a_worker_that_says_what_nobody_understands_is_ended() -> None:
    heard = await outcome(GARBAGE)
    assert heard.kind is ErrorKind.UNAVAILABLE
    assert "worker ended (exit code -9)" in heard.message


async def test_a_worker_that_ends_by_itself_fails_its_calls() -> None:
    assert "worker ended (exit code 0)" in (await outcome(ENDS)).message
