"""`sim/…`: models that are simulated, labelled so everywhere, and cost nothing real.

Deterministic: the same request (messages, seed, replica, model, extra) gives the same text, tokens and times. They wait
with `asyncio.sleep` alone, so that an event loop with simulated time makes them instant. See docs/simulated.md.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Iterator

from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Channel, Chunk, Delta, Done, FinishReason, ModelInfo, Request, Usage
from workbench.models.simulation import profiles
from workbench.models.simulation.mind import Plan, plan
from workbench.models.simulation.profiles import ROOM, Profile

_MESSAGES: dict[str, tuple[str, int]] = {
    "rate_limit": ("too many requests (simulated)", 429),
    "overloaded": ("overloaded (simulated)", 529),
    "timeout": ("timed out upstream (simulated)", 504),
    "internal": ("internal error (simulated)", 500),
    "auth": ("bad key (simulated)", 401),
    "bad_request": ("bad request (simulated)", 400),
}
_MOST_ATTEMPTS_KEPT = 10_000


class SimulatedProvider:
    """Serves every `sim/<profile>[:parameter-value]…`."""

    def __init__(self) -> None:
        # A request is its own seed: without a count, a retry would fail the same way for ever.
        self._failures: dict[str, int] = {}

    def names(self) -> list[str]:
        """The shipped profiles as model names."""
        return [ROOM + name for name in profiles.PROFILES]

    def info(self, model: str) -> ModelInfo:
        """What is known of the model; an unknown one is not available and says why."""
        try:
            profile = profiles.parse(model)
        except ModelError as error:
            problem = f"{error.message}. {error.hint}" if error.hint else error.message
            return ModelInfo(
                name=model, provider="sim", endpoint="sim", kind="simulated", available=False, problem=problem
            )
        return ModelInfo(
            name=model,
            provider="sim",
            endpoint="sim",
            kind="simulated",
            prices=profiles.prices(profile),
            context=profile.context,
            billing_on_cancel="stops",
            reasoning=profile.thinking > 0,
            max_concurrency=profile.concurrency,
        )

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        """Answer the request. Raises `ModelError` where the profile says so, or does not know the model."""
        profile = profiles.tuned(request.model, request.extra)
        intended = plan(request, profile)
        attempt = self._failures.get(intended.identity, 0)
        chance = random.Random(f"{intended.identity} {attempt}")
        await asyncio.sleep(profile.ttft * chance.lognormvariate(0, profile.ttft_spread))
        if chance.random() < profile.fail:
            self._count(intended.identity, attempt + 1)
            raise _failure(profile, request.model)
        self._failures.pop(intended.identity, None)
        async for chunk in _speak(intended, profile, request, chance):
            yield chunk

    async def aclose(self) -> None:
        """Nothing is kept open."""

    def _count(self, identity: str, attempts: int) -> None:
        if len(self._failures) >= _MOST_ATTEMPTS_KEPT:
            self._failures.clear()
        self._failures[identity] = attempts


def _failure(profile: Profile, model: str) -> ModelError:
    kind = ErrorKind(profile.fail_kind)
    message, status = _MESSAGES.get(profile.fail_kind, ("connection lost (simulated)", 0))
    retry_after = 1.0 if kind is ErrorKind.RATE_LIMIT else None
    return ModelError(kind, message, status=status or None, retry_after=retry_after, where=model)


async def _speak(
    intended: Plan, profile: Profile, request: Request, chance: random.Random
) -> AsyncGenerator[Chunk, None]:
    tokens, finish = _cut_to_length(intended, profile, request, chance)
    per_token = 1 / (profile.tps * chance.lognormvariate(0, profile.tps_spread))
    stall_at = chance.randrange(1, len(tokens)) if len(tokens) > 1 and chance.random() < profile.stall else -1
    cut_at = chance.randrange(1, len(tokens)) if len(tokens) > 1 and chance.random() < profile.cut else -1
    done = 0
    for text, channel, count in _pieces(tokens, profile.chunk):
        if done <= stall_at < done + count:
            await asyncio.sleep(profile.stall_s)
        if done <= cut_at < done + count:
            raise ModelError(
                ErrorKind.INTERRUPTED, "the connection dropped in mid-stream (simulated)", where=request.model
            )
        # The first piece is what the time to first token waited for.
        await asyncio.sleep(per_token * count if done else 0)
        done += count
        yield Delta(text, channel, done)
    thought = sum(channel == "thinking" for _, channel in tokens)
    yield Done(
        finish_reason=finish,
        usage=Usage(
            prompt_tokens=intended.prompt_tokens,
            cached_tokens=0,
            completion_tokens=len(tokens),
            reasoning_tokens=thought,
            source="reported",
        ),
        mean_logprob=intended.mean_logprob,
        choice_probabilities=intended.choice_probabilities,
    )


def _cut_to_length(
    intended: Plan, profile: Profile, request: Request, chance: random.Random
) -> tuple[list[tuple[str, Channel]], FinishReason]:
    """The tokens that are really written, and why they end."""
    tokens = intended.script.tokens()
    finish: FinishReason = "stop"
    if chance.random() < profile.empty:
        tokens = [token for token in tokens if token[1] == "thinking"]
    if chance.random() < profile.truncate:
        tokens, finish = tokens[: max(1, len(tokens) * 2 // 3)], "length"
    if chance.random() < profile.filter:
        tokens, finish = tokens[: len(tokens) // 3], "content_filter"
    if request.max_tokens is not None and len(tokens) > request.max_tokens:
        tokens, finish = tokens[: request.max_tokens], "length"
    return tokens, finish


def _pieces(tokens: list[tuple[str, Channel]], chunk: int) -> Iterator[tuple[str, Channel, int]]:
    """Runs of at most `chunk` tokens of one channel: (text, channel, tokens)."""
    start = 0
    while start < len(tokens):
        channel = tokens[start][1]
        end = start + 1
        while end < len(tokens) and end - start < chunk and tokens[end][1] == channel:
            end += 1
        yield "".join(text for text, _ in tokens[start:end]), channel, end - start
        start = end
