"""What a simulated model decides to say to a request: everything of a call but its timing and its faults."""

from __future__ import annotations

import hashlib
import math
import random

import msgspec
from msgspec import Struct

from workbench.models.base import Request
from workbench.models.simulation import judging, writing
from workbench.models.simulation.profiles import Profile
from workbench.models.simulation.reading import Reading, read
from workbench.models.simulation.truth import Truth, stable, truth
from workbench.models.simulation.writing import Script

_EFFORT = {"none": 0.0, "minimal": 0.25, "low": 0.5, "medium": 1.0, "high": 2.0}
_LONGEST = 1_000_000
_FILLERS = frozenset(
    {"i", "was", "wondering", "cousin", "too", "happen", "please", "kindly", "just", "really", "actually", "perhaps"}
)


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
    reading = read(request)
    query = " ".join(reading.query.split())
    target = request.extra.get("target")
    known = truth(reading.query.strip(), None if target is None else str(target), profile.wrong)
    words = judging.reply(reading, known, profile, rng, request.choices)
    if words is not None:
        script, odds, right = _short(request, profile, words.text, rng), words.odds, True
    elif reading.asked == "rewrite":
        script, odds, right = _short(request, profile, _reworded(query), rng), {}, True
    else:
        answer, right = _decide(request, profile, reading, known, rng)
        script, odds = _script(request, profile, answer, rng, right=right, code=known.code), {}
    return Plan(
        identity=identity,
        script=script,
        prompt_tokens=max(1, sum(len(m.content) // 4 + 4 for m in request.messages)),
        mean_logprob=-abs(rng.gauss(0.15 if right else 0.35, 0.1)),
        choice_probabilities=odds,
    )


def _decide(request: Request, profile: Profile, reading: Reading, known: Truth, rng: random.Random) -> tuple[str, bool]:
    """(answer, whether it is right): the best of the candidates that are shown, else the model's own."""
    shown = [judging.said(candidate, known) for candidate in reading.candidates]
    if any(shown):
        answer = next(shown[i] for i in judging.preferred(reading, known, profile, rng) if shown[i])
        return answer, known.is_right(answer)
    right = rng.random() < accuracy_of(reading.query.strip(), request.model, profile) or not known.wrong
    return (known.right, True) if right else (_wrong(known, rng), False)


def _reworded(query: str) -> str:
    """The query without the words that carry nothing."""
    kept = [word for word in query.split() if word.strip(",.?!").casefold() not in _FILLERS]
    return " ".join(kept) or query


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


def _wrong(known: Truth, rng: random.Random) -> str:
    weights = [2.0**-i for i in range(len(known.wrong))]
    return rng.choices(known.wrong, weights)[0]


def _script(
    request: Request, profile: Profile, said: str, rng: random.Random, *, right: bool, code: bool = False
) -> Script:
    """A whole answer: thinking, some prose, and what is said at its end. Wrong ones may ramble."""
    stretch = 1.0 if right else profile.ramble
    thinking = _thinking(request, profile, rng, stretch)
    length = _length(profile.tokens * stretch, profile.spread, rng)
    return Script(thinking, _until(request.stop, writing.answer(said, length, rng, code=code)))


def _short(request: Request, profile: Profile, reply: str, rng: random.Random) -> Script:
    """A reply of a few words, after thinking where the model thinks and its output is not constrained to choices."""
    thinking = [] if request.choices else _thinking(request, profile, rng, 1.0)
    return Script(thinking, _until(request.stop, writing.tokens_of(reply)))


def _thinking(request: Request, profile: Profile, rng: random.Random, stretch: float) -> list[str]:
    effort = _EFFORT.get(request.reasoning_effort or "medium", 1.0)
    return writing.filler(_length(profile.thinking * effort * stretch, profile.spread, rng), rng)


def _until(stops: tuple[str, ...], tokens: list[str]) -> list[str]:
    """The answer up to the first of the request's stop texts."""
    for stop in stops:
        head, found, _ = "".join(tokens).partition(stop)
        tokens = writing.tokens_of(head) if found else tokens
    return tokens


def _length(median: float, spread: float, rng: random.Random) -> int:
    drawn = median * rng.lognormvariate(0, spread)
    return min(_LONGEST, round(drawn))
