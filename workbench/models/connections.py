"""A thousand connections to one server at constant cost each.

httpx's own pool looks at every connection whenever a request starts or ends, which takes a thousand of them many
seconds. Here each connection has a transport of its own, and the idle ones lie on a stack.
"""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx

from workbench.models.endpoints import is_loopback

IDLE_CONNECTIONS = 128
"""How many connections are kept open for the next request."""
KEEP_ALIVE_S = 30.0
TIMEOUT = httpx.Timeout(connect=10.0, write=60.0, read=900.0, pool=None)
"""Seconds. The engine's first-token, idle and total timeouts are the ones that matter; these end what it forgot."""


def client_for(base_url: str) -> httpx.AsyncClient:
    """A client for one server. Redirects are not followed: they would carry the key to another host."""
    return httpx.AsyncClient(transport=Connections(base_url), timeout=TIMEOUT, follow_redirects=False)


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for this URL (`HTTPS_PROXY`, `NO_PROXY`); never one for this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(url) or urllib.request.proxy_bypass(host):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


class Connections(httpx.AsyncBaseTransport):
    """Opens connections as they are needed and keeps up to `IDLE_CONNECTIONS` of them for later requests."""

    def __init__(self, base_url: str) -> None:
        self._proxy = proxy_for(base_url)
        secure = base_url.startswith("https") or self._proxy
        # One context for all, even an empty one: making it costs more than a connection does.
        self._context = httpx.create_ssl_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._idle: list[httpx.AsyncHTTPTransport] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it over an idle connection or a new one, which is free again when the response is closed."""
        transport = self._idle.pop() if self._idle else self._open()
        try:
            response = await transport.handle_async_request(request)
        except BaseException:
            await transport.aclose()
            raise
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Lent(response.stream, transport, self)
        return response

    async def give_back(self, transport: httpx.AsyncHTTPTransport) -> None:
        """Keep it for the next request, or close it where enough are kept."""
        if len(self._idle) < IDLE_CONNECTIONS:
            self._idle.append(transport)
        else:
            await transport.aclose()

    async def aclose(self) -> None:
        """Close the idle connections; those in use close with their responses."""
        idle, self._idle = self._idle, []
        for transport in idle:
            await transport.aclose()

    def _open(self) -> httpx.AsyncHTTPTransport:
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE_S)
        return httpx.AsyncHTTPTransport(verify=self._context, limits=limits, proxy=self._proxy)


class _Lent(httpx.AsyncByteStream):
    """A response's body that gives its connection back when it is closed."""

    def __init__(
        self, body: httpx.AsyncByteStream, transport: httpx.AsyncHTTPTransport, connections: Connections
    ) -> None:
        self._body = body
        self._transport: httpx.AsyncHTTPTransport | None = transport
        self._connections = connections
        self._read_whole = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._body:
            yield data
        self._read_whole = True

    async def aclose(self) -> None:
        transport, self._transport = self._transport, None
        whole = False
        try:
            await self._body.aclose()
            whole = self._read_whole
        finally:
            if transport is not None and whole:
                await self._connections.give_back(transport)
            elif transport is not None:
                # Left in the middle, or cancelled while closing, httpx counts the connection as busy for ever: the next
                # request over it would never be sent.
                await transport.aclose()
