"""LiteLLM's map of models and prices, read as a file: LiteLLM itself, which takes seconds, is not imported.

docs/prices.md says why this map and not another, with the figures.
"""

from __future__ import annotations

import importlib.util
import re
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from workbench.models.base import Prices
from workbench.money import from_usd

FILE = "model_prices_and_context_window_backup.json"
CHAT_MODES = frozenset({"chat", "responses"})
_FIELDS = {
    "input": ("input_cost_per_token",),
    "cached_input": ("cache_read_input_token_cost", "input_cost_per_token_cache_hit"),
    "cache_write": ("cache_creation_input_token_cost",),
    "output": ("output_cost_per_token",),
    "reasoning": ("output_cost_per_reasoning_token",),
}
ABILITIES = {
    "tools": "supports_function_calling",
    "json": "supports_response_schema",
    "vision": "supports_vision",
    "audio": "supports_audio_input",
    "pdf": "supports_pdf_input",
    "cache": "supports_prompt_caching",
    "web": "supports_web_search",
}
"""Short name → the map's flag."""
_ABOVE = re.compile(r"input_cost_per_token_above_(\d+)k_tokens")

_entry = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


class Tier(Struct, frozen=True):
    """Prices of a call whose prompt is longer than `above` tokens."""

    above: int
    prices: Prices


class Entry(Struct, frozen=True, kw_only=True):
    """What the map says of one model."""

    name: str
    """As LiteLLM is called with it: `<provider>/<model>`."""
    provider: str
    prices: Prices | None = None
    """None where neither input nor output has a price."""
    tiers: tuple[Tier, ...] = ()
    """Ascending."""
    context: int | None = None
    max_output: int | None = None
    reasoning: bool = False
    abilities: tuple[str, ...] = ()
    """Of `ABILITIES`, in their order."""
    chat: bool = True

    def at(self, prompt_tokens: int | None) -> Prices | None:
        """The prices of a call with a prompt of that many tokens; None takes the lowest tier."""
        longer = [tier for tier in self.tiers if (prompt_tokens or 0) > tier.above]
        return longer[-1].prices if longer else self.prices


class PriceMap:
    """The map; read on first use, every entry decoded when it is asked for."""

    def __init__(self, path: Path | None = None, version: str = "") -> None:
        self._path = path
        self._version = version

    @cached_property
    def source(self) -> str:
        """`litellm 1.106.2`"""
        from importlib.metadata import version

        return f"litellm {self._version or version('litellm')}"

    @cached_property
    def _raw(self) -> dict[str, msgspec.Raw]:
        path = self._path or installed_map()
        if path is None:
            return {}
        try:
            return msgspec.json.decode(path.read_bytes(), type=dict[str, msgspec.Raw])
        except (OSError, msgspec.DecodeError):
            return {}

    def get(self, model: str) -> Entry | None:
        """The entry of a model as LiteLLM would be called with it: `openai/gpt-4o`, `gpt-4o`, `azure/gpt-4o`."""
        entry = self._decode(model, model)
        if entry is not None or "/" not in model:
            return entry
        provider, _, rest = model.partition("/")
        entry = self._decode(rest, model)
        return entry if entry is not None and _same(provider, entry.provider) else None

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every chat model, by name."""
        found = (self._decode(key, key) for key in self._raw if key != "sample_spec")
        return tuple(sorted((entry for entry in found if entry and entry.chat), key=lambda entry: entry.name))

    def _decode(self, key: str, name: str) -> Entry | None:
        raw = self._raw.get(key)
        if raw is None:
            return None
        try:
            fields = _entry.decode(raw)
        except msgspec.DecodeError:
            return None
        provider = str(fields.get("litellm_provider", ""))
        base, tiers = _tiers(fields, self.source)
        return Entry(
            name=name if "/" in name or not provider else f"{_called(provider)}/{name}",
            provider=_called(provider),
            prices=base,
            tiers=tiers,
            context=_count(fields.get("max_input_tokens") or fields.get("max_tokens")),
            max_output=_count(fields.get("max_output_tokens") or fields.get("max_tokens")),
            reasoning=bool(fields.get("supports_reasoning")),
            abilities=tuple(name for name, flag in ABILITIES.items() if fields.get(flag)),
            chat=fields.get("mode") in CHAT_MODES,
        )


def installed_map() -> Path | None:
    """The map's file inside the installed LiteLLM; nothing of LiteLLM is executed. None where it isn't there."""
    spec = importlib.util.find_spec("litellm")
    folders = spec.submodule_search_locations if spec else None
    path = Path(next(iter(folders))) / FILE if folders else None
    return path if path is not None and path.is_file() else None


def _called(provider: str) -> str:
    """The provider's prefix in a name: the map's `bedrock_converse` and `vertex_ai-llama_models` are called shorter."""
    return {"bedrock_converse": "bedrock", "cohere_chat": "cohere"}.get(provider, provider.partition("-")[0])


def _same(prefix: str, provider: str) -> bool:
    return prefix == provider or prefix == _called(provider)


def _tiers(fields: dict[str, Any], source: str) -> tuple[Prices | None, tuple[Tier, ...]]:
    """Base prices and the tiers above, from either of the map's two ways to write them."""
    table = fields.get("tiered_pricing")
    if isinstance(table, list) and table and all(isinstance(row, dict) and row.get("range") for row in table):
        rows = sorted(table, key=lambda row: row["range"][0])
        steps = [Tier(int(row["range"][0]), prices) for row in rows if (prices := _prices(row, "", source))]
        return (steps[0].prices if steps else None), tuple(steps[1:])
    base = _prices(fields, "", source)
    thousands = sorted({int(match[1]) for match in map(_ABOVE.fullmatch, fields) if match})
    tiers = [
        Tier(thousand * 1000, _inherit(prices, base))
        for thousand in thousands
        if (prices := _prices(fields, f"_above_{thousand}k_tokens", source))
    ]
    return base, tuple(tiers)


def _inherit(tier: Prices, base: Prices | None) -> Prices:
    """What a tier doesn't name costs what it costs below."""
    if base is None:
        return tier
    return Prices(
        source=tier.source,
        **{name: getattr(base, name) if (own := getattr(tier, name)) is None else own for name in _FIELDS},
    )


def _prices(fields: dict[str, Any], suffix: str, source: str) -> Prices | None:
    """Prices from the fields with this suffix. Zero or missing is unknown: the map has 0.0 for many dear models."""
    found = {ours: _pico(fields, [name + suffix for name in theirs]) for ours, theirs in _FIELDS.items()}
    if found["input"] is None and found["output"] is None:
        return None
    tier = suffix.replace("_", " ").removesuffix(" tokens")
    return Prices(source=f"{source},{tier}" if tier else source, **found)


def _pico(fields: dict[str, Any], names: list[str]) -> int | None:
    for name in names:
        value = fields.get(name)
        if isinstance(value, Decimal | int | str) and not isinstance(value, bool):
            try:
                pico = from_usd(value)
            except (InvalidOperation, OverflowError, ValueError):
                continue
            if pico > 0:
                return pico
    return None


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, Decimal | int) and value > 0 else None
