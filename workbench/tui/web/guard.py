"""Who gets in: only who has the token, asks this machine by its own name, and comes from no other site's page.

The token is a part of every path and not a cookie: a browser sends cookies to every port of a host, so that any other
server on this machine could read it.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

LOOPBACK = "127.0.0.1"
NAMES = (LOOPBACK, "localhost")
"""Host names that a request may be addressed to; another name that leads here is a rebound one."""
REFUSAL = "403: open the whole address that `workbench serve` has printed.\n"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Nothing from elsewhere is loaded, no other page may hold or read this one, and no link carries the token away."""


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def guard(token: str) -> Middleware:
    """Middleware that answers 403 to every request that does not belong here, whatever its path."""

    @web.middleware
    async def check(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not admitted(request.path, request.headers.get("Host"), request.headers.get("Origin"), token):
            return web.Response(status=403, text=REFUSAL)
        return await handler(request)

    return check


def admitted(path: str, host: str | None, origin: str | None, token: str) -> bool:
    """Whether a request with this path and these headers is one of ours. No `Origin` is no browser's other page."""
    said = path.lstrip("/").partition("/")[0]
    known = secrets.compare_digest(said.encode("utf-8", "surrogateescape"), token.encode())
    return known and _is_ours(host) and (origin is None or origin == f"http://{host}")


def _is_ours(host: str | None) -> bool:
    """Any port: a tunnel (`ssh -L`) may lead here from another."""
    try:
        return host is not None and urlsplit(f"//{host}").hostname in NAMES
    except ValueError:
        return False


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """On every answer, refusals included."""
    response.headers.update(HEADERS)
