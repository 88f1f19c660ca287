"""A loopback model hub: `resolve` URLs that redirect to a store with ranges, as Hugging Face's do."""

from __future__ import annotations

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class FakeHub:
    """Serves `content` under every path. `cut_after`: bytes after which the next answers break off, one each."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.status = 200
        self.cut_after: list[int] = []
        self.ranges: list[str] = []
        """The Range header of each request to the store, empty where there was none."""
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub._answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        """For HF_ENDPOINT."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        if self.status != 200:
            request.send_error(self.status)
        elif request.path.startswith("/store"):
            self._send(request)
        else:
            request.send_response(302)
            request.send_header("Location", f"/store{request.path}")
            request.send_header("X-Linked-Size", str(len(self.content)))
            request.send_header("X-Linked-Etag", f'"{self.sha256}"')
            request.end_headers()

    def _send(self, request: BaseHTTPRequestHandler) -> None:
        asked = request.headers.get("Range", "")
        self.ranges.append(asked)
        etag = f'"{hashlib.md5(self.content).hexdigest()}"'
        start = 0
        if asked and request.headers.get("If-Range") == etag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        if start >= len(self.content):
            request.send_response(416)
            request.send_header("Content-Range", f"bytes */{len(self.content)}")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        request.send_header("ETag", etag)
        request.send_header("Content-Length", str(len(self.content) - start))
        request.end_headers()
        body = self.content[start:]
        request.wfile.write(body[: self.cut_after.pop(0)] if self.cut_after else body)
