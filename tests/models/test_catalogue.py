"""The catalogue: which provider serves a name, what is known of it, whether it can be called."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator

import pytest

from tests.fakes.openai_server import FakeServer
from tests.models.streams import ask, collect
from workbench.config import Config, EndpointConfig, LimitConfig
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Models
from workbench.models.billing import on_cancel
from workbench.models.catalogue import Catalogue
from workbench.models.endpoints import Endpoint
from workbench.models.http import HttpProvider
from workbench.models.keys import PATIENCE_S, VARIABLES, Keys
from workbench.models.litellm.provider import LiteLLMProvider

NO_KEYS: dict[str, str] = {}


def catalogue(config: Config | None = None, **environ: str) -> Catalogue:
    return Catalogue(config or Config(), environ=environ, keys=Keys(environ, keyring=lambda _: None))


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    async with FakeServer(models=("tiny", "org/big")) as fake:
        yield fake


def test_it_is_what_the_engine_asks_for() -> None:
    models: Models = catalogue()
    assert models.info("openai/gpt-4o").name == "openai/gpt-4o"


async def test_names_find_their_provider(server: FakeServer) -> None:
    models = catalogue(Config(endpoints={"lab": EndpointConfig(base_url=server.base_url + "/")}))
    assert isinstance(models.provider("lab/org/tiny"), HttpProvider)
    assert isinstance(models.provider("openai/gpt-4o"), LiteLLMProvider)
    assert models.provider("anthropic/x") is models.provider("gpt-4o")
    assert models.info("sim/steady").kind == "simulated"
    assert models.info("local/smollm2-135m").endpoint == "local"
    answer, _, _ = await collect(models.provider("lab/ok"), ask("lab/ok"))
    assert answer == "The answer is 42."
    await models.aclose()


@pytest.mark.parametrize("name", ["", "lab/", " ", "/"])
def test_no_name(name: str) -> None:
    with pytest.raises(ModelError) as caught:
        catalogue().provider(name)
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert not catalogue().info(name).available


def test_a_missing_key_is_named() -> None:
    info = catalogue().info("openai/gpt-4o")
    assert (info.available, info.problem) == (False, "set OPENAI_API_KEY")
    assert (info.endpoint, info.billing_on_cancel, info.context) == ("openai", "stops", 128_000)
    assert catalogue(OPENAI_API_KEY="sk-x").info("openai/gpt-4o").available
    assert catalogue(GOOGLE_API_KEY="x").info("gemini/gemini-2.5-pro").available
    assert catalogue(OPENAI_BASE_URL="http://127.0.0.1:1/v1").info("openai/any").available


def test_a_provider_that_nobody_knows_is_not_callable_and_a_near_name_is_offered() -> None:
    unknown = catalogue().info("nolab/x")
    assert not unknown.available
    assert unknown.problem == "no provider or endpoint is called 'nolab'; add [endpoints.nolab] to config.toml"
    assert catalogue().info("opnai/gpt-4o").problem.endswith("did you mean openai/…?")
    assert catalogue().info("ollama/any-model").available


def test_an_unknown_bare_name_is_not_callable() -> None:
    info = catalogue().info("r1")
    assert not info.available
    assert "write <provider>/<model>" in info.problem


def test_a_bare_name_gets_its_provider_from_the_map() -> None:
    assert catalogue().info("gpt-4o").endpoint == "openai"


def test_endpoints_say_what_config_says() -> None:
    lab = EndpointConfig(base_url="http://lab/v1", api_key_env="LAB_KEY", max_concurrency=3, context=4096)
    limits = {"lab": LimitConfig(requests_per_minute=60)}
    config = Config(endpoints={"lab": lab}, limits=limits, billing_on_cancel={"lab": "stops"})
    info = catalogue(config).info("lab/m")
    assert (info.provider, info.endpoint, info.max_concurrency, info.requests_per_minute) == ("lab", "lab", 3, 60)
    assert (info.context, info.billing_on_cancel, info.prices) == (4096, "stops", None)
    assert (info.available, info.problem) == (False, "set LAB_KEY")
    assert catalogue(config, LAB_KEY="x").info("lab/m").available


@pytest.mark.parametrize(
    ("name", "billing"),
    [("deepseek/x", "stops"), ("groq/x", "continues"), ("newcomer/x", "unknown"), ("mistral/x", "stops")],
)
def test_billing_on_cancel(name: str, billing: str) -> None:
    assert catalogue(Config(billing_on_cancel={"mistral": "stops"})).info(name).billing_on_cancel == billing


STOP = "openai azure anthropic fireworks_ai deepinfra together_ai cohere xai deepseek"
GO_ON = "bedrock groq gemini vertex_ai mistral perplexity huggingface replicate sambanova dashscope nebius"


def test_what_is_billed_after_a_cancel_follows_the_providers_words() -> None:
    for names, billing in ((STOP, "stops"), (GO_ON, "continues"), ("openrouter ollama", "unknown")):
        assert {on_cancel(name, Config()) for name in names.split()} == {billing}


def test_search_finds_by_words_and_puts_callable_models_first() -> None:
    models = catalogue(ANTHROPIC_API_KEY="x")
    found = models.search("CLAUDE sonnet")
    assert found
    assert all("claude" in info.name.lower() and "sonnet" in info.name.lower() for info in found)
    assert [info.available for info in found] == sorted((info.available for info in found), reverse=True)
    assert found[0].endpoint == "anthropic"
    assert all(info.available for info in models.search("gpt", available=True))
    assert len(models.search("", limit=7)) == 7
    assert {"local/smollm2-135m", "openai/gpt-4o"} <= set(models.names())
    assert any(name.startswith("sim/") for name in models.names())


def test_listed_models_are_as_info_says() -> None:
    models = catalogue()
    for listed in models.search("gpt-4o-mini", limit=50):
        assert listed == models.info(listed.name)


def test_discovered_endpoints_are_added_but_never_replace_configured_ones() -> None:
    models = catalogue(Config(endpoints={"lab": EndpointConfig(base_url="http://mine/v1")}))
    models.add(Endpoint(name="lab", base_url="http://other/v1"))
    models.add(Endpoint(name="ollama", base_url="http://127.0.0.1:11434/v1", models=("llama3:8b",)))
    assert models.endpoints["lab"].base_url == "http://mine/v1"
    assert "ollama/llama3:8b" in models.names()
    assert models.info("ollama/llama3:8b").provider == "ollama"


async def test_a_test_call(server: FakeServer) -> None:
    models = catalogue(Config(endpoints={"lab": EndpointConfig(base_url=server.base_url)}))
    good, bad = await models.test("lab/ok"), await models.test("lab/unauthorized")
    assert (good.ok, good.text, good.usage.completion_tokens, good.error) == (True, "The answer is 42.", 4, "")
    assert good.first_token_s is not None
    assert good.total_s is not None
    assert 0 < good.first_token_s <= good.total_s
    assert server.records[0].body["max_tokens"] == 8
    assert not bad.ok
    assert "Incorrect API key" in bad.error
    assert not (await models.test("")).ok
    await models.aclose()


def test_keys_come_from_the_environment_then_from_the_keyring() -> None:
    asked: list[str] = []

    def keyring(name: str) -> str | None:
        asked.append(name)
        return "from-keyring" if name == "GROQ_API_KEY" else None

    keys = Keys({"OPENAI_API_KEY": "from-env", "CO_API_KEY": "second"}, keyring)
    assert (keys.provider("openai"), keys.provider("cohere"), asked) == ("from-env", "second", [])
    assert (keys.provider("groq"), keys.provider("groq"), asked) == ("from-keyring", "from-keyring", ["GROQ_API_KEY"])
    assert (keys.provider("xai"), keys.problem("xai")) == ("", "set XAI_API_KEY")
    assert keys.problem("no-such-provider") == ""


def test_a_keyring_that_breaks_is_no_key() -> None:
    def broken(_: str) -> str:
        raise RuntimeError("locked")

    assert Keys(NO_KEYS, broken).provider("openai") == ""


def test_a_keyring_that_waits_blocks_once_and_briefly() -> None:
    asked: list[str] = []
    never = threading.Event()

    def stuck(name: str) -> str:
        asked.append(name)
        never.wait(10 * PATIENCE_S)
        return "too late"

    keys = Keys(NO_KEYS, stuck)
    assert [keys.provider(provider) for provider in list(VARIABLES)[:20]] == [""] * 20
    assert len(asked) == 1
    never.set()
