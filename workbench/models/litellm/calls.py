"""One LiteLLM call in the worker: its stream → frames. The only module that handles LiteLLM's own objects."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any

from workbench.errors import ErrorKind
from workbench.models.base import Channel, FinishReason, Usage
from workbench.models.keys import secrets
from workbench.models.litellm.failures import failed
from workbench.models.litellm.frames import Failed, Finished, Open
from workbench.models.litellm.outbox import Outbox
from workbench.models.thinking import ThinkSplitter
from workbench.models.wire import finish_reason
from workbench.money import from_usd

YIELD_EVERY = 4
"""Chunks between `sleep(0)`: LiteLLM's iterator does not yield while data is buffered."""


class Call:
    """Runs one `Open`. Cancelling `run` closes the connection."""

    def __init__(self, litellm: Any, open_: Open, outbox: Outbox) -> None:
        self._litellm = litellm
        self._open = open_
        self._outbox = outbox
        self._splitter = ThinkSplitter()
        self._logprobs: list[float] = []
        self._begun = False

    async def run(self) -> None:
        """Stream to the outbox; every failure becomes a `Failed`."""
        try:
            stream = await self._litellm.acompletion(**self._open.parameters)
            async with contextlib.aclosing(stream):
                await self._read(stream)
        except Exception as error:  # every provider has its own; all of them become a frame
            self._outbox.frame(self._failed(error))

    async def _read(self, stream: Any) -> None:
        usage: Any = None
        count = 0
        async for chunk in stream:
            usage = getattr(chunk, "usage", None) or usage
            if chunk.choices:
                self._choice(chunk.choices[0])
            count += 1
            if count % YIELD_EVERY == 0:
                await asyncio.sleep(0)
        for channel, text in self._splitter.flush():
            self._text(channel, text)
        self._end(stream, usage)

    def _choice(self, choice: Any) -> None:
        delta = choice.delta
        thinking = getattr(delta, "reasoning_content", None)
        if thinking:
            self._text("thinking", thinking)
        if delta.content:
            for channel, text in self._splitter.feed(delta.content):
                self._text(channel, text)
        for token in getattr(getattr(choice, "logprobs", None), "content", None) or ():
            self._logprobs.append(float(token.logprob))

    def _text(self, channel: Channel, text: str) -> None:
        self._outbox.text(self._open.call, channel, text, urgent=not self._begun)
        self._begun = True

    def _end(self, stream: Any, usage: Any) -> None:
        """LiteLLM makes up a `stop` where the provider sent none: such a stream was cut off, and must not win."""
        reason = _received_finish(stream)
        if reason is None:
            message = "the stream ended without a finish reason, so the answer may not be whole"
            self._outbox.frame(Failed(call=self._open.call, kind=ErrorKind.INTERRUPTED, message=message))
            return
        cost = getattr(usage, "cost", None)
        self._outbox.frame(
            Finished(
                call=self._open.call,
                finish_reason=reason,
                usage=usage_of(usage, reported=_reported(stream)),
                reported_cost=from_usd(repr(cost)) if isinstance(cost, float | int) and cost > 0 else None,
                mean_logprob=sum(self._logprobs) / len(self._logprobs) if self._logprobs else None,
            )
        )

    def _failed(self, error: Exception) -> Failed:
        parameters = self._open.parameters
        prompts = [message["content"] for message in parameters["messages"]]
        keys = (parameters.get("api_key") or "", *secrets(os.environ))
        return failed(self._open.call, error, secrets=keys, prompts=prompts)


def usage_of(usage: Any, *, reported: bool) -> Usage:
    """LiteLLM's usage as ours: cached tokens are a part of the prompt, reasoning tokens of the completion."""
    if usage is None or (not usage.completion_tokens and not usage.prompt_tokens):
        return Usage()
    prompt = getattr(usage, "prompt_tokens_details", None)
    completion = getattr(usage, "completion_tokens_details", None)
    return Usage(
        prompt_tokens=usage.prompt_tokens,
        cached_tokens=_count(prompt, "cached_tokens"),
        cache_write_tokens=_count(usage, "cache_creation_input_tokens"),
        completion_tokens=usage.completion_tokens,
        reasoning_tokens=_count(completion, "reasoning_tokens") or None,  # LiteLLM writes 0 for "was not said"
        source="reported" if reported else "estimated",
        estimated_by="" if reported else "LiteLLM's tokenizer",
    )


def _count(holder: Any, name: str) -> int | None:
    value = getattr(holder, name, None)
    return value if isinstance(value, int) else None


def _received_finish(stream: Any) -> FinishReason | None:
    """The finish reason that the provider itself sent; None where it sent none."""
    reason = getattr(stream, "received_finish_reason", None) or getattr(stream, "intermittent_finish_reason", None)
    return finish_reason(str(reason)) if reason else None


def _reported(stream: Any) -> bool:
    """Whether the provider sent usage at all: LiteLLM fills in its own estimate where it didn't."""
    return any(getattr(chunk, "usage", None) is not None for chunk in getattr(stream, "chunks", ()))
