"""The real catalogue behind the Models screen's seam."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from workbench import paths
from workbench.config import Config
from workbench.models import listing
from workbench.models.base import ModelInfo
from workbench.models.billing import known_from
from workbench.models.catalogue import Catalogue
from workbench.models.endpoints import same_place
from workbench.tui.services import Tested

if TYPE_CHECKING:
    from workbench.models.endpoints import Endpoint
    from workbench.models.listing import Listed
    from workbench.models.probe import Probed

PROMPT = "Count from 1 to 20."
TOKENS = 32
"""Longest answer of a test call: enough for a speed, little enough to cost next to nothing."""


def port_of(url: str) -> int | None:
    """The port of a plain OpenAI-compatible address, `http://host:port/v1`; None for any other."""
    place = urlsplit(url)
    return place.port if place.scheme == "http" and place.path == "/v1" else None


class LiveCatalogue:
    """`models.catalogue.Catalogue` with what else the screen asks for."""

    def __init__(self, models: Catalogue, config: Config) -> None:
        self.models, self._config = models, config
        self.price_date = cache(self._price_date)

    def listing(self) -> list[Listed]:
        """All rows. Reads files."""
        return self.models.listing()

    def look_up(self, model: str) -> ModelInfo:
        """One model; asks the keyring."""
        return self.models.info(model)

    def endpoints(self) -> list[Endpoint]:
        """The servers of config.toml and those that were found."""
        return list(self.models.endpoints.values())

    def billing_source(self, info: ModelInfo) -> str:
        """Where `billing_on_cancel` is known from."""
        endpoint = self.models.endpoints.get(info.endpoint)
        return known_from(info.endpoint, self._config, here=endpoint is not None and endpoint.loopback)

    def add(self, spec: str) -> str:
        """A GGUF file by path or hub address. Raises `WorkbenchError`."""
        from workbench.models.local.store import Store

        return f"local/{Store(self._config.local).add(spec).name}"

    async def discover(self) -> list[Endpoint]:
        """Ask the usual ports of this machine, and those that config.toml names."""
        from workbench.models.discovery import PLACES, Place, discover

        named = {port_of(endpoint.base_url) for endpoint in self.endpoints() if endpoint.loopback}
        others = sorted(port for port in named - {place.port for place in PLACES} if port)
        found = await discover([*PLACES, *(Place(port, "") for port in others)])
        for endpoint in found:
            self.models.add(endpoint)
        return [
            endpoint for endpoint in self.endpoints() if any(same_place(endpoint.base_url, f.base_url) for f in found)
        ]

    async def test(self, model: str) -> Tested:
        """One small call."""
        from workbench.engine.pricing import price

        result = await self.models.test(model, PROMPT, TOKENS)
        prices = self.models.prices_for(model, result.usage.prompt_tokens)
        known = result.reported_cost is not None or result.usage.source == "reported"
        return Tested(result, price(result.usage, prices, result.reported_cost), estimated=not known)

    async def probe(self, model: str, say: Callable[[str], None]) -> Probed:
        """Whether its server really stops. Raises `ModelError`."""
        return await self.models.probe(model, say=say)

    def _price_date(self, source: str) -> str:
        day = listing.price_date(source, paths.config_file())
        return f"{day.day} {day:%b %Y}" if day is not None else ""
