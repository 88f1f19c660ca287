"""An OpenAI-compatible server on loopback that streams as told and fails on demand, in this process or in another.

In a test: `async with FakeServer() as server: ...` with `server.base_url`, `server.scripts["m"] = Script(...)` and
`server.records`. In another process: `python -m tests.fakes.openai_server` prints its port on the first line and ends
when its standard input ends; `ServerProcess` (tests/fakes/process.py) drives it. The request's `model` chooses the
script (tests/fakes/scripts.py); an unknown model answers as `ok`. Over HTTP, `PUT /_scripts/<model>` sets a script and
records are read with `GET /_records`; times are `time.monotonic_ns()`, which all processes of one machine share.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Self
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from tests.fakes.scripts import READY, Script

REASONS = {200: "OK", 302: "Found", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required"}


class Record(Struct, kw_only=True):
    """One request as the server saw it; times are monotonic nanoseconds, 0 is 'not yet'."""

    path: str
    model: str
    body: dict[str, Any]
    headers: dict[str, str]
    number: int
    """Which request of its model this is, from 0."""
    received_ns: int
    first_chunk_ns: int = 0
    last_chunk_ns: int = 0
    """When the whole response had been written; stays 0 where the client left first or a fault struck."""
    closed_ns: int = 0
    """When the client's connection was gone (a kept-alive connection closes later, or never)."""
    chunks: int = 0

    @property
    def cancelled(self) -> bool:
        """The client closed the connection before the response was complete."""
        return self.closed_ns > 0 and self.last_chunk_ns == 0


