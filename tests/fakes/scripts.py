"""What the fake server does with a request: one `Script` per model name, plus a shelf of ready-made ones."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import Struct

Fault: TypeAlias = Literal["", "stall", "drop", "no_finish", "malformed", "error_event"]


class Script(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one model answers. Times are seconds."""

    text: str = "The answer is 42."
    """Sent one word a chunk."""
    chunks: tuple[str, ...] = ()
    """Exact chunks, where the words of `text` won't do."""
    repeat: int = 1
    """Send the chunks this many times over."""
    thinking: str = ""
    """Sent first, one word a chunk, in `thinking_field`."""
    thinking_field: str = "reasoning_content"
    first_token_s: float = 0.0
    """Silence after the response's head."""
    header_s: float = 0.0
    """Silence before the response's head."""
    interval_s: float = 0.0
    """Silence between chunks."""
    latencies: tuple[float, ...] = ()
    """Total seconds of the n-th request of this model, spread evenly over its chunks; counts round when exhausted."""
    fault: Fault = ""
    fault_after: int = 1
    """How many chunks go out before the fault strikes."""
    status: int = 200
    error: str = ""
    """Message of the error body where `status` is not 200, and of an `error_event`."""
    error_code: str = ""
    error_times: int | None = None
    """Only the first n requests fail; None fails all."""
    retry_after: str = ""
    """The Retry-After header: seconds or an HTTP date."""
    location: str = ""
    """The Location header of a redirect."""
    finish_reason: str = "stop"
    usage: Literal["asked", "always", "never"] = "asked"
    """When a usage chunk is sent: where `stream_options.include_usage` asks for it, always, or never."""
    prompt_tokens: int = 11
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    completion_tokens: int | None = None
    """None: the number of chunks sent."""
    cost: float | None = None
    """OpenRouter's `usage.cost`, dollars."""
    obeys: bool = False
    """Say no more than the request's `max_tokens`, one a chunk."""
    goes_on: bool = False
    """Generate on after the client has gone."""
    timings: bool = False
    """llama.cpp's running counts in every chunk."""

    def pieces(self) -> list[tuple[str, str]]:
        """(field of the delta, text) of every chunk in order."""
        thinking = [(self.thinking_field, word) for word in words(self.thinking)]
        answer = [("content", chunk) for chunk in (self.chunks or words(self.text))]
        return thinking + answer * self.repeat

    def usage_json(self, sent: int) -> dict[str, Any]:
        """The usage object as OpenAI sends it."""
        completion = sent if self.completion_tokens is None else self.completion_tokens
        usage: dict[str, Any] = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion,
            "total_tokens": self.prompt_tokens + completion,
        }
        if self.cached_tokens is not None:
            usage["prompt_tokens_details"] = {"cached_tokens": self.cached_tokens}
        if self.reasoning_tokens is not None:
            usage["completion_tokens_details"] = {"reasoning_tokens": self.reasoning_tokens}
        if self.cost is not None:
            usage["cost"] = self.cost
        return usage


def words(text: str) -> list[str]:
    """The words with the space before each, so that joining gives the text back."""
    first, *rest = text.split(" ")
    return ([first] if first else []) + [f" {word}" for word in rest]


READY: dict[str, Script] = {
    "ok": Script(),
    "thinker": Script(thinking="Six times seven. That is forty-two.", reasoning_tokens=6, cached_tokens=4),
    "think-tags": Script(chunks=("<thi", "nk>Six times", " seven</th", "ink>\n\nThe answer", " is 42.")),
    "rate-limited": Script(status=429, error="Rate limit reached for requests", retry_after="2"),
    "rate-limited-for-hours": Script(status=429, error="Daily quota reached", retry_after="7200"),
    "rate-limited-once": Script(status=429, error="Rate limit reached", retry_after="0.01", error_times=1),
    "broken": Script(status=500, error="The server had an error"),
    "broken-once": Script(status=500, error="The server had an error", error_times=1),
    "unauthorized": Script(status=401, error="Incorrect API key provided: sk-wrong", error_code="invalid_api_key"),
    "unpaid": Script(status=402, error="Insufficient credits"),
    "too-long": Script(
        status=400,
        error="This model's maximum context length is 128 tokens.",
        error_code="context_length_exceeded",
    ),
    "unsafe": Script(status=400, error="Filtered by the content policy.", error_code="content_filter"),
    "filtered": Script(finish_reason="content_filter"),
    "truncated": Script(text="The answer", finish_reason="length"),
    "empty": Script(text=""),
    "slow-start": Script(first_token_s=30.0),
    "slow-head": Script(header_s=30.0),
    "stall": Script(fault="stall", fault_after=2),
    "drop": Script(fault="drop", fault_after=2),
    "no-finish": Script(fault="no_finish", fault_after=3),
    "malformed": Script(fault="malformed", fault_after=2),
    "error-event": Script(fault="error_event", fault_after=2, error="The engine died"),
    "silent-usage": Script(usage="never"),
    "endless": Script(chunks=(" on",), repeat=1_000_000, interval_s=0.01),
}
