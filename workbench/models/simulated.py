"""`sim/…`: models that are simulated, labelled so everywhere, and cost nothing real.

Deterministic: the same request (messages, seed, replica, model, extra) gives the same text, tokens and times. They wait
with `asyncio.sleep` alone, so that an event loop with simulated time makes them instant. See docs/simulated.md.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator

from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Chunk, Delta, Done, FinishReason, ModelInfo, Request, Usage
from workbench.models.simulation import profiles
from workbench.models.simulation.mind import Plan, plan
from workbench.models.simulation.profiles import ROOM, Profile
from workbench.models.simulation.writing import Script

_MESSAGES: dict[str, tuple[str, int]] = {
    "rate_limit": ("too many requests (simulated)", 429),
    "overloaded": ("overloaded (simulated)", 529),
    "timeout": ("timed out upstream (simulated)", 504),
    "internal": ("internal error (simulated)", 500),
    "auth": ("bad key (simulated)", 401),
    "bad_request": ("bad request (simulated)", 400),
}
_MOST_ATTEMPTS_KEPT = 10_000
_LATE_S = 1e-5
"""A sleep that ends so little late has ended in time."""


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
    script, finish = _cut_to_length(intended.script, profile, request, chance)
    per_token = 1 / (profile.tps * chance.lognormvariate(0, profile.tps_spread))
    stall_at = _somewhere(len(script), profile.stall, chance)
    cut_at = _somewhere(len(script), profile.cut, chance)
    done = 0
    pace = _Pace()
    for text, channel, count in script.pieces(profile.chunk):
        if done <= stall_at < done + count:
            await asyncio.sleep(profile.stall_s)
        if done <= cut_at < done + count:
            raise ModelError(
                ErrorKind.INTERRUPTED, "the connection dropped in mid-stream (simulated)", where=request.model
            )
        # The first piece is what the time to first token waited for.
        await pace.sleep(per_token * count if done else 0)
        done += count
        yield Delta(text, channel, done)
    yield Done(
        finish_reason=finish,
        usage=Usage(
            prompt_tokens=intended.prompt_tokens,
            cached_tokens=0,
            completion_tokens=len(script),
            reasoning_tokens=len(script.thinking),
            source="reported",
        ),
        mean_logprob=intended.mean_logprob,
        choice_probabilities=intended.choice_probabilities,
    )


class _Pace:
    """Sleeps that make up for one another: where a busy loop ends one late the next is the shorter for it."""

    def __init__(self) -> None:
        self._clock = asyncio.get_running_loop().time
        self._late = 0.0

    async def sleep(self, seconds: float) -> None:
        asked = max(0.0, seconds - self._late)
        began = self._clock()
        await asyncio.sleep(asked)
        late = self._late - (seconds - asked) + max(0.0, self._clock() - began - asked)
        self._late = late if late > _LATE_S else 0.0


def _somewhere(length: int, probability: float, chance: random.Random) -> int:
    """With that probability a position after the first token, else -1."""
    return chance.randrange(1, length) if length > 1 and chance.random() < probability else -1


def _cut_to_length(
    script: Script, profile: Profile, request: Request, chance: random.Random
) -> tuple[Script, FinishReason]:
    """What is really written of a script, and why it ends."""
    finish: FinishReason = "stop"
    if chance.random() < profile.empty:
        script = Script(script.thinking, ())
    if chance.random() < profile.truncate:
        script, finish = script.first(max(1, len(script) * 2 // 3)), "length"
    if chance.random() < profile.filter:
        script, finish = script.first(len(script) // 3), "content_filter"
    if request.max_tokens is not None and len(script) > request.max_tokens:
        script, finish = script.first(request.max_tokens), "length"
    return script, finish
