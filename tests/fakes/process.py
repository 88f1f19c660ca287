"""The fake server in a process of its own, for tests and benchmarks where it must not share the client's loop."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Self
from urllib.parse import quote

import msgspec

from tests.fakes.openai_server import Record
from tests.fakes.scripts import Script


class ServerProcess:
    """`with ServerProcess() as server:` starts it; it ends with the block, or with this process."""

    def __init__(self, scripts: dict[str, Script] | None = None) -> None:
        self._scripts = scripts or {}
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def base_url(self) -> str:
        """What goes into `base_url` of an endpoint."""
        return f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.openai_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        self.port = int(process.stdout.readline())
        for model, script in self._scripts.items():
            self.script(model, script)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()

    def script(self, model: str, script: Script) -> None:
        """Set what `model` does from now on."""
        self._call(f"/_scripts/{quote(model)}", "PUT", msgspec.json.encode(script))

    def records(self) -> list[Record]:
        """Every request so far."""
        return msgspec.json.decode(self._call("/_records"), type=list[Record])

    def _call(self, path: str, method: str = "GET", body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as response:
            data: bytes = response.read()
        return data
