"""`workbench serve`: who gets in, the app in a real browser, and that nothing is left when it ends."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import psutil
import pytest

from screenshots.browser import chromium, find_chromium
from tests.end_to_end.command import Home

TIMEOUT_S = 60
TERMINAL = """Object.defineProperty(Object.prototype, "fitAddon", {configurable: true, set(value) { window.seen = this;
Object.defineProperty(this, "fitAddon", {value, writable: true}); }});"""
"""Finds the page's terminal as it is made."""
READ = """window.seen ? Array.from({length: seen.terminal.rows}, (_, i) =>
seen.terminal.buffer.active.getLine(i)?.translateToString(true) ?? "").join("\\n") : "" """


@asynccontextmanager
async def served(folder: Path, *args: str) -> AsyncIterator[tuple[str, int]]:
    """The address and the server's pid; afterwards it must end with 0 and leave no process."""
    with Home(folder).start("serve", *args, "--json") as process:
        assert process.stdout is not None
        said = ""
        while "}" not in said:
            line = await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), TIMEOUT_S)
            assert line, "serve ended before it said its address"
            said += line
        try:
            yield json.loads(said)["url"], process.pid
        finally:
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGTERM)
            code = await asyncio.to_thread(process.wait, TIMEOUT_S)
    assert code == 0
    assert not psutil.wait_procs(children, timeout=TIMEOUT_S)[1]


async def status(url: str, **headers: str) -> int:
    async with aiohttp.ClientSession() as client, client.get(url, headers=headers) as response:
        return response.status


async def test_only_who_has_the_whole_address_gets_in(tmp_path: Path) -> None:
    async with served(tmp_path, "race(3*sim/small)") as (url, _):
        parts = urlsplit(url)
        root = f"http://{parts.netloc}"
        wrong = f"{root}/{'x' * (len(parts.path) - 2)}/"
        assert parts.hostname == "127.0.0.1"
        assert len(parts.path) > 40
        assert await status(url) == 200
        for path in ("", "ws", "static/page.js", "download/1"):
            assert await status(wrong + path) == 403
            assert await status(f"{root}/{path}") == 403
        assert await status(url, Host="rebound.example") == 403
        assert await status(url + "static/page.js", Origin="http://elsewhere.example") == 403
        assert await status(url + "static/../../pyproject.toml") in (403, 404)


async def test_no_websocket_without_the_token_or_from_another_site(tmp_path: Path) -> None:
    async with served(tmp_path) as (url, pid), aiohttp.ClientSession() as client:
        socket = url.replace("http", "ws", 1)
        root = f"ws://{urlsplit(url).netloc}"
        refused: list[tuple[str, dict[str, str]]] = [
            (f"{root}/ws", {}),
            (f"{root}/wrong/ws", {}),
            (f"{socket}ws", {"Origin": "http://elsewhere.example"}),
        ]
        for address, headers in refused:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await client.ws_connect(address, headers=headers)
            assert refusal.value.status == 403
        assert not psutil.Process(pid).children(), "an app was started for who does not get in"


@pytest.mark.parametrize(
    ("flags", "said"),
    [(("--host", "0.0.0.0"), "--host"), (("--port", "70000"), "--port"), (("race(",), "line 1, column 6")],
)
def test_what_can_not_be_served_is_said_at_once(tmp_path: Path, flags: tuple[str, ...], said: str) -> None:
    ended = Home(tmp_path).run("serve", *flags)
    assert ended.returncode != 0
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.slow
async def test_the_app_runs_in_a_browser(tmp_path: Path) -> None:
    program = find_chromium()
    if program is None:
        pytest.skip("no Chromium on PATH")
    opening = ("race(3*sim/small)", "--prompt", "Name the largest planet")
    async with served(tmp_path, *opening) as (url, _), chromium(program) as page:
        await page.call("Page.addScriptToEvaluateOnNewDocument", source=TERMINAL)
        await page.call("Page.navigate", url=url)

        def text() -> Any:
            return page.evaluate(READ)

        await page.until(lambda seen: "race(3*sim/small)" in seen and "largest planet" in seen, text, "first frame")
        await page.press("Enter", 13)
        await page.until(lambda seen: "done" in seen and "1st" in seen, text, "the end of the run")
        assert (await page.png()).startswith(b"\x89PNG")
        assert all(address.startswith(url) for address in page.requested), "something came from elsewhere"
    runs = Home(tmp_path).json("runs", "list")
    assert json.dumps(runs).count('"simulated"') >= 1
