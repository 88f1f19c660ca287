"""A headless Chromium driven over its own protocol (CDP): what the browser's tests and pictures need, and no more."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
DEADLINE_S = 60.0
FLAGS = (
    "--headless",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing from elsewhere, whatever a page asks for
)


def find_chromium() -> str | None:
    """The program, where there is one on PATH."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Page:
    """One tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.requested: list[str] = []
        """Every address that the page has asked for."""
        self.complaints: list[str] = []
        """Errors and warnings: of its scripts, its console, its security policy."""

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol. Raises `RuntimeError` with what Chromium says is wrong."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            said = await self._socket.receive_json(timeout=DEADLINE_S)
            self._note(said.get("method", ""), said.get("params", {}))
            if said.get("id") == number:
                if "error" in said:
                    raise RuntimeError(f"{method}: {said['error']['message']}")
                return dict(said["result"])

    def _note(self, event: str, about: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self.requested.append(about["request"]["url"])
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(about["exceptionDetails"]))
        elif event == "Runtime.consoleAPICalled" and about["type"] in ("error", "warning", "assert"):
            self.complaints.append(json.dumps(about["args"]))
        elif event == "Log.entryAdded" and about["entry"]["level"] in ("error", "warning"):
            self.complaints.append(about["entry"]["text"])

    async def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression; promises are waited for."""
        said = await self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in said:
            raise RuntimeError(str(said["exceptionDetails"].get("exception", {}).get("description")))
        return said["result"].get("value")

    async def until(self, met: Callable[[str], bool], text: Callable[[], Any], what: str) -> str:
        """`text`'s value once `met` holds of it. Raises `AssertionError` with the last one at the deadline."""
        last, loop = "", asyncio.get_running_loop()
        ends = loop.time() + DEADLINE_S
        while loop.time() < ends:
            last = await text() or ""
            if met(last):
                return last
            await asyncio.sleep(0.05)
        raise AssertionError(f"never seen: {what}\n{last}")

    async def type(self, text: str) -> None:
        """Text as a keyboard or an input method gives it."""
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, code: int, modifiers: int = 0) -> None:
        """One key by its name and its virtual code; `modifiers` 2 is Ctrl."""
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        await self.call("Input.dispatchKeyEvent", type="rawKeyDown", **about)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **about)

    async def hover(self, x: float, y: float) -> None:
        """The pointer to a place in the page, in CSS pixels."""
        await self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    async def png(self) -> bytes:
        """What is seen."""
        return base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"])


@asynccontextmanager
async def chromium(program: str, *, width: int = 1280, height: int = 800, scale: float = 1.0) -> AsyncIterator[Page]:
    """A browser with one empty tab, gone afterwards."""
    folder = tempfile.mkdtemp(prefix="chromium-")
    root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    log = Path(folder) / "log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            program,
            *(*FLAGS, *root, f"--user-data-dir={folder}", "about:blank"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=errors,
        )
    try:
        port = await _port(process, log)
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                tab = next(each for each in await answer.json() if each["type"] == "page")
            async with session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                for domain in ("Page", "Network", "Runtime", "Log"):
                    await page.call(f"{domain}.enable")
                size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
                await page.call("Emulation.setDeviceMetricsOverride", **size)
                yield page
                with suppress(Exception):
                    await page.call("Browser.close")
    finally:
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 5)
        if process.returncode is None:
            process.kill()
            await process.wait()
        shutil.rmtree(folder, ignore_errors=True)


async def _port(process: asyncio.subprocess.Process, log: Path) -> int:
    """Where it listens, once it says so."""
    ends = asyncio.get_running_loop().time() + DEADLINE_S
    while asyncio.get_running_loop().time() < ends and process.returncode is None:
        if found := re.search(rb"DevTools listening on ws://[^:]+:(\d+)/", _said(log)):
            return int(found[1])
        await asyncio.sleep(0.05)
    raise RuntimeError(f"Chromium did not start: {_said(log).decode(errors='replace')[-2000:]}")


def _said(log: Path) -> bytes:
    return log.read_bytes()
