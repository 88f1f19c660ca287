"""The catalogue as rows: readiness and key in a word, and where figures are known from."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.config import Config, EndpointConfig, LimitConfig
from workbench.models.base import ModelInfo
from workbench.models.billing import known_from
from workbench.models.catalogue import Catalogue
from workbench.models.endpoints import Endpoint, same_place
from workbench.models.keys import Keys
from workbench.models.listing import Listed, listed, price_date, rank
from workbench.models.local.store import LocalModel


def file(*, ready: bool, note: str = "") -> LocalModel:
    return LocalModel(name="m", path=Path("m"), bytes=93_000_000, source="added", origin="x", ready=ready, note=note)


def info(provider: str = "litellm", endpoint: str = "openai", problem: str = "") -> ModelInfo:
    return ModelInfo(name="m", provider=provider, endpoint=endpoint, available=not problem, problem=problem)


@pytest.mark.parametrize(
    ("row", "readiness", "key", "words"),
    [
        (listed(info()), "ready", "found", "ready"),
        (listed(info(problem="set OPENAI_API_KEY")), "blocked", "missing", "set OPENAI_API_KEY"),
        (listed(info(endpoint="newcomer")), "maybe", "unknown", "may need a key"),
        (listed(info("sim", "sim")), "ready", "none", "ready"),
        (listed(info("lab", "lab"), keyed=True), "ready", "found", "ready"),
        (listed(info("lab", "lab", "set LAB_KEY"), keyed=True), "blocked", "missing", "set LAB_KEY"),
        (listed(info("local", "local"), file(ready=True)), "ready", "none", "on disk, 93 MB"),
        (listed(info("local", "local"), file(ready=True, note="slow")), "ready", "none", "on disk, 93 MB; slow"),
        (listed(info("local", "local"), file(ready=False)), "absent", "none", "not fetched"),
        (listed(info("local", "local", "no wheel"), file(ready=False)), "blocked", "none", "no wheel"),
    ],
)
def test_rows(row: Listed, readiness: str, key: str, words: str) -> None:
    assert (row.readiness, row.key, row.words) == (readiness, key, words)


def test_the_whole_catalogue_callable_ones_first() -> None:
    limits = {"anthropic": LimitConfig(max_concurrency=4, requests_per_minute=50)}
    models = Catalogue(Config(limits=limits), environ={}, keys=Keys({}, keyring=lambda _: "in the keyring"))
    models.add(Endpoint(name="vllm", base_url="http://127.0.0.1:8000/v1", models=("qwen3",)))
    rows = models.listing()
    assert len(rows) > 2000
    assert [rank(row) for row in rows] == sorted(map(rank, rows))
    by_name = {row.info.name: row for row in rows}
    assert by_name["local/smollm2-135m"].local is not None
    assert by_name["vllm/qwen3"].readiness == "ready"
    sonnet = by_name["anthropic/claude-sonnet-4-5"]
    assert (sonnet.key, sonnet.info.max_concurrency, sonnet.info.requests_per_minute) == ("missing", 4, 50)
    assert "tools" in sonnet.info.abilities


def test_a_server_that_is_found_again_is_told_its_new_models_and_one_of_config_its_own() -> None:
    models = Catalogue(Config(endpoints={"lab": EndpointConfig(base_url="http://localhost:8000/v1")}))
    models.add(Endpoint(name="vllm", base_url="http://127.0.0.1:8000/v1", models=("a",)))
    assert (models.endpoints["lab"].models, "vllm" in models.endpoints) == (("a",), False)
    models.add(Endpoint(name="ollama", base_url="http://127.0.0.1:11434/v1", models=("a",)))
    models.add(Endpoint(name="ollama", base_url="http://127.0.0.1:11434/v1", models=("a", "b")))
    assert models.endpoints["ollama"].models == ("a", "b")


async def test_a_server_that_moved_gets_a_new_provider() -> None:
    models = Catalogue(Config())
    models.add(Endpoint(name="vllm", base_url="http://127.0.0.1:8000/v1"))
    before = models.provider("vllm/a")
    models.add(Endpoint(name="vllm", base_url="http://127.0.0.1:8080/v1"))
    assert models.provider("vllm/a") is not before
    await models.aclose()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://localhost:8000/v1", "http://127.0.0.1:8000/v1", True),
        ("http://localhost:8000/v1", "http://127.0.0.1:8001/v1", False),
        ("http://lab:8000/v1", "http://127.0.0.1:8000/v1", False),
    ],
)
def test_same_place(one: str, other: str, same: bool) -> None:
    assert same_place(one, other) is same


def test_where_billing_is_known_from() -> None:
    endpoints = {"lab": EndpointConfig(base_url="http://x/v1", billing_on_cancel="stops")}
    config = Config(endpoints=endpoints, billing_on_cancel={"groq": "stops"})
    assert known_from("groq", config) == "config.toml, [billing_on_cancel] groq"
    assert known_from("lab", config) == "config.toml, [endpoints.lab]"
    assert "embedded" in known_from("local", config)
    assert "probe" in known_from("vllm", config, here=True)
    assert "OpenRouter" in known_from("anthropic", config)
    assert "no public statement" in known_from("gemini", config)
    assert known_from("newcomer", config) == "nobody says"


def test_the_date_of_prices(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    assert price_date("config", config) is None
    config.write_text("")
    assert price_date("config, endpoint lab", config) is not None
    assert price_date("litellm 1.0, above 200k", config) is not None
    assert price_date("embedded", config) is None
    assert price_date("", config) is None
