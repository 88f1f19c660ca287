"""genai-prices, for what LiteLLM's map lacks: OpenRouter's models above all. Imported on the first such question."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from workbench.models.base import Prices
from workbench.models.price_map import Entry, Tier
from workbench.money import per_million

THEIRS = {
    "anthropic": "anthropic", "azure": "azure", "bedrock": "aws", "cerebras": "cerebras", "cohere": "cohere",
    "deepseek": "deepseek", "fireworks_ai": "fireworks", "gemini": "google", "groq": "groq", "mistral": "mistral",
    "moonshot": "moonshotai", "novita": "novita", "openai": "openai", "openrouter": "openrouter",
    "perplexity": "perplexity", "together_ai": "together", "xai": "x-ai",
}  # fmt: skip
"""LiteLLM's name of a provider → genai-prices' id."""
_FIELDS = {
    "input": "input_mtok",
    "cached_input": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "output": "output_mtok",
    "reasoning": "output_reasoning_mtok",
}


class Fallback:
    """Entries by LiteLLM's names, from genai-prices."""

    @cached_property
    def source(self) -> str:
        """`genai-prices 0.2.3`"""
        from importlib.metadata import version

        return f"genai-prices {version('genai-prices')}"

    def get(self, model: str) -> Entry | None:
        """The entry of `<provider>/<model>`; None where the provider or the model is not known."""
        prefix, slash, name = model.partition("/")
        provider = self._providers.get(THEIRS.get(prefix, "")) if slash else None
        found = provider.find_model(name) if provider is not None else None
        return self._entry(model, prefix, found) if found is not None else None

    def entries(self, provider: str) -> list[Entry]:
        """Every model of one provider, by LiteLLM's name of it."""
        known = self._providers.get(THEIRS.get(provider, ""))
        return [self._entry(f"{provider}/{model.id}", provider, model) for model in known.models] if known else []

    @cached_property
    def _providers(self) -> dict[str, Any]:
        try:
            from genai_prices.data import providers
        except ImportError:
            return {}
        return {provider.id: provider for provider in providers}

    def _entry(self, name: str, provider: str, model: Any) -> Entry:
        prices = model.get_prices(datetime.now(UTC))
        given = {ours: getattr(prices, theirs, None) for ours, theirs in _FIELDS.items()}
        starts = sorted({tier.start for price in given.values() for tier in getattr(price, "tiers", ())})
        base = self._prices(given, 0)
        tiers = [Tier(start, tiered) for start in starts if (tiered := self._prices(given, start))]
        return Entry(name=name, provider=provider, prices=base, tiers=tuple(tiers), context=model.context_window)

    def _prices(self, given: dict[str, Any], above: int) -> Prices | None:
        found = {name: _pico(price, above) for name, price in given.items()}
        if found["input"] is None and found["output"] is None:
            return None
        return Prices(source=f"{self.source}, above {above // 1000}k" if above else self.source, **found)


def _pico(price: Any, above: int) -> int | None:
    """Pico-dollars per token in the tier that starts at `above`; zero is unknown, as in the other map."""
    if price is None:
        return None
    dollars = getattr(price, "base", price)
    for tier in getattr(price, "tiers", ()):
        if tier.start <= above:
            dollars = tier.price
    return per_million(dollars) or None
