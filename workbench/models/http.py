"""OpenAI-compatible servers (vLLM, llama.cpp, Ollama, LM Studio, gateways) over httpx and server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import httpx

from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Chunk, ModelInfo, Prices, Request
from workbench.models.chat_reader import ChatReader
from workbench.models.connections import client_for
from workbench.models.endpoints import Endpoint
from workbench.models.errors_map import from_response, model_error
from workbench.models.wire import body_of

__all__ = ["HttpProvider", "client_for"]

DRAIN_S = 0.02
"""Seconds to wait for the response's last bytes after `[DONE]`."""
LONGEST_BODY = 4 * 1024 * 1024
"""Bytes of a response without streaming, or of an error, that are read."""


class HttpProvider:
    """One endpoint. `prices` gives the prices of a model by its full name, `<endpoint>/<model>`."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        key: str = "",
        problem: str = "",
        prices: Callable[[str], Prices | None] = lambda _: None,
    ) -> None:
        self.endpoint = endpoint
        self._secrets = (key, *(value for value in endpoint.headers.values() if len(value) >= 8))
        self._problem = problem
        self._prices = prices
        self._url = httpx.URL(f"{endpoint.base_url}/chat/completions")
        self._headers = {**endpoint.headers, "Content-Type": "application/json", "Accept-Encoding": "identity"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def info(self, model: str) -> ModelInfo:
        """What config.toml says of the endpoint."""
        endpoint = self.endpoint
        return ModelInfo(
            name=model,
            provider=endpoint.name,
            endpoint=endpoint.name,
            prices=self._prices(model),
            context=endpoint.context,
            billing_on_cancel=endpoint.billing_on_cancel,
            available=not self._problem,
            problem=self._problem,
            max_concurrency=endpoint.max_concurrency,
            requests_per_minute=endpoint.requests_per_minute,
        )

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """Send the request. Closing the generator closes the connection at once. Raises `ModelError`."""
        where = request.model
        reader = ChatReader(where, self._secrets)
        model = request.model.removeprefix(f"{self.endpoint.name}/")
        body = body_of(request, model, llama=self.endpoint.flavour == "llama.cpp")
        try:
            outgoing = self._here().build_request("POST", self._url, content=body, headers=self._headers)
            response = await self._here().send(outgoing, stream=True)
            received = _received(response)
            try:
                if response.status_code != 200:
                    raise await self._refused(response, where)
                if _is_json(response):
                    for chunk in reader.whole(await _joined(received)):
                        yield chunk
                    return
                async for data in received:
                    for chunk in reader.feed(data):
                        yield chunk
                    if reader.done:
                        return
                for chunk in reader.end():
                    yield chunk
            finally:
                await _leave(response, received, whole=reader.done)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if not reader.finished:
                raise self._failed(error, where) from None
            for chunk in reader.end(broken=True):
                yield chunk

    async def aclose(self) -> None:
        """Close every connection."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    def _here(self) -> httpx.AsyncClient:
        """The client of the running loop: connections can't move from one loop to another."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client = client_for(self.endpoint.base_url)
            self._loop = loop
        return self._client

    async def _refused(self, response: httpx.Response, where: str) -> ModelError:
        body = await _joined(response.aiter_bytes())
        return from_response(response.status_code, response.headers, body, where=where, secrets=self._secrets)

    def _failed(self, error: httpx.HTTPError | httpx.InvalidURL, where: str) -> ModelError:
        place = f"{self._url.scheme}://{self._url.netloc.decode()}"
        if isinstance(error, httpx.TimeoutException):
            kind, message = ErrorKind.TIMEOUT, f"{place} did not answer in time ({type(error).__name__})"
        elif isinstance(error, httpx.ConnectError):
            kind, message = ErrorKind.CONNECTION, f"no connection to {place}: {error}"
        elif isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol):
            kind, message = ErrorKind.CONNECTION, f"the connection to {place} broke: {error or type(error).__name__}"
        else:
            kind, message = ErrorKind.BAD_REQUEST, f"{self._url} is no address that can be called: {error}"
        return model_error(kind, message, where=where, secrets=self._secrets)


def _received(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body's bytes as they arrive: httpx's decoder is left out where nothing is encoded."""
    if "content-encoding" in response.headers or not isinstance(response.stream, httpx.AsyncByteStream):
        return response.aiter_bytes()
    return aiter(response.stream)


def _is_json(response: httpx.Response) -> bool:
    return str(response.headers.get("content-type", "")).startswith("application/json")


async def _joined(received: AsyncIterator[bytes]) -> bytes:
    """The whole body, cut at `LONGEST_BODY` bytes."""
    body = b""
    async for data in received:
        body += data
        if len(body) >= LONGEST_BODY:
            break
    return body[:LONGEST_BODY]


async def _leave(response: httpx.Response, received: AsyncIterator[bytes], *, whole: bool) -> None:
    """Close the response. `whole`: its last event has come: what little is left is read, and the connection kept."""
    try:
        if whole:
            with contextlib.suppress(TimeoutError, httpx.HTTPError):
                async with asyncio.timeout(DRAIN_S):
                    async for _ in received:
                        pass
    finally:
        await response.aclose()
