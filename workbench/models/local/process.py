"""Start, watch and end one server process."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import secrets
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from workbench.errors import ErrorKind, ModelError
from workbench.models.local import server
from workbench.models.local.scratch import OwnFolder
from workbench.models.local.support import explain

START_S = 120.0
"""Longest wait for a model to load; a large one on a slow disk takes its time."""
END_S = 3.0


class Settings(Struct, frozen=True, kw_only=True):
    """What a server is started with."""

    model: str
    """Path of the GGUF file."""
    slots: int
    context: int
    """Tokens a slot holds."""
    threads: int


class _Answer(Struct, frozen=True):
    url: str = ""
    error: str = ""


class ServerProcess:
    """A running server: `url`, `key`, and its folder of saved slots. The key reaches it through its standard input."""

    def __init__(self, process: subprocess.Popen[bytes], folder: OwnFolder, key: str) -> None:
        self._process = process
        self._folder = folder
        self.key = key
        self.url = ""
        _RUNNING.add(self)

    @classmethod
    async def start(cls, settings: Settings, where: str) -> ServerProcess:
        """Start and wait until it serves. Raises `ModelError` (unavailable) with llama.cpp's last words."""
        spawning = asyncio.ensure_future(asyncio.to_thread(cls._spawn, settings))
        try:
            started = await asyncio.shield(spawning)
        except asyncio.CancelledError:
            (await spawning).end()
            raise
        try:
            async with asyncio.timeout(START_S):
                answer = await asyncio.to_thread(started._handshake)
        except BaseException as error:
            started.end()  # ends the handshake's thread too
            if isinstance(error, TimeoutError):
                raise ModelError(
                    ErrorKind.UNAVAILABLE, f"the model did not load within {START_S:.0f} s", where=where
                ) from None
            raise
        if not answer.url:
            problem = explain(answer.error or _last_words(started.log))
            started.end()
            raise ModelError(ErrorKind.UNAVAILABLE, problem, where=where, hint=f"The server's log: {started.log}")
        started.url = answer.url
        return started

    @classmethod
    def _spawn(cls, settings: Settings) -> ServerProcess:
        folder = OwnFolder()
        key = secrets.token_urlsafe(24)
        process = subprocess.Popen(
            [sys.executable, "-P", server.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **_detached(),
        )
        made = cls(process, folder, key)
        said = {
            **msgspec.structs.asdict(settings),
            "key": key,
            "slot_folder": str(folder.path),
            "log": str(made.log),
        }
        assert process.stdin is not None
        with contextlib.suppress(OSError):  # where it died at once, the handshake says so
            process.stdin.write(msgspec.json.encode(said) + b"\n")
            process.stdin.flush()
        return made

    @property
    def folder(self) -> Path:
        """Where it saves its slots."""
        return self._folder.path

    @property
    def log(self) -> Path:
        """What llama.cpp wrote."""
        return self._folder.log

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """It has not ended."""
        return self._process.poll() is None

    def ends_within(self, seconds: float) -> bool:
        """Wait for its end; False where it goes on. Blocks."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def ending(self) -> str:
        """How it ended, for a person."""
        code = self._process.returncode
        return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"

    def _handshake(self) -> _Answer:
        assert self._process.stdout is not None
        try:
            return msgspec.json.decode(self._process.stdout.readline() or b"{}", type=_Answer)
        except msgspec.DecodeError:
            return _Answer(error="the server did not say where it listens")

    def end(self) -> None:
        """End it at once and delete its saved slots. Idempotent; nothing in it is worth a gentle end."""
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._folder.remove()
        _RUNNING.discard(self)


_RUNNING: weakref.WeakSet[ServerProcess] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    for running in list(_RUNNING):
        running.end()


def _detached() -> dict[str, Any]:
    """Keep the terminal's Ctrl-C from the server."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _last_words(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "it ended without a word")
