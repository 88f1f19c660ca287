"""What a simulated model decides to say to a request: everything of a call but its timing and its faults."""

from __future__ import annotations

import hashlib
import math
import random

import msgspec
from msgspec import Struct

from workbench.models.base import Request
from workbench.models.simulation import writing
from workbench.models.simulation.profiles import Profile
from workbench.models.simulation.truth import Truth, stable, truth
from workbench.models.simulation.writing import Script

_EFFORT = {"none": 0.0, "minimal": 0.25, "low": 0.5, "medium": 1.0, "high": 2.0}
_LONGEST = 1_000_000


class Plan(Struct, frozen=True, kw_only=True):
    """One call, decided. `identity` is the same for the same request."""

    identity: str
    script: Script
    prompt_tokens: int
    mean_logprob: float | None = None
    choice_probabilities: dict[str, float] = {}


def plan(request: Request, profile: Profile) -> Plan:
    """Decide what to answer. At temperature 0 all replicas say the same, as real models nearly do."""
    identity = _identity(request)
    greedy = request.temperature == 0
    rng = stable("content", request.model, _messages(request)) if greedy else stable("content", identity)
    query = next((m.content for m in reversed(request.messages) if m.role == "user"), "")
    prompt_tokens = max(1, sum(len(m.content) // 4 + 4 for m in request.messages))
    return _generate(request, profile, query, rng, identity, prompt_tokens)


def _messages(request: Request) -> str:
    return "\x1f".join(f"{m.role}:{m.content}" for m in request.messages)


def _identity(request: Request) -> str:
    parts = (request.model, _messages(request), str(request.seed), str(request.replica), str(request.temperature))
    extra = msgspec.json.encode(request.extra, order="deterministic", enc_hook=str).decode()
    return hashlib.blake2b("\x1e".join((*parts, extra)).encode(errors="replace"), digest_size=16).hexdigest()


def accuracy_of(query: str, model: str, profile: Profile) -> float:
    """P(correct) of this query for this model: its accuracy moved by the query's own difficulty."""
    p = profile.accuracy
    if profile.difficulty == 0 or p in (0, 1):
        return p
    # A query is hard for every model to a part, and for this one to another.
    shift = 0.8 * stable("difficulty", query).gauss(0, 1) + 0.6 * stable("difficulty", query, model).gauss(0, 1)
    return 1 / (1 + math.exp(-(math.log(p / (1 - p)) + profile.difficulty * shift)))


def _generate(
    request: Request, profile: Profile, query: str, rng: random.Random, identity: str, prompt_tokens: int
) -> Plan:
    target = request.extra.get("target")
    known = truth(query, None if target is None else str(target), profile.wrong)
    right = rng.random() < accuracy_of(query, request.model, profile)
    said = known.right if right or not known.wrong else _wrong(known, rng)
    return Plan(
        identity=identity,
        script=_script(request, profile, said, rng, right=right, code=known.code),
        prompt_tokens=prompt_tokens,
        mean_logprob=-abs(rng.gauss(0.15 if right else 0.35, 0.1)),
    )


def _wrong(known: Truth, rng: random.Random) -> str:
    weights = [2.0**-i for i in range(len(known.wrong))]
    return rng.choices(known.wrong, weights)[0]


def _script(
    request: Request, profile: Profile, said: str, rng: random.Random, *, right: bool, code: bool = False
) -> Script:
    stretch = 1.0 if right else profile.ramble
    effort = _EFFORT.get(request.reasoning_effort or "medium", 1.0)
    thinking = _length(profile.thinking * effort * stretch, profile.spread, rng)
    length = _length(profile.tokens * stretch, profile.spread, rng)
    text = writing.answer(said, length, rng, code=code)
    for stop in request.stop:
        head, found, _ = "".join(text).partition(stop)
        text = writing.tokens_of(head) if found else text
    return Script(writing.filler(thinking, rng), text)


def _length(median: float, spread: float, rng: random.Random) -> int:
    drawn = median * rng.lognormvariate(0, spread)
    return min(_LONGEST, round(drawn))
