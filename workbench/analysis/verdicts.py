"""A verifier's free-text reply → accepted, rejected or unparsed. A reply that says both, or neither, is unparsed."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from workbench.analysis.answers import final_line, json_value, without_thinking
from workbench.analysis.notation import plain

ReadVerdict: TypeAlias = Literal["accepted", "rejected", "unparsed"]

_NEGATED = r"(?:\b(?:not|never|isn'?t|wasn'?t|doesn'?t|does\s+not|fails?\s+to|cannot|can'?t)\s+(?:\w+\s+){0,2}?)"
_GOOD = r"(?:accept(?:ed|s|able)?|correct|right|true|pass(?:ed|es)?|valid|yes|approved?)"
_BAD = r"(?:reject(?:ed|s)?|incorrect|wrong|false|fail(?:ed|s|ure)?|invalid|no|inaccurate)"
_WORDS = re.compile(
    rf"(?P<negated>{_NEGATED}{_GOOD}\b)|(?P<good>\b{_GOOD}\b|👍|✅|✓)|(?P<bad>\b{_BAD}\b|👎|❌|✗)", re.IGNORECASE
)
_LEADING = re.compile(r"\[?\(?<?\s*(?:(?P<one>1)|(?P<zero>0))\s*>?\)?\]?(?!\s*[\d./%])")
_FIELDS = ("verdict", "accept", "accepted", "correct", "valid", "pass", "passed")
_LONGEST = 20_000


def read_verdict(text: str) -> ReadVerdict:
    """The verdict in a reply: a JSON field, a "Verdict:" / "Answer:" line, the reply's first words, else its last line.

    `Verdict: <1>`, `1 (correct)` accept; `[Failed] … does not pass` rejects.
    """
    text = without_thinking(text[-_LONGEST:])
    found, value = json_value(text)
    if found and isinstance(value, dict):
        for field in _FIELDS:
            if field in value and (word := _word(str(value[field]))) != "unparsed":
                return word
    said = final_line(text)
    lines = [line for line in text.splitlines() if line.strip()]
    for place in (said, *lines[:1], *lines[-1:]):
        if place and (word := _word(place)) != "unparsed":
            return word
    return "unparsed"


def _word(text: str) -> ReadVerdict:
    text = plain(text[:2_000])
    if number := _LEADING.match(text):
        return "accepted" if number["one"] else "rejected"
    words = {"accepted" if m["good"] else "rejected" for m in _WORDS.finditer(text)}
    if len(words) != 1:
        return "unparsed"
    return "accepted" if "accepted" in words else "rejected"
