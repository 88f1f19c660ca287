"""OpenAI-compatible servers on this machine, found at the ports they use by default. Only when asked, only loopback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from workbench.models.endpoints import Endpoint, Flavour

TIMEOUT_S = 0.5
LONGEST_BODY = 4 * 1024 * 1024


class Place(Struct, frozen=True):
    """A port and who usually listens there."""

    port: int
    flavour: Flavour


PLACES = (Place(11434, "ollama"), Place(1234, "lmstudio"), Place(8000, "vllm"), Place(8080, "llama.cpp"))
_NAMES: dict[str, Flavour] = {"vllm": "vllm", "llamacpp": "llama.cpp", "library": "ollama"}
"""What `owned_by` says of the server, whatever port it runs at."""


async def discover(places: Sequence[Place] = PLACES, *, timeout: float = TIMEOUT_S) -> list[Endpoint]:
    """The servers that answer `GET /v1/models` within `timeout` seconds, all asked at once. Raises nothing."""
    async with httpx.AsyncClient(timeout=timeout, trust_env=False, verify=False) as client:
        found = await asyncio.gather(*(_ask(client, place, timeout) for place in places))
    return _named([endpoint for endpoint in found if endpoint is not None])


async def _ask(client: httpx.AsyncClient, place: Place, timeout: float) -> Endpoint | None:
    base = f"http://127.0.0.1:{place.port}/v1"
    with contextlib.suppress(httpx.HTTPError, msgspec.DecodeError, TimeoutError):
        async with asyncio.timeout(timeout):
            response = await client.get(f"{base}/models")
        if response.status_code == 200 and len(response.content) <= LONGEST_BODY:
            return _endpoint(place, base, msgspec.json.decode(response.content))
    return None


def _endpoint(place: Place, base: str, answer: Any) -> Endpoint | None:
    """The endpoint an answer describes; None where it is no list of models, so no such server."""
    models = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(models, list):
        return None
    known = [model for model in models if isinstance(model, dict) and isinstance(model.get("id"), str)]
    owner = str(known[0].get("owned_by", "")) if known else ""
    flavour = _NAMES.get(owner, place.flavour)
    return Endpoint(
        name=_slug(flavour) or f"port{place.port}",
        base_url=base,
        flavour=flavour,
        models=tuple(model["id"] for model in known),
        billing_on_cancel="stops",
    )


def _slug(flavour: Flavour) -> str:
    """A name that can stand before a slash: `llamacpp`."""
    return flavour.replace(".", "")


def _named(endpoints: list[Endpoint]) -> list[Endpoint]:
    """Names made unique: the second of a kind carries its port."""
    taken: set[str] = set()
    unique: list[Endpoint] = []
    for endpoint in endpoints:
        name = endpoint.name
        if name in taken:
            name = f"{name}{endpoint.base_url.rsplit(':', 1)[1].removesuffix('/v1')}"
        taken.add(name)
        unique.append(msgspec.structs.replace(endpoint, name=name))
    return unique
