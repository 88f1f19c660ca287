"""How a simulated model judges: it takes a right answer for right with probability `accept`, a wrong one for wrong with
probability `reject`, independently for each candidate it is shown."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from workbench.analysis.answers import code_block, extract
from workbench.analysis.canonical import canonical
from workbench.models.simulation.profiles import Profile
from workbench.models.simulation.reading import Reading
from workbench.models.simulation.truth import Truth

GARBLED = "That is an interesting question, and there is much to be said for each side of it."
_MATH = frozenset({"math", "maths", "arithmetic", "numbers", "quantities", "calculation", "calculations"})
_CODE = frozenset({"code", "coding", "programming", "programs", "program", "scripts", "software"})
_CODE_WORDS = frozenset({"python", "function", "code", "program", "script", "javascript", "sql", "bug", "compile"})


class Reply(Struct, frozen=True):
    """What a judge says, and the probabilities of its choices where it was given some."""

    text: str
    odds: dict[str, float] = {}


def reply(reading: Reading, known: Truth, profile: Profile, rng: random.Random, choices: Sequence[str]) -> Reply | None:
    """A judge's, verifier's, scorer's, router's or extractor's reply; None where an answer is to be written."""
    if reading.asked in ("answer", "synthesize", "rewrite"):
        return None
    if reading.asked == "extract":
        return Reply(said(reading.candidates[0], known) or "unknown")
    if rng.random() < profile.garble and not choices:
        return Reply(GARBLED)
    text = _REPLIES[reading.asked](reading, known, profile, rng)
    return Reply(text, _odds(text, choices, rng))


def said(candidate: str, known: Truth) -> str:
    """The answer in a candidate's text; for programs the code itself."""
    if known.code:
        return (code_block(candidate) or candidate).strip()
    return extract(candidate).value or ""


def is_right(candidate: str, known: Truth) -> bool:
    """Whether a candidate's answer is the right one."""
    return known.is_right(said(candidate, known))


def believes(candidate: str, known: Truth, profile: Profile, rng: random.Random) -> bool:
    """Whether the judge takes the candidate for right."""
    if is_right(candidate, known):
        return rng.random() < profile.accept
    return rng.random() >= profile.reject


def preferred(reading: Reading, known: Truth, profile: Profile, rng: random.Random) -> list[int]:
    """Positions of the candidates, best first: those believed, by how many say the same; ties by chance."""
    keys = [canonical(said(candidate, known)) for candidate in reading.candidates]
    trust = [believes(candidate, known, profile, rng) for candidate in reading.candidates]
    votes = Counter(key for key, trusted in zip(keys, trust, strict=True) if trusted)
    everyone = Counter(keys)
    chance = [rng.random() for _ in keys]
    order = sorted(range(len(keys)), key=lambda i: (not trust[i], -votes[keys[i]], -everyone[keys[i]], chance[i]))
    if profile.bias and rng.random() < profile.bias:
        order.insert(0, order.pop(order.index(0)))
    return order


def _verify(reading: Reading, known: Truth, profile: Profile, rng: random.Random) -> str:
    return "A" if believes(reading.candidates[0], known, profile, rng) else "B"


def _critique(reading: Reading, known: Truth, profile: Profile, rng: random.Random) -> str:
    if believes(reading.candidates[0], known, profile, rng):
        return "Verdict: accepted"
    return "Verdict: rejected\n- Check the last step again.\n- Say how the result follows."


def _score(reading: Reading, known: Truth, profile: Profile, rng: random.Random) -> str:
    believed = believes(reading.candidates[0], known, profile, rng)
    return str(rng.choice((7, 8, 8, 9, 9)) if believed else rng.choice((0, 1, 1, 2, 3)))


def _select(reading: Reading, known: Truth, profile: Profile, rng: random.Random) -> str:
    return reading.labels[preferred(reading, known, profile, rng)[0]]


def _rank(reading: Reading, known: Truth, profile: Profile, rng: random.Random) -> str:
    return " > ".join(reading.labels[i] for i in preferred(reading, known, profile, rng))


def _route(reading: Reading, known: Truth, profile: Profile, rng: random.Random) -> str:
    fits = [_fit(reading.query, about) for about in reading.about_labels]
    best = max(range(len(fits)), key=lambda i: fits[i])
    if fits[best] == 0:
        best = reading.labels.index("else") if "else" in reading.labels else len(fits) - 1
    if rng.random() >= profile.accuracy and len(fits) > 1:
        best = rng.choice([i for i in range(len(fits)) if i != best])
    return reading.labels[best]


_REPLIES = {
    "verify": _verify,
    "critique": _critique,
    "score": _score,
    "select": _select,
    "rank": _rank,
    "route": _route,
}


def _fit(query: str, about: str) -> int:
    """How well a topic fits a query: words in common, and what the query plainly is."""
    asked, topic = _words(query), _words(about)
    fit = len({word for word in asked & topic if len(word) > 3})
    fit += 3 * bool(topic & _MATH and re.search(r"\d\s*[-+*/×÷^%]|\bhow (?:many|much)\b", query.casefold()))
    return fit + 3 * bool(topic & _CODE and asked & _CODE_WORDS)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.casefold()))


def _odds(text: str, choices: Sequence[str], rng: random.Random) -> dict[str, float]:
    """Probabilities of the choices, the one that was said the likeliest."""
    if text not in choices:
        return {}
    if len(choices) == 1:
        return {text: 1.0}
    sure = rng.uniform(0.6, 0.99)
    rest = (1 - sure) / (len(choices) - 1)
    return {choice: sure if choice == text else rest for choice in choices}
