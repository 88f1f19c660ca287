"""Prices as integers: the map read without LiteLLM, tiers, overrides, unknown."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.config import Config, EndpointConfig, PriceConfig
from workbench.models.price_fallback import Fallback
from workbench.models.price_map import PriceMap, installed_map
from workbench.models.prices import PriceBook

ENTRIES = {
    "sample_spec": {"litellm_provider": "one of …", "mode": "one of …"},
    "gpt-x": {
        "litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05,
        "cache_read_input_token_cost": 1.25e-06, "max_input_tokens": 128000, "max_output_tokens": 16384,
        "input_cost_per_token_batches": 1e-06, "supports_reasoning": True,
    },
    "gemini/pro": {
        "litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
        "cache_read_input_token_cost": 1e-07, "input_cost_per_token_above_128k_tokens": 2e-06,
        "input_cost_per_token_above_200k_tokens": 2.5e-06, "output_cost_per_token_above_200k_tokens": 1.5e-05,
        "input_cost_per_token_above_200k_tokens_priority": 9e-06,
    },
    "dashscope/flash": {
        "litellm_provider": "dashscope", "mode": "chat",
        "tiered_pricing": [
            {"range": [256000.0, 1e6], "input_cost_per_token": 2.5e-07, "output_cost_per_token": 2e-06},
            {"range": [0, 256000.0], "input_cost_per_token": 5e-08, "output_cost_per_token": 4e-07},
        ],
    },
    "ollama/free": {
        "litellm_provider": "ollama", "mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0,
    },
    "embed": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 1e-07},
    "broken": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": "cheap", "max_tokens": "many"},
}  # fmt: skip


@pytest.fixture
def shipped(tmp_path: Path) -> PriceMap:
    path = tmp_path / "map.json"
    path.write_text(json.dumps(ENTRIES))
    return PriceMap(path, "1.2.3")


def book(price_map: PriceMap, config: Config | None = None) -> PriceBook:
    return PriceBook(config or Config(), price_map)


@pytest.mark.parametrize("name", ["gpt-x", "openai/gpt-x"])
def test_integers_with_their_source(shipped: PriceMap, name: str) -> None:
    prices = book(shipped).prices_for(name)
    assert prices is not None
    assert (prices.input, prices.cached_input, prices.output, prices.cache_write) == (2_500_000, 1_250_000, 10**7, None)
    assert prices.source == "litellm 1.2.3"


def test_a_name_with_another_providers_prefix_is_not_taken_for_it(shipped: PriceMap) -> None:
    assert book(shipped).prices_for("nowhere/gpt-x") is None


@pytest.mark.parametrize(
    ("tokens", "price", "output", "source"),
    [
        (None, 1_250_000, 10_000_000, "litellm 1.2.3"),
        (128_000, 1_250_000, 10_000_000, "litellm 1.2.3"),
        (128_001, 2_000_000, 10_000_000, "litellm 1.2.3, above 128k"),
        (200_001, 2_500_000, 15_000_000, "litellm 1.2.3, above 200k"),
    ],
)
def test_tiers(shipped: PriceMap, tokens: int | None, price: int, output: int, source: str) -> None:
    prices = book(shipped).prices_for("gemini/pro", tokens)
    assert prices is not None
    assert (prices.input, prices.output, prices.source) == (price, output, source)
    assert prices.cached_input == 100_000  # what a tier doesn't name costs what it costs below


def test_tiers_as_a_table(shipped: PriceMap) -> None:
    prices = book(shipped)
    low, high = prices.prices_for("dashscope/flash", 256_000), prices.prices_for("dashscope/flash", 256_001)
    assert low is not None
    assert high is not None
    assert (low.input, high.input) == (50_000, 250_000)


@pytest.mark.parametrize("name", ["ollama/free", "broken", "mystery", "some/mystery", ""])
def test_zero_missing_and_nonsense_are_unknown(shipped: PriceMap, name: str) -> None:
    assert book(shipped).prices_for(name) is None


def test_only_chat_models_are_listed(shipped: PriceMap) -> None:
    assert [entry.name for entry in shipped.entries] == [
        "dashscope/flash", "gemini/pro", "ollama/free", "openai/broken", "openai/gpt-x",
    ]  # fmt: skip
    entry = shipped.get("gpt-x")
    assert entry is not None
    assert (entry.context, entry.max_output, entry.reasoning) == (128_000, 16_384, True)


def test_config_comes_first_and_a_written_zero_is_free(shipped: PriceMap) -> None:
    lab = EndpointConfig(base_url="http://lab/v1", prices={"a": PriceConfig(input=1), "*": PriceConfig(output=2)})
    config = Config(prices={"openai/gpt-x": PriceConfig(input=0, output=0.03)}, endpoints={"lab": lab})
    prices = book(shipped, config)
    own = prices.prices_for("openai/gpt-x")
    assert own is not None
    assert (own.input, own.output, own.cached_input, own.source) == (0, 30_000, None, "config")
    first, other = prices.prices_for("lab/a"), prices.prices_for("lab/org/b")
    assert first is not None
    assert other is not None
    assert (first.input, first.output, other.output) == (10**6, None, 2 * 10**6)
    assert first.source == "config, endpoint lab"


def test_an_endpoint_without_prices_is_unpriced_whatever_its_models_are_called(shipped: PriceMap) -> None:
    config = Config(endpoints={"openai": EndpointConfig(base_url="http://lab/v1")})
    assert book(shipped, config).prices_for("openai/gpt-x") is None


@given(st.integers(1, 10**9))
def test_no_float_rounds_a_price(pico: int) -> None:
    from workbench.models.price_map import _entry, _prices

    text = format(Decimal(pico) / 10**12, "f")
    fields = _entry.decode(f'{{"input_cost_per_token": {text}}}')
    prices = _prices(fields, "", "test")
    assert prices is not None
    assert prices.input == pico


def test_a_map_that_is_gone_or_broken_leaves_prices_unknown(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    assert PriceMap(tmp_path / "none.json", "1").get("gpt-4o") is None
    assert PriceMap(tmp_path / "broken.json", "1").entries == ()


def test_the_installed_map_has_what_everyone_uses() -> None:
    assert installed_map() is not None
    prices = PriceBook(Config())
    for name in ("openai/gpt-4o", "gpt-4o", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-pro", "deepseek-chat"):
        found = prices.prices_for(name)
        assert found is not None, name
        assert found.input, name
        assert found.output, name
        assert found.source.startswith(("litellm ", "genai-prices ")), name


def test_genai_prices_fills_what_the_map_lacks(shipped: PriceMap) -> None:
    prices = book(shipped).prices_for("openrouter/openai/gpt-4o")
    assert prices is not None
    assert (prices.input, prices.output) == (2_500_000, 10_000_000)
    assert prices.source.startswith("genai-prices ")
    assert any(entry.name.startswith("openrouter/") for entry in book(shipped).entries())


def test_tiers_of_genai_prices() -> None:
    entry = Fallback().get("gemini/gemini-2.5-pro")
    assert entry is not None
    low, high = entry.at(200_000), entry.at(200_001)
    assert low is not None
    assert high is not None
    assert (low.input, high.input, high.source.endswith("above 200k")) == (1_250_000, 2_500_000, True)


def test_reading_the_map_imports_neither_litellm_nor_genai_prices() -> None:
    code = (
        "import sys\n"
        "from workbench.config import Config\n"
        "from workbench.models.catalogue import Catalogue\n"
        "assert Catalogue(Config()).prices_for('openai/gpt-4o').input\n"
        "print(sorted({'litellm', 'genai_prices', 'httpx', 'keyring'} & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[2]
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert result.stdout.strip() == "[]"
