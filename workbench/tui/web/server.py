"""The page, its files and its websocket; an app for each page that is open, ended with it or with the server."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from html import escape
from io import TextIOBase
from pathlib import Path
from string import Template

from aiohttp import web
from textual_serve.server import Server as TextualServer
from textual_serve.server import to_int

from workbench.errors import InputError
from workbench.tui.web.child import Opening
from workbench.tui.web.guard import LOOPBACK, add_headers, guard, new_token
from workbench.tui.web.service import END_S, FORCE_S, Service

OWN = Path(__file__).parent / "static"
FONT_SIZES = (6, 60)
SIZES = (1, 1000)
"""Columns and rows that a page may ask for."""


class Server(TextualServer):
    """textual-serve's messages and downloads, behind the guard. Every path begins with the token. `tell` gets
    what an app's process says on its way out."""

    def __init__(self, opening: Opening, *, port: int = 0, tell: Callable[[str], None] = lambda text: None) -> None:
        super().__init__("workbench", host=LOOPBACK, port=port, title="workbench")
        self.token = new_token()
        self._opening = opening
        self._tell = tell
        self._services = set[Service]()
        own = {file.name: file for file in OWN.iterdir()}
        self._files = {str(f.relative_to(self.statics_path).as_posix()): f for f in self.statics_path.rglob("*.*")}
        self._files |= {name: file for name, file in own.items() if file.suffix != ".html"}
        self._page = Template(own["page.html"].read_text(encoding="utf-8"))

    @property
    def url(self) -> str:
        """The address that opens the app; whoever has it, has the app."""
        return f"http://{self.host}:{self.port}/{self.token}/"

    async def run(self, ready: Callable[[str], None]) -> None:
        """Serve until SIGINT or SIGTERM; `ready` gets the address once it answers. A second signal ends the apps at
        once. Raises `InputError` where the port can't be had."""
        stop, loop = asyncio.Event(), asyncio.get_running_loop()

        def end() -> None:
            if stop.is_set():
                self.kill()
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError):  # Windows: Ctrl+C cancels this task
                loop.add_signal_handler(number, end)
        runner = web.AppRunner(await self._make_app(), access_log=None, shutdown_timeout=END_S + 2 * FORCE_S)
        await runner.setup()
        try:
            await self._listen(runner)
            ready(self.url)
            with redirect_stdout(_Words(self._tell)):
                await stop.wait()
        finally:
            await runner.cleanup()

    def kill(self) -> None:
        """End every app at once."""
        for service in self._services:
            service.kill()

    async def _listen(self, runner: web.AppRunner) -> None:
        site = web.TCPSite(runner, self.host, self.port)
        try:
            await site.start()
        except OSError as error:
            hint = "Another port, or 0 for one that is free: --port 0."
            raise InputError(f"port {self.port} can't be had: {error.strerror}", where="--port", hint=hint) from error
        self.port = runner.addresses[0][1]

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[guard(self.token)])
        app.add_routes(
            [
                web.get("/{token}/", self.handle_index),
                web.get("/{token}/ws", self.handle_websocket),
                web.get("/{token}/download/{key}", self.handle_download),
                web.get("/{token}/static/{name:.+}", self._handle_static),
            ]
        )
        app.on_response_prepare.append(add_headers)
        app.on_shutdown.append(self.on_shutdown)
        return app

    async def on_shutdown(self, app: web.Application) -> None:
        """Every app ends its run and leaves."""
        await asyncio.gather(*(service.stop() for service in self._services))

    async def handle_index(self, request: web.Request) -> web.Response:
        """The page."""
        size = _within(FONT_SIZES, request.query.get("fontsize", ""), 16)
        socket = f"ws://{request.host}/{self.token}/ws"
        page = self._page.substitute(socket=escape(socket), size=size, title=escape(self.title))
        return web.Response(text=page, content_type="text/html")

    async def _handle_static(self, request: web.Request) -> web.StreamResponse:
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        return web.FileResponse(file)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """An app for as long as the page is open."""
        socket = web.WebSocketResponse(heartbeat=15, timeout=FORCE_S)
        await socket.prepare(request)
        service = Service(
            self._opening,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=socket.close,
            download_manager=self.download_manager,
        )
        self._services.add(service)
        try:
            width, height = (_within(SIZES, request.query.get(name, ""), 80) for name in ("width", "height"))
            await service.start(width, height)
            await self._process_messages(socket, service)
        except (ValueError, LookupError, TypeError, AssertionError) as error:
            logging.getLogger(__name__).warning("a page sent what can't be read: %s", type(error).__name__)
        finally:
            await service.stop()
            self._services.discard(service)
            await socket.close()
        return socket


class _Words(TextIOBase):
    """textual-serve prints an app's last words; they go where ours go, as text that drives no terminal."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def write(self, text: str) -> int:
        """All of it at once."""
        self._tell(text)
        return len(text)


def _within(limits: tuple[int, int], said: str, default: int) -> int:
    low, high = limits
    return min(high, max(low, to_int(said, default)))
