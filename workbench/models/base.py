"""What every source of tokens looks like to the engine: a request goes in, deltas and one `Done` come out."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Literal, Protocol, TypeAlias

from msgspec import Struct

from workbench.config import BillingOnCancel

RunKind: TypeAlias = Literal["real", "simulated", "recorded"]
Channel: TypeAlias = Literal["answer", "thinking"]
TokensSource: TypeAlias = Literal["reported", "estimated", "unknown"]
FinishReason: TypeAlias = Literal["stop", "length", "content_filter"]


class Message(Struct, frozen=True, gc=False):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


class Request(Struct, frozen=True, kw_only=True, gc=False):
    """One call to one model, with everything that decides its output."""

    model: str
    messages: tuple[Message, ...]
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    reasoning_effort: str | None = None
    choices: tuple[str, ...] = ()
    """Where not empty, the answer must be one of these; a provider that can constrain its output does (and reports
    `choice_probabilities`), another ignores it."""
    replica: int = 1
    """Which of its node's replicas this is, from 1; recorded models draw the sample of this index."""
    group: str = ""
    """Calls of one node with the same messages share a group: a provider may prefill their prompt once."""
    group_size: int = 1
    extra: dict[str, Any] = {}


class Usage(Struct, frozen=True, kw_only=True, gc=False):
    """Token counts of one attempt. None is unknown. Cached is a subset of prompt, reasoning of completion."""

    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    source: TokensSource = "unknown"
    estimated_by: str = ""
    """How an estimate was made: 'timings', 'sibling prompt', 'characters / 4'."""


class Prices(Struct, frozen=True, kw_only=True, gc=False):
    """Integer pico-dollars (1e-12 $) per token, frozen on each call. None is unknown, never 0 for lack of a price."""

    input: int | None = None
    cached_input: int | None = None
    cache_write: int | None = None
    output: int | None = None
    reasoning: int | None = None
    source: str = ""
    """Catalogue and version, or 'config'."""


class Delta(Struct, frozen=True, gc=False):
    """A piece of text as it arrived. `tokens` is the provider's running completion count where it sends one."""

    text: str
    channel: Channel = "answer"
    tokens: int | None = None


class Done(Struct, frozen=True, kw_only=True):
    """The stream's clean end. Its absence (the generator just ends) is an interrupted stream, not an answer."""

    finish_reason: FinishReason = "stop"
    usage: Usage = Usage()
    reported_cost: int | None = None
    """Pico-dollars where the provider itself names the cost of this call."""
    mean_logprob: float | None = None
    """Mean log probability of the completion's tokens where logprobs came."""
    choice_probabilities: dict[str, float] = {}
    """Probability of each of the request's `choices` where the provider reports it."""


Chunk: TypeAlias = Delta | Done


class ModelInfo(Struct, frozen=True, kw_only=True):
    """What is known of a model before it is called."""

    name: str
    provider: str
    """Which provider serves it: local, sim, recorded, litellm, or an endpoint's name."""
    endpoint: str
    """What shares one limit of concurrency and rate: 'openai', 'local', 'lab'."""
    kind: RunKind = "real"
    prices: Prices | None = None
    context: int | None = None
    max_output: int | None = None
    billing_on_cancel: BillingOnCancel = "unknown"
    available: bool = True
    """False where it can't be called now; `problem` says why (no key, not pulled, no wheel)."""
    problem: str = ""
    reasoning: bool = False
    abilities: tuple[str, ...] = ()
    """What else it can do as its catalogue says: tools, vision, json …"""
    max_concurrency: int | None = None
    requests_per_minute: float | None = None


class Provider(Protocol):
    """One way to reach models. Implementations are `models/local`, `litellm`, `http`, `simulated`, `recorded`.

    `stream` is an async generator; closing it (`aclose`, cancellation) closes the connection at once. It yields
    `Delta`s and ends with exactly one `Done`, or raises `ModelError`. It does no retries of its own. A provider that
    must start something first may have `async def ready(self, request: Request) -> None`, which is awaited before the
    call counts as started; it raises `ModelError`.
    """

    def info(self, model: str) -> ModelInfo:
        """What is known of the model; raises nothing, says `available=False` instead."""
        ...

    def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """Send the request; yields what arrives."""
        ...

    async def aclose(self) -> None:
        """End what the provider keeps open: pools, processes."""
        ...


class Models(Protocol):
    """Every model by name: finds the provider that serves it. The real one is `models.catalogue.Catalogue`."""

    def info(self, model: str) -> ModelInfo: ...

    def provider(self, model: str) -> Provider:
        """The provider that serves this name. Raises `ModelError` (not_found, unavailable) with what to do."""
        ...

    async def aclose(self) -> None: ...
