"""The worker as the app sees it: start it, talk to it, notice its death."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from workbench.errors import ErrorKind
from workbench.models.litellm.frames import (
    HEAD,
    Cancel,
    Failed,
    Finished,
    FromWorker,
    Open,
    Ready,
    Text,
    framed,
    from_worker,
    length_of,
)

FAREWELL_S = 2.0
"""Seconds the worker gets to end once its input has ended."""

Reply: TypeAlias = Text | Finished | Failed


class WorkerProcess:
    """One worker. Made by `start`; of no more use once `alive` is False."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.loop = asyncio.get_running_loop()
        self.alive = True
        self.version = ""
        """LiteLLM's, once it is imported."""
        self.imported = asyncio.Event()
        """Set once LiteLLM is imported, or never will be."""
        self._process = process
        self._numbers = itertools.count(1)
        self._replies: dict[int, asyncio.Queue[Reply]] = {}
        self._reader = self.loop.create_task(self._read())

    @classmethod
    async def start(cls, environ: Mapping[str, str]) -> WorkerProcess:
        """Start a worker; it imports LiteLLM while the first calls wait for it."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # a `litellm.py` in the working directory must not be what is imported
            "-m",
            "workbench.models.litellm.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**environ, "PYTHONPATH": _python_path(environ)},
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    def open(self, parameters: dict[str, Any]) -> tuple[int, asyncio.Queue[Reply]]:
        """Start a call: its number, and the queue in which its replies arrive, the last a `Finished` or `Failed`."""
        number = next(self._numbers)
        queue = self._replies[number] = asyncio.Queue()
        if self.alive:
            self._send(Open(number, parameters))
        else:
            queue.put_nowait(self._died(number))
        return number, queue

    def cancel(self, number: int) -> None:
        """Close a call's connection and forget the call."""
        self._replies.pop(number, None)
        if self.alive:
            self._send(Cancel(number))

    def close(self, number: int) -> None:
        """Forget a call that has ended."""
        self._replies.pop(number, None)

    async def aclose(self) -> None:
        """End the worker: politely, then not."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(FAREWELL_S):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await self._reader

    def _send(self, frame: Open | Cancel) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, RuntimeError):  # a dead worker: its reader tells every call
            self._process.stdin.write(framed(frame))

    async def _read(self) -> None:
        assert self._process.stdout is not None
        output = self._process.stdout
        try:
            while True:
                head = await output.readexactly(HEAD)
                for frame in from_worker.decode(await output.readexactly(length_of(head))):
                    self._take(frame)
        except (asyncio.IncompleteReadError, OSError):
            pass
        except msgspec.MsgspecError:  # something else wrote into the pipe: nothing after it can be understood
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        self.alive = False
        self.imported.set()
        await self._process.wait()
        for number, queue in self._replies.items():
            queue.put_nowait(self._died(number))

    def _died(self, number: int) -> Failed:
        code = self._process.returncode
        message = f"the LiteLLM worker ended (exit code {code}); the next call starts another"
        return Failed(call=number, kind=ErrorKind.UNAVAILABLE, message=message)

    def _take(self, frame: FromWorker) -> None:
        if isinstance(frame, Ready):
            self.version = frame.version
            self.imported.set()
        elif (queue := self._replies.get(frame.call)) is not None:
            queue.put_nowait(frame)


def _python_path(environ: Mapping[str, str]) -> str:
    """Where this very package is found, so that the worker runs the same code from any working directory."""
    here = str(Path(__file__).parents[3])
    return os.pathsep.join(part for part in (here, environ.get("PYTHONPATH", "")) if part)
