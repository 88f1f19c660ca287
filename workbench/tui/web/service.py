"""One app's process: it gets the user's environment, and ends with its page, or by force."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from textual_serve.app_service import AppService

import workbench
from workbench.tui.web.child import Opening

END_S = 10.0
"""How long an app may take to end its run and write what is known of it."""
FORCE_S = 2.0
"""How long it may take once it was told a second time."""
DRIVER = "workbench.tui.web.web_driver:WebDriver"


class Service(AppService):
    """textual-serve's, with a process of its own group in place of a shell, which is always waited for."""

    def __init__(self, opening: Opening, **options: Any) -> None:
        super().__init__("workbench", **options)
        self._opening = opening
        self._gone = False
        self._ending: asyncio.Task[None] | None = None

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        environ = super()._build_environment(width, height)
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_DRIVER": DRIVER}
        return {**environ, **terminal, "PYTHONPATH": _python_path(environ)}

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        program = (sys.executable, "-P", "-m", "workbench.tui.web.child", msgspec.json.encode(self._opening).decode())
        self._process = process = await asyncio.create_subprocess_exec(
            *program,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,  # Ctrl+C in the terminal is the server's, which tells the app
        )
        self._stdin = process.stdin
        return process

    async def run(self) -> None:
        """Pass on what it draws until it ends; the page hears of that however it came."""
        await super().run()
        with suppress(ConnectionError, RuntimeError):
            await self.remote_close()

    async def on_data(self, payload: bytes) -> None:
        """To the page. Without one it is read all the same: an app whose pipe is full could not end its run."""
        if not self._gone:
            try:
                await super().on_data(payload)
            except (ConnectionError, RuntimeError):
                self._gone = True

    async def on_meta(self, data: bytes) -> None:
        """The same for what is not drawn."""
        with suppress(ConnectionError, RuntimeError):
            await super().on_meta(data)

    async def stop(self) -> None:
        """Ask the app to leave and wait until its process is gone. May be called by several."""
        if self._process is not None:
            self._ending = self._ending or asyncio.create_task(self._end(self._process))
            await asyncio.shield(self._ending)

    def kill(self) -> None:
        """At once."""
        if self._process is not None:
            self._signal("SIGKILL", self._process)

    async def _end(self, process: Process) -> None:
        await self._download_manager.cancel_app_downloads(app_service_id=self.app_service_id)
        await self.send_meta({"type": "quit"})
        if not await _ended(process, END_S):
            self._signal("SIGTERM", process)
            if not await _ended(process, FORCE_S):
                self._signal("SIGKILL", process)
        await process.wait()
        if self._task is not None:
            await self._task

    def _signal(self, name: str, process: Process) -> None:
        """To the app and what it has started in its group."""
        if process.returncode is None:
            with suppress(ProcessLookupError):
                if sys.platform == "win32":
                    process.kill()
                else:
                    os.killpg(process.pid, getattr(signal, name))


async def _ended(process: Process, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), seconds)
    return process.returncode is not None


def _python_path(environ: Mapping[str, str]) -> str:
    """With the folder that this package is imported from, which may not be installed."""
    return os.pathsep.join(filter(None, (str(Path(workbench.__file__).parents[1]), environ.get("PYTHONPATH", ""))))