class FakeServer:
    """The server. `port` 0 takes a free one."""

    def __init__(
        self,
        *,
        port: int = 0,
        models: tuple[str, ...] = ("ok",),
        owner: str = "fake",
        tells: tuple[str, ...] = (),
        serial: bool = False,
    ) -> None:
        self.port = port
        self.tells = tells
        """Which of its work it shows: /slots as llama.cpp, /metrics as vLLM, /metrics-stale with vLLM's gauge that
        stays up after its last request was cancelled, /metrics-gauge without a counter of tokens."""
        self.turn = asyncio.Lock() if serial else None
        """Where it generates one answer at a time."""
        self.generating: set[int] = set()
        """Numbers of the requests that are being generated."""
        self.generated = 0
        self.gauge = 0
        self.hides = False
        """Its /slots show nothing."""
        self.models = models
        """What `GET /v1/models` lists."""
        self.owner = owner
        """`owned_by` of the models, which tells vLLM, llama.cpp and LM Studio apart."""
        self.scripts: dict[str, Script] = dict(READY)
        self.records: list[Record] = []
        self.open_connections = 0
        self.counts: Counter[str] = Counter()
        self.changed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    @property
    def base_url(self) -> str:
        """What goes into `base_url` of an endpoint."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", self.port, backlog=2048)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for connection in list(self._connections):
            connection.abort()
        await self._server.wait_closed()

    async def until(self, condition: Any, timeout: float = 10.0) -> None:
        """Wait until `condition()` holds; it is tried whenever a request starts, ends or loses its connection."""
        async with asyncio.timeout(timeout):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def seen(self, model: str) -> list[Record]:
        """The records of one model, in order of arrival."""
        return [record for record in self.records if record.model == model]


class _Connection(asyncio.Protocol):
    """One client connection: parses requests, streams responses, notes when the client leaves."""

    def __init__(self, server: FakeServer) -> None:
        self.server = server
        self.buffer = b""
        self.task: asyncio.Task[None] | None = None
        self.record: Record | None = None
        self.goes_on = False
        self.writable = asyncio.Event()
        self.writable.set()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.server.open_connections += 1
        self.server._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.open_connections -= 1
        self.server._connections.discard(self)
        if self.record is not None and not self.record.closed_ns:
            self.record.closed_ns = time.monotonic_ns()
        if self.task is not None and not self.goes_on:
            self.task.cancel()
        self.writable.set()
        self.server.changed.set()

    def abort(self) -> None:
        """Cut the connection as a crashed server would."""
        self.transport.abort()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, blank, rest = self.buffer.partition(b"\r\n\r\n")
        if not blank or (self.task is not None and not self.task.done()):
            return
        request_line, *header_lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in header_lines)}
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            return
        self.buffer = rest[length:]
        method, target, _ = request_line.split(" ")
        self.task = asyncio.get_running_loop().create_task(self.respond(method, target, headers, rest[:length]))

    async def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> None:
        path = unquote(target.partition("?")[0])
        if method == "POST" and path == "/v1/chat/completions":
            await self.complete(target, headers, msgspec.json.decode(body, type=dict[str, Any]))
        elif path == "/v1/models":
            models = [{"id": name, "object": "model", "owned_by": self.server.owner} for name in self.server.models]
            self.send_json(200, {"object": "list", "data": models})
        elif path == "/slots" and "/slots" in self.server.tells:
            shown = () if self.server.hides else self.server.generating
            self.send_json(200, [{"id": 0, "id_task": task, "is_processing": True} for task in shown])
        elif path == "/metrics" and any(way.startswith("/metrics") for way in self.server.tells):
            self.send_text(metrics(self.server))
        elif path == "/_records":
            self.send_json(200, [msgspec.to_builtins(record) for record in self.server.records])
        elif method == "PUT" and path.startswith("/_scripts/"):
            self.server.scripts[path.removeprefix("/_scripts/")] = msgspec.json.decode(body, type=Script)
            self.send_json(200, {})
        else:
            self.send_json(404, {"error": {"message": f"no such path: {path}"}})

    async def complete(self, target: str, headers: dict[str, str], body: dict[str, Any]) -> None:
        server, model = self.server, str(body.get("model", ""))
        self.record = record = Record(
            path=target,
            model=model,
            body=body,
            headers=headers,
            number=server.counts[model],
            received_ns=time.monotonic_ns(),
        )
        server.counts[model] += 1
        server.records.append(record)
        server.changed.set()
        script = server.scripts.get(model, READY["ok"])
        self.goes_on = script.goes_on
        async with server.turn or contextlib.nullcontext(), self.generation(len(server.records)):
            await self.act(script, record)
        if not script.fault and not self.transport.is_closing():
            record.last_chunk_ns = time.monotonic_ns()
        server.changed.set()

    @contextlib.asynccontextmanager
    async def generation(self, number: int) -> AsyncIterator[None]:
        """It is under way, as the server tells it."""
        server = self.server
        server.generating.add(number)
        server.gauge = len(server.generating)
        try:
            yield
        finally:
            server.generating.discard(number)
            if not self.transport.is_closing():
                server.gauge = len(server.generating)

    async def act(self, script: Script, record: Record) -> None:
        if script.header_s:
            await asyncio.sleep(script.header_s)
        if script.status != 200 and (script.error_times is None or record.number < script.error_times):
            extra = {"Retry-After": script.retry_after, "Location": script.location}
            error = {"message": script.error, "type": "fake_error", "code": script.error_code or script.status}
            self.send_json(script.status, {"error": error}, {k: v for k, v in extra.items() if v})
        elif record.body.get("stream"):
            await self.stream(script, record)
        else:
            self.send_json(200, whole(script, record))

    async def stream(self, script: Script, record: Record) -> None:
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        pieces = script.pieces()
        if script.obeys:
            pieces = pieces[: record.body.get("max_tokens")]
        first, interval = delays(script, record.number, len(pieces))
        await asyncio.sleep(first)
        due = time.monotonic()
        cache: dict[tuple[str, str], bytes] = {}
        for index, piece in enumerate(pieces):
            if script.fault and index >= script.fault_after:
                break
            data = cache.get(piece)
            if data is None or script.timings:
                data = cache[piece] = self.event(delta(record, script, index, piece))
            await self.write(data)
            record.chunks += 1
            self.server.generated += 1
            record.first_chunk_ns = record.first_chunk_ns or time.monotonic_ns()
            if interval:
                due += interval  # by the clock: what a chunk takes to be sent is no part of the pace
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            elif index % 16 == 15:
                await asyncio.sleep(0)
        await self.end(script, record)

    async def end(self, script: Script, record: Record) -> None:
        if script.fault == "stall":
            await asyncio.Event().wait()
        elif script.fault == "drop":
            self.transport.abort()
            return
        elif script.fault == "malformed":
            await self.write(self.frame(b'data: {"choices": [\n\n'))
        elif script.fault == "error_event":
            await self.write(self.event({"error": {"message": script.error, "type": "server_error", "code": 500}}))
        elif script.fault != "no_finish":
            await self.write(
                self.event(chunk(record, {"index": 0, "delta": {}, "finish_reason": script.finish_reason}))
            )
            asked = bool((record.body.get("stream_options") or {}).get("include_usage"))
            if script.usage == "always" or (script.usage == "asked" and asked):
                usage = {**chunk(record), "usage": script.usage_json(record.chunks)}
                await self.write(self.event(usage))
        await self.write(self.frame(b"data: [DONE]\n\n") + b"0\r\n\r\n")

    async def write(self, data: bytes) -> None:
        if not self.writable.is_set():
            await self.writable.wait()
        self.transport.write(data)

    @staticmethod
    def frame(data: bytes) -> bytes:
        """One chunk of HTTP's chunked transfer coding."""
        return b"%x\r\n%b\r\n" % (len(data), data)

    @classmethod
    def event(cls, payload: dict[str, Any]) -> bytes:
        return cls.frame(b"data: " + msgspec.json.encode(payload) + b"\n\n")

    def send_json(self, status: int, payload: Any, extra: dict[str, str] | None = None) -> None:
        self.send(status, "application/json", msgspec.json.encode(payload), extra)

    def send_text(self, text: str) -> None:
        self.send(200, "text/plain; version=0.0.4", text.encode())

    def send(self, status: int, kind: str, body: bytes, extra: dict[str, str] | None = None) -> None:
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}", f"Content-Type: {kind}"]
        lines += [f"{name}: {value}" for name, value in {**(extra or {}), "Content-Length": str(len(body))}.items()]
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def metrics(server: FakeServer) -> str:
    """The server's work in Prometheus's words."""
    running = server.gauge if "/metrics-stale" in server.tells else len(server.generating)
    lines = ["# TYPE vllm:num_requests_running gauge", f'vllm:num_requests_running{{model_name="m"}} {running}.0']
    if "/metrics-gauge" not in server.tells:
        lines.append(f'vllm:generation_tokens_total{{model_name="m"}} {server.generated}.0')
    return "\n".join(lines) + "\n"


