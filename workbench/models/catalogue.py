"""Every model by name: which provider serves it, what it costs, whether it can be called now."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from workbench.config import Config, LimitConfig
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Delta, Done, Message, ModelInfo, Prices, Provider, Request, Usage
from workbench.models.billing import on_cancel
from workbench.models.endpoints import Endpoint, configured, same_place
from workbench.models.keys import VARIABLES, Keys
from workbench.models.listing import Listed, listed, rank
from workbench.models.prices import PriceBook

if TYPE_CHECKING:
    from workbench.models.probe import Patience, Probed, Say
    from workbench.models.recorded import SampleSource

TEST_TIMEOUT_S = 60.0


class TestResult(Struct, frozen=True, kw_only=True):
    """What one small call showed. Times in seconds; None where it never came."""

    __test__ = False

    model: str
    ok: bool
    first_token_s: float | None = None
    total_s: float | None = None
    text: str = ""
    usage: Usage = Usage()
    reported_cost: int | None = None
    """Pico-dollars where the provider names them."""
    error: str = ""
    """The failure as one message, with what to do; empty where it worked."""


class Catalogue:
    """The real `Models`: embedded, simulated, recorded, endpoints of config.toml or found, and everything of LiteLLM.

    `environ` is where keys are looked up (the process's own by default); `sample_source` resolves `recorded/…` names
    that are no files, the ledger's runs for one. Providers are made on first use.
    """

    def __init__(
        self,
        config: Config,
        *,
        environ: Mapping[str, str] | None = None,
        keys: Keys | None = None,
        sample_source: SampleSource | None = None,
    ) -> None:
        self._config = config
        self._sample_source = sample_source
        self._environ = os.environ if environ is None else environ
        self._keys = keys or Keys(self._environ)
        self._endpoints: dict[str, Endpoint] = configured(config)
        self._providers: dict[str, Provider] = {}
        self._retired: list[Provider] = []
        self._making = threading.Lock()
        self.prices = PriceBook(config)

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """The OpenAI-compatible servers by name: those of config.toml and those that were added."""
        return dict(self._endpoints)

    def add(self, endpoint: Endpoint) -> None:
        """Make a discovered endpoint's models callable as `<name>/<model>`. config.toml's own of that name stays; one
        of config.toml at the same address is told its models."""
        for own in list(self._endpoints.values()):
            if own.name in self._config.endpoints and same_place(own.base_url, endpoint.base_url):
                self._endpoints[own.name] = structs.replace(own, models=endpoint.models)
                return
        if endpoint.name in self._config.endpoints:
            return
        before = self._endpoints.get(endpoint.name)
        self._endpoints[endpoint.name] = endpoint
        if before is not None and before.base_url != endpoint.base_url and endpoint.name in self._providers:
            self._retired.append(self._providers.pop(endpoint.name))

    def info(self, model: str) -> ModelInfo:
        """What is known of the model before it is called. Raises nothing: `available` and `problem` say it."""
        try:
            return self.provider(model).info(model)
        except ModelError as error:
            kind = _prefix(model)
            return ModelInfo(name=model, provider=kind, endpoint=kind, available=False, problem=error.message)

    def provider(self, model: str) -> Provider:
        """The provider that serves this name. Raises `ModelError` (not_found, unavailable) with what to do."""
        if not model.strip("/ ") or model.endswith("/"):
            raise ModelError(ErrorKind.NOT_FOUND, f"{model!r} names no model", hint="For example openai/gpt-4o-mini.")
        return self._room(_prefix(model))

    def _room(self, room: str) -> Provider:
        name = room if room in ("local", "sim", "recorded") or room in self._endpoints else "litellm"
        with self._making:  # the app lists the catalogue in a thread
            if name not in self._providers:
                self._providers[name] = self._make(name)
            return self._providers[name]

    def prices_for(self, model: str, prompt_tokens: int | None = None) -> Prices | None:
        """Prices of a call with that many prompt tokens, where a provider's tiers depend on it; None is unknown."""
        if _prefix(model) in ("local", "sim", "recorded"):
            return self.info(model).prices
        return self.prices.prices_for(model, prompt_tokens)

    def names(self) -> list[str]:
        """Every name that is known: for completion. Endpoints add what they said they serve."""
        return [info.name for info in self._listed()]

    def search(self, text: str = "", *, available: bool = False, limit: int = 200) -> list[ModelInfo]:
        """Models whose name holds every word of `text`, callable ones first. The keyring is not asked.

        `available` leaves out what can't be called now.
        """
        wanted = text.lower().split()
        found = [info for info in self._listed() if all(word in info.name.lower() for word in wanted)]
        ordered = sorted(found, key=_rank)
        return [info for info in ordered if info.available or not available][:limit]

    def listing(self) -> list[Listed]:
        """Every model as lists show it, callable ones first. Reads files: not for the event loop. The keyring is not
        asked."""
        from workbench.models.local import LocalProvider

        local = self._room("local")
        assert isinstance(local, LocalProvider)
        files = {f"local/{model.name}": model for model in local.list_models()}
        keyed = {endpoint.name for endpoint in self._endpoints.values() if endpoint.api_key_env}
        rows = [listed(info, files.get(info.name), keyed=info.endpoint in keyed) for info in self._listed()]
        return sorted(rows, key=rank)

    async def test(self, model: str, prompt: str = "Say: ok", max_tokens: int = 8) -> TestResult:
        """One small call with its times. Raises nothing: `error` says what failed."""
        started, first = time.perf_counter(), None
        text, usage, reported = "", Usage(), None
        request = Request(model=model, messages=(Message("user", prompt),), max_tokens=max_tokens)
        try:
            async with asyncio.timeout(TEST_TIMEOUT_S):
                async for chunk in self.provider(model).stream(request):
                    if isinstance(chunk, Delta):
                        first = time.perf_counter() - started if first is None else first
                        text += chunk.text
                    elif isinstance(chunk, Done):
                        usage, reported = chunk.usage, chunk.reported_cost
        except ModelError as error:
            return TestResult(model=model, ok=False, first_token_s=first, text=text, error=str(error))
        except TimeoutError:
            message = f"{model}: no answer within {TEST_TIMEOUT_S:.0f} s"
            return TestResult(model=model, ok=False, first_token_s=first, text=text, error=message)
        total = time.perf_counter() - started
        return TestResult(
            model=model, ok=True, first_token_s=first, total_s=total, text=text, usage=usage, reported_cost=reported
        )

    async def probe(self, model: str, *, say: Say = lambda _: None, patience: Patience | None = None) -> Probed:
        """Whether the model's server really stops when a call is cancelled. Raises `ModelError`, also where the server
        is not on this machine."""
        from workbench.models.local import LocalProvider
        from workbench.models.probe import Patience, Server, probe

        provider, endpoint = self.provider(model), self._endpoints.get(_prefix(model))
        if isinstance(provider, LocalProvider):
            server = await provider.server(model)
        elif endpoint is not None and endpoint.loopback:
            key = self._keys.variable(endpoint.api_key_env)
            headers = {**endpoint.headers, **({"Authorization": f"Bearer {key}"} if key else {})}
            endless = endpoint.flavour in ("llama.cpp", "vllm")
            server = Server(root=endpoint.base_url.removesuffix("/v1"), headers=headers, endless=endless)
        else:
            hint = "What others bill after a cancel stands in [billing_on_cancel] of config.toml, else in a table."
            raise ModelError(ErrorKind.UNAVAILABLE, "only a server on this machine is probed", where=model, hint=hint)
        return await probe(provider, model, server, say=say, patience=patience or Patience())

    async def warm(self) -> None:
        """Start LiteLLM's worker, whose import takes seconds, before its first call: after the app's first frame.

        Raises `ModelError` where no process can be started.
        """
        from workbench.models.litellm.provider import LiteLLMProvider

        provider = self._room("litellm")
        if isinstance(provider, LiteLLMProvider):
            await provider.warm()

    async def aclose(self) -> None:
        """End connections and processes of every provider that was used."""
        providers, self._providers, self._retired = [*self._providers.values(), *self._retired], {}, []
        await asyncio.gather(*(provider.aclose() for provider in providers))

    def _listed(self) -> Iterator[ModelInfo]:
        yield from map(self.info, self._own_names())
        for endpoint in self._endpoints.values():
            for name in endpoint.models:
                yield self.info(f"{endpoint.name}/{name}")
        yield from (info for info in self._published if info.endpoint not in self._endpoints)

    def _own_names(self) -> list[str]:
        """Local and simulated models; recorded ones are named by what was recorded, and can't be listed."""
        from workbench.models.local import LocalProvider
        from workbench.models.simulated import SimulatedProvider

        local, simulated = self._room("local"), self._room("sim")
        assert isinstance(local, LocalProvider)
        assert isinstance(simulated, SimulatedProvider)
        return [f"local/{model.name}" for model in local.list_models()] + simulated.names()

    @cached_property
    def _published(self) -> tuple[ModelInfo, ...]:
        """LiteLLM's models; thousands, so a provider's key is looked up once and the keyring is left alone."""
        entries = self.prices.entries()
        names = {entry.provider for entry in entries}
        problems = {name: self._keys.problem(name, ask_keyring=False) for name in names}
        limits = {name: self._config.limits.get(name, LimitConfig()) for name in names}
        return tuple(
            ModelInfo(
                name=entry.name,
                provider="litellm",
                endpoint=entry.provider,
                prices=self.prices.configured(entry.name) or entry.prices,
                context=entry.context,
                max_output=entry.max_output,
                billing_on_cancel=on_cancel(entry.provider, self._config),
                available=not problems[entry.provider],
                problem=problems[entry.provider],
                reasoning=entry.reasoning,
                abilities=entry.abilities,
                max_concurrency=limits[entry.provider].max_concurrency,
                requests_per_minute=limits[entry.provider].requests_per_minute,
            )
            for entry in entries
        )

    def _make(self, name: str) -> Provider:
        """A provider of its own room; each is imported only when a model of its kind is asked for."""
        if name in self._endpoints:
            return self._http(self._endpoints[name])
        if name == "local":
            from workbench.models.local import LocalProvider

            return LocalProvider(self._config.local)
        if name == "sim":
            from workbench.models.simulated import SimulatedProvider

            return SimulatedProvider()
        if name == "recorded":
            from workbench.models.recorded import RecordedProvider

            return RecordedProvider(self._sample_source)
        from workbench.models.litellm.provider import LiteLLMProvider

        return LiteLLMProvider(self._config, self.prices, self._keys, self._environ)

    def _http(self, endpoint: Endpoint) -> Provider:
        from workbench.models.http import HttpProvider

        key = self._keys.variable(endpoint.api_key_env)
        problem = f"set {endpoint.api_key_env}" if endpoint.api_key_env and not key else ""
        return HttpProvider(endpoint, key=key, problem=problem, prices=self.prices.prices_for)


def _rank(info: ModelInfo) -> int:
    """Callable for sure, maybe callable (nobody knows which key its provider needs), not callable."""
    if not info.available:
        return 2
    return 1 if info.provider == "litellm" and info.endpoint not in VARIABLES else 0


def _prefix(model: str) -> str:
    return model.partition("/")[0]
