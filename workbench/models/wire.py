"""The OpenAI chat-completions format: requests out, chunks in. Only the fields that are used are decoded."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from workbench.errors import ErrorKind, ModelError
from workbench.models.base import FinishReason, Request, Usage
from workbench.money import from_usd


class Content(Struct, frozen=True, gc=False):
    """`delta` (streaming) or `message` (whole) of a choice."""

    content: str | list[dict[str, Any]] | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None

    @property
    def thinking(self) -> str:
        """The thinking text: DeepSeek and vLLM write `reasoning_content`, OpenRouter and Ollama `reasoning`."""
        return self.reasoning_content or self.reasoning or ""

    @property
    def answer(self) -> str:
        """The answer text; Mistral sends a list of parts."""
        if isinstance(self.content, list):
            return "".join(str(part.get("text", "")) for part in self.content)
        return self.content or self.refusal or ""


class TokenLogprob(Struct, frozen=True, gc=False):
    """One token's log probability."""

    logprob: float


class Logprobs(Struct, frozen=True):
    """Log probabilities of a chunk's tokens."""

    content: list[TokenLogprob] | None = None


class Choice(Struct, frozen=True):
    """One choice; requests ask for one."""

    delta: Content | None = None
    message: Content | None = None
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class PromptDetails(Struct, frozen=True, gc=False):
    """Parts of the prompt."""

    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class CompletionDetails(Struct, frozen=True, gc=False):
    """Parts of the completion."""

    reasoning_tokens: int | None = None


class WireUsage(Struct, frozen=True):
    """`usage`, as OpenAI, DeepSeek, xAI and OpenRouter send it."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None
    prompt_cache_hit_tokens: int | None = None
    cost: Decimal | None = None
    """OpenRouter: dollars."""


class Timings(Struct, frozen=True, gc=False):
    """llama.cpp's own counts."""

    prompt_n: int | None = None
    cache_n: int | None = None
    predicted_n: int | None = None


class WireChunk(Struct, frozen=True):
    """One event of the stream, or a whole response."""

    choices: list[Choice] | None = None
    usage: WireUsage | None = None
    timings: Timings | None = None
    error: Any = None


decode_chunk = msgspec.json.Decoder(WireChunk).decode

_FINISH: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
    "safety": "content_filter",
    "recitation": "content_filter",
    "refusal": "content_filter",
}
ABORTED = frozenset(
    {"error", "abort", "aborted", "cancelled", "canceled", "network_error", "insufficient_system_resource"}
)
"""Finish reasons that mean the server gave up: what arrived is not a whole answer."""


def finish_reason(name: str) -> FinishReason:
    """A server's finish reason as one of ours; whatever is neither a limit nor a filter is a stop."""
    return _FINISH.get(name.lower(), "stop")


def usage_of(wire: WireUsage | None, timings: Timings | None) -> Usage:
    """Token counts as reported; llama.cpp's timings where there is no usage; else unknown.

    xAI and Gemini leave reasoning out of `completion_tokens` while their total includes it; here reasoning is always a
    part of completion.
    """
    if wire is None or wire.completion_tokens is None:
        return _from_timings(timings) if timings else Usage()
    prompt, completion = wire.prompt_tokens, wire.completion_tokens
    details = wire.prompt_tokens_details
    cached = details.cached_tokens if details else None
    reasoning = wire.completion_tokens_details.reasoning_tokens if wire.completion_tokens_details else None
    if reasoning and prompt is not None and wire.total_tokens == prompt + completion + reasoning:
        completion += reasoning
    return Usage(
        prompt_tokens=prompt,
        cached_tokens=wire.prompt_cache_hit_tokens if cached is None else cached,
        cache_write_tokens=details.cache_write_tokens if details else None,
        completion_tokens=completion,
        reasoning_tokens=reasoning,
        source="reported",
    )


def _from_timings(timings: Timings) -> Usage:
    if timings.prompt_n is None or timings.predicted_n is None:
        return Usage()
    return Usage(
        prompt_tokens=timings.prompt_n + (timings.cache_n or 0),
        cached_tokens=timings.cache_n,
        completion_tokens=timings.predicted_n,
        source="reported",
    )


def cost_of(wire: WireUsage | None) -> int | None:
    """Pico-dollars the server says the call cost; None where it says nothing."""
    if wire is None or wire.cost is None or not wire.cost.is_finite() or wire.cost < 0:
        return None
    return from_usd(wire.cost)


def running_tokens(chunk: WireChunk) -> int | None:
    """The completion tokens so far, where the server counts along (llama.cpp timings, vLLM continuous usage)."""
    if chunk.timings is not None:
        return chunk.timings.predicted_n
    return chunk.usage.completion_tokens if chunk.usage is not None else None


def sampling(request: Request) -> dict[str, Any]:
    """The request's sampling parameters by their API names, unset ones left out."""
    fields = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_tokens": request.max_tokens,
        "stop": list(request.stop) or None,
        "seed": request.seed,
        "reasoning_effort": request.reasoning_effort,
    }
    return {name: value for name, value in fields.items() if value is not None}


def messages(request: Request) -> list[dict[str, str]]:
    """The conversation by its API names."""
    return [{"role": message.role, "content": message.content} for message in request.messages]


def body_of(request: Request, model: str, *, llama: bool = False) -> bytes:
    """The JSON body. A field that `extra` sets to null is left out, for servers that reject it.

    `llama`: the server is known to be llama.cpp, which counts along when asked and constrains output by a grammar.
    """
    body: dict[str, Any] = {
        "model": model,
        "messages": messages(request),
        "stream": True,
        "stream_options": {"include_usage": True},
        **sampling(request),
    }
    if llama:
        body["timings_per_token"] = True
        if request.choices:
            body["grammar"] = "root ::= " + " | ".join(msgspec.json.encode(c).decode() for c in request.choices)
    if request.extra.get("n") not in (None, 1):
        message = "extra can't set n: the answers of one request can't be cancelled one by one; use replicas"
        raise ModelError(ErrorKind.BAD_REQUEST, message, where=request.model)
    body.update(request.extra)
    return msgspec.json.encode({name: value for name, value in body.items() if value is not None})
