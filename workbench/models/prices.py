"""What a call costs: config.toml first, then the endpoint's own prices, then the maps. Integer pico-dollars."""

from __future__ import annotations

from functools import cached_property

from workbench.config import Config, PriceConfig
from workbench.models.base import Prices
from workbench.models.price_fallback import THEIRS, Fallback
from workbench.models.price_map import Entry, PriceMap
from workbench.money import per_million


class PriceBook:
    """Prices by full model name. `price_map` is the shipped map unless a test brings its own."""

    def __init__(self, config: Config, price_map: PriceMap | None = None, fallback: Fallback | None = None) -> None:
        self._config = config
        self._map = price_map or PriceMap()
        self._fallback = fallback or Fallback()
        self._found: dict[str, Entry | None] = {}

    def entry(self, model: str) -> Entry | None:
        """What is published of a model: LiteLLM's map, else genai-prices where that knows a price."""
        if model not in self._found:
            entry = self._map.get(model)
            if entry is None or entry.prices is None:
                other = self._fallback.get(model)
                entry = other if other is not None and other.prices is not None else entry
            self._found[model] = entry
        return self._found[model]

    @cached_property
    def providers(self) -> frozenset[str]:
        """Whoever serves a published model."""
        return frozenset(entry.provider for entry in self.entries())

    def entries(self) -> list[Entry]:
        """Every published chat model; of providers that LiteLLM's map leaves out, genai-prices' models."""
        known = list(self._map.entries)
        missing = THEIRS.keys() - {entry.provider for entry in known}
        return known + [entry for provider in sorted(missing) for entry in self._fallback.entries(provider)]

    def prices_for(self, model: str, prompt_tokens: int | None = None) -> Prices | None:
        """Prices of a call of `model` with that many prompt tokens (tiers above 128k, 200k, 272k); None is unknown."""
        own = self.configured(model)
        if own is not None or model.partition("/")[0] in self._config.endpoints:
            return own
        found = self.entry(model)
        return found.at(prompt_tokens) if found is not None else None

    def configured(self, model: str) -> Prices | None:
        """Prices that config.toml names for this model, or for its endpoint."""
        own = self._config.prices.get(model)
        if own is not None:
            return from_config(own, "config")
        endpoint, _, name = model.partition("/")
        entry = self._config.endpoints.get(endpoint)
        priced = (entry.prices.get(name) or entry.prices.get("*")) if entry is not None else None
        return from_config(priced, f"config, endpoint {endpoint}") if priced is not None else None


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
