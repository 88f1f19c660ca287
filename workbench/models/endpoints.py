"""Where OpenAI-compatible servers are reached: from config.toml, or found on this machine."""

from __future__ import annotations

import ipaddress
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct

from workbench.config import BillingOnCancel, Config, EndpointConfig, PriceConfig

Flavour: TypeAlias = Literal["", "llama.cpp", "vllm", "ollama", "lmstudio"]


class Endpoint(Struct, frozen=True, kw_only=True):
    """One server. `<name>/<model>` is a model on it."""

    name: str
    base_url: str
    """Up to and including `/v1`."""
    flavour: Flavour = ""
    """Which server it is, where that is known; it decides which extras of the API are used."""
    models: tuple[str, ...] = ()
    """What it said it serves, where it was asked."""
    api_key_env: str = ""
    headers: dict[str, str] = {}
    prices: dict[str, PriceConfig] = {}
    billing_on_cancel: BillingOnCancel = "unknown"
    max_concurrency: int | None = None
    requests_per_minute: float | None = None
    context: int | None = None

    @property
    def loopback(self) -> bool:
        """It runs on this machine."""
        return is_loopback(self.base_url)


def configured(config: Config) -> dict[str, Endpoint]:
    """The endpoints of config.toml by name."""
    return {name: from_config(name, entry, config) for name, entry in config.endpoints.items()}


def from_config(name: str, entry: EndpointConfig, config: Config) -> Endpoint:
    """One endpoint; `[limits.<name>]` and `[billing_on_cancel]` override what stands in the endpoint itself."""
    limits = config.limits.get(name)
    return Endpoint(
        name=name,
        base_url=entry.base_url.rstrip("/"),
        api_key_env=entry.api_key_env,
        headers=entry.headers,
        prices=entry.prices,
        billing_on_cancel=config.billing_on_cancel.get(name, entry.billing_on_cancel),
        max_concurrency=(limits and limits.max_concurrency) or entry.max_concurrency,
        requests_per_minute=(limits and limits.requests_per_minute) or entry.requests_per_minute,
        context=entry.context,
    )


def is_loopback(url: str) -> bool:
    """True where the URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def same_place(one: str, other: str) -> bool:
    """Whether two URLs lead to the same port of this machine."""
    here, there = urlsplit(one), urlsplit(other)
    return is_loopback(one) and is_loopback(other) and (here.port, here.path) == (there.port, there.path)
