"""What an OpenAI-compatible server on this machine says of its own work: llama.cpp's /slots, or /metrics of several."""

from __future__ import annotations

import re
from typing import Any

import httpx
import msgspec
from msgspec import Struct

LONGEST_BODY = 4 * 1024 * 1024
TIMEOUT_S = 5.0
RUNNING = ("vllm:num_requests_running", "llamacpp:requests_processing", "sglang:num_running_reqs")
GENERATED = ("vllm:generation_tokens_total", "sglang:generation_tokens_total")
"""Counters that grow while a request is being generated. llama.cpp's grows only at a request's end: no use here."""
_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})?\s+([-+.\deE]+)(?:\s|$)", re.MULTILINE)


class Work(Struct, frozen=True):
    """The server's work at a moment."""

    tasks: frozenset[str] = frozenset()
    """One name for each request that is being generated."""
    generated: float | None = None
    """Tokens generated since the server's start, where it counts them as they come."""


class Watch:
    """Asks one server again and again by one of its ways of telling."""

    def __init__(self, root: str, headers: dict[str, str]) -> None:
        self._client = httpx.AsyncClient(base_url=root, headers=headers, timeout=TIMEOUT_S, trust_env=False)
        self.how = ""
        """`/slots` or `/metrics`; empty where the server tells nothing."""

    async def __aenter__(self) -> Watch:
        for path in ("/slots", "/metrics"):
            if await self._ask(path) is not None:
                self.how = path
                break
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def work(self) -> Work | None:
        """What it does now; None where it does not answer."""
        return await self._ask(self.how) if self.how else None

    async def _ask(self, path: str) -> Work | None:
        try:
            response = await self._client.get(path)
        except httpx.HTTPError:
            return None
        if response.status_code != 200 or len(response.content) > LONGEST_BODY:
            return None
        return slots(response.content) if path == "/slots" else metrics(response.text)


def slots(body: bytes) -> Work | None:
    """llama.cpp's list of slots; None where it is something else."""
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    if not isinstance(found, list) or not all(isinstance(slot, dict) and "is_processing" in slot for slot in found):
        return None
    busy: list[dict[str, Any]] = [slot for slot in found if slot["is_processing"]]
    return Work(frozenset(f"{slot.get('id')}:{slot.get('id_task')}" for slot in busy))


def metrics(text: str) -> Work | None:
    """Prometheus's text; None where no figure of it counts running requests."""
    sums: dict[str, float] = {}
    for name, value in _SAMPLE.findall(text):
        if name in RUNNING or name in GENERATED:
            try:
                sums[name] = sums.get(name, 0.0) + float(value)
            except ValueError:
                continue
    running = next((sums[name] for name in RUNNING if name in sums), None)
    if running is None:
        return None
    tasks = frozenset(str(number) for number in range(1, int(running) + 1))
    return Work(tasks, next((sums[name] for name in GENERATED if name in sums), None))