def delays(script: Script, number: int, chunks: int) -> tuple[float, float]:
    """Seconds before the first chunk and between chunks for the n-th request."""
    if not script.latencies:
        return script.first_token_s, script.interval_s
    each = script.latencies[number % len(script.latencies)] / max(1, chunks + 1)
    return each, each


def chunk(record: Record, *choices: dict[str, Any]) -> dict[str, Any]:
    """A `chat.completion.chunk`."""
    return {
        "id": f"chatcmpl-{record.number}",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": record.model,
        "choices": list(choices),
    }


def delta(record: Record, script: Script, index: int, piece: tuple[str, str]) -> dict[str, Any]:
    """The chunk of one piece of text."""
    field, text = piece
    role = {"role": "assistant"} if index == 0 else {}
    payload = chunk(record, {"index": 0, "delta": {**role, field: text}, "finish_reason": None})
    if script.timings:
        payload["timings"] = {"prompt_n": script.prompt_tokens, "cache_n": 0, "predicted_n": index + 1}
    return payload


def whole(script: Script, record: Record) -> dict[str, Any]:
    """The response of a request without `stream`."""
    pieces = script.pieces()
    message = {"role": "assistant", "content": "".join(text for field, text in pieces if field == "content")}
    choice = {"index": 0, "message": message, "finish_reason": script.finish_reason}
    return {**chunk(record, choice), "object": "chat.completion", "usage": script.usage_json(len(pieces))}


async def serve(options: argparse.Namespace) -> None:
    """Run until standard input ends, so that no server outlives the test that started it."""
    async with FakeServer(port=options.port, models=tuple(options.models)) as server:
        for model, text in options.script or ():
            server.scripts[model] = msgspec.json.decode(text, type=Script)
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.buffer.read)


def main() -> None:
    """Command line of the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--models", nargs="*", default=["ok"])
    parser.add_argument("--script", nargs=2, action="append", metavar=("MODEL", "JSON"))
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
