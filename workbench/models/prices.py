"""What a call costs: config.toml's prices first, then the endpoint's own, then the map. Integer pico-dollars."""

from __future__ import annotations

from workbench.config import Config, PriceConfig
from workbench.models.base import Prices
from workbench.models.price_map import PriceMap
from workbench.money import per_million


class PriceBook:
    """Prices by full model name. `price_map` is the shipped map unless a test brings its own."""

    def __init__(self, config: Config, price_map: PriceMap | None = None) -> None:
        self._config = config
        self.map = price_map or PriceMap()

    def prices_for(self, model: str, prompt_tokens: int | None = None) -> Prices | None:
        """Prices of a call of `model` with that many prompt tokens (tiers above 128k, 200k, 272k); None is unknown."""
        own = self._config.prices.get(model)
        if own is not None:
            return from_config(own, "config")
        endpoint, _, name = model.partition("/")
        entry = self._config.endpoints.get(endpoint)
        if entry is not None:
            priced = entry.prices.get(name) or entry.prices.get("*")
            return from_config(priced, f"config, endpoint {endpoint}") if priced is not None else None
        found = self.map.get(model)
        return found.at(prompt_tokens) if found is not None else None


def from_config(entry: PriceConfig, source: str) -> Prices:
    """Dollars per million tokens as a person writes them → pico-dollars per token. A written 0 is free."""

    def pico(value: float | None) -> int | None:
        return None if value is None else per_million(value)

    return Prices(
        input=pico(entry.input),
        cached_input=pico(entry.cached_input),
        cache_write=pico(entry.cache_write),
        output=pico(entry.output),
        reasoning=pico(entry.reasoning),
        source=source,
    )
