"""One model being served: its process, its slots, and the calls that go to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import httpx
import msgspec

from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Chunk, Done, Request
from workbench.models.endpoints import Endpoint
from workbench.models.errors_map import from_response
from workbench.models.http import HttpProvider, client_for
from workbench.models.local import choosing
from workbench.models.local.process import ServerProcess
from workbench.models.local.sharing import Sharing
from workbench.models.local.slots import Slots
from workbench.models.wire import Timings, WireUsage, messages, usage_of

_LOST = frozenset({ErrorKind.CONNECTION, ErrorKind.INTERRUPTED, ErrorKind.INTERNAL, ErrorKind.TIMEOUT})
"""Failures behind which the server's end may stand."""
ONE_EACH = {"Connection": "close"}
"""A connection for each request costs 0.1 ms here. Kept ones each hold a thread of llama.cpp's server while they idle,
and it ends them without a word, at times just as the next request goes out."""
END_SEEN_S = 1.0
"""How long after its connections a dying process may take to be seen as ended."""


class _Prefilled(msgspec.Struct, frozen=True):
    usage: WireUsage | None = None
    timings: Timings | None = None


class Running:
    """Belongs to the event loop it is made in; the process may outlive it."""

    def __init__(self, process: ServerProcess, slots: int) -> None:
        self.process = process
        self._slots = Slots(slots)
        self._sharing = Sharing(self, process.folder)
        endpoint = Endpoint(name="local", base_url=f"{process.url}/v1", flavour="llama.cpp", headers=ONE_EACH)
        self._chat = HttpProvider(endpoint, key=process.key)
        self._client = client_for(process.url)
        self._headers = {"Authorization": f"Bearer {process.key}", "Content-Type": "application/json", **ONE_EACH}

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """One call, in a slot of its own. Raises `ModelError`."""
        begun = False
        try:
            async with self._sharing.member(request) as group, self._slots.one(group) as slot:
                before = await self._sharing.prepare(slot, request, group)
                call = self._choose if request.choices else self._write
                async with contextlib.aclosing(call(request, slot.index)) as chunks:
                    async for chunk in chunks:
                        begun = True
                        yield _counting(chunk, before)
        except (ModelError, httpx.HTTPError) as error:
            raise await self._explained(error, request.model, begun) from error

    async def prefill(self, request: Request, slot: int) -> int | None:
        """Compute the request's prompt into the slot; how many of its tokens were there. Raises `ModelError`."""
        said = {"messages": messages(request), "id_slot": slot, "max_tokens": 1, "temperature": 0}
        template = {name: value for name, value in request.extra.items() if name == "chat_template_kwargs"}
        answer = await self._post("/v1/chat/completions", msgspec.json.encode({**said, **template}), request.model)
        answered = msgspec.json.decode(answer, type=_Prefilled)
        return usage_of(answered.usage, answered.timings).cached_tokens

    async def save(self, slot: int, file: str) -> None:
        """Write the slot's memory to a file of the server's folder. Raises `ModelError`."""
        await self._post(f"/slots/{slot}?action=save", msgspec.json.encode({"filename": file}), "")

    async def restore(self, slot: int, file: str) -> None:
        """Read it into another slot. Raises `ModelError`."""
        await self._post(f"/slots/{slot}?action=restore", msgspec.json.encode({"filename": file}), "")

    async def aclose(self) -> None:
        """Close the connections and end the process."""
        await self._chat.aclose()
        await self._client.aclose()
        await asyncio.to_thread(self.process.end)

    def _write(self, request: Request, slot: int) -> AsyncGenerator[Chunk, None]:
        extra = {"id_slot": slot, "logprobs": True, "top_logprobs": 1, **request.extra}
        return self._chat.stream(msgspec.structs.replace(request, extra=extra))

    async def _choose(self, request: Request, slot: int) -> AsyncGenerator[Chunk, None]:
        answer = await self._post("/v1/chat/completions", choosing.body(request, slot), request.model)
        for chunk in choosing.chunks(answer, request):
            yield chunk

    async def _post(self, path: str, body: bytes, where: str) -> bytes:
        response = await self._client.post(f"{self.process.url}{path}", content=body, headers=self._headers)
        if response.status_code != 200:
            secrets = (self.process.key,)
            raise from_response(response.status_code, response.headers, response.content, where=where, secrets=secrets)
        return response.content

    async def _explained(self, error: Exception, where: str, begun: bool) -> ModelError:
        """A broken connection in words: mostly the server's process has ended."""
        if isinstance(error, ModelError) and error.kind is ErrorKind.CONTEXT_WINDOW:
            hint = "Shorten the prompt, or raise `local.context_per_slot` in config.toml."
            return ModelError(error.kind, error.message, status=error.status, where=where, hint=hint)
        if isinstance(error, ModelError) and error.kind not in _LOST:
            return error
        if await asyncio.to_thread(self.process.ends_within, END_SEEN_S):
            return ModelError(
                ErrorKind.INTERRUPTED if begun else ErrorKind.CONNECTION,
                f"the embedded model's server ended ({self.process.ending}); the next call starts it anew",
                where=where,
                hint=f"Its log: {self.process.log}",
            )
        if isinstance(error, ModelError):
            return error
        message = f"the connection to the embedded model's server broke: {error or type(error).__name__}"
        return ModelError(ErrorKind.CONNECTION, message, where=where)


def _counting(chunk: Chunk, before: int | None) -> Chunk:
    """The call that computed the shared prompt says of it what was cached before, not what it then found cached."""
    if before is None or not isinstance(chunk, Done):
        return chunk
    return msgspec.structs.replace(chunk, usage=msgspec.structs.replace(chunk.usage, cached_tokens=before))
