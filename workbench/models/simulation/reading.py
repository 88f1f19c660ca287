"""What a request asks of a simulated model: to answer, to judge, to verify, to route.

The shipped prompts are recognised by their own files, so that an edit of a file needs no edit here. A prompt that
overrides one is an ordinary question, unless it shows lettered candidates: then it asks for a synthesis of them.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

from msgspec import Struct

from workbench.models.base import Request

Asked: TypeAlias = Literal[
    "answer", "synthesize", "select", "rank", "verify", "score", "critique", "route", "extract", "rewrite"
]
_ASKED_BY: dict[str, Asked] = {
    "critique": "critique",
    "debate": "synthesize",
    "extract": "extract",
    "judge-rank": "rank",
    "judge-select": "select",
    "judge-synthesize": "synthesize",
    "layer": "synthesize",
    "refine": "answer",
    "route": "route",
    "score": "score",
    "verify": "verify",
}
_AGAIN = "judge-again"
_PLACE = re.compile(r"\{(\w+)\}")
_LETTERED = re.compile(r"^\[([A-Z]{1,2})\]$", re.MULTILINE)
_REWRITE = re.compile(r"\b(?:rewrite|rephrase|reformulate|shorten)\b[^.]{0,60}\bquestion", re.IGNORECASE)


class Reading(Struct, frozen=True, kw_only=True):
    """A request, understood. `candidates` are what is shown, in order; `labels` what may be named."""

    asked: Asked
    query: str
    candidates: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    about_labels: tuple[str, ...] = ()
    """For a router: what belongs under each label."""


def read(request: Request) -> Reading:
    """Understand a request by its last user message."""
    text = next((m.content for m in reversed(request.messages) if m.role == "user"), "")
    if again := _places(_AGAIN, text):
        text = again["prompt"]
    for name, asked in _ASKED_BY.items():
        if (places := _places(name, text)) is not None:
            return _reading(asked, places, request)
    if any(m.role == "system" and _REWRITE.search(m.content) for m in request.messages):
        return Reading(asked="rewrite", query=text)
    if len(_LETTERED.findall(text)) > 1:
        return Reading(asked="synthesize", query=_LETTERED.split(text, maxsplit=1)[0], candidates=_blocks(text))
    return Reading(asked="answer", query=text)


def _reading(asked: Asked, places: dict[str, str], request: Request) -> Reading:
    candidates = _blocks(places.get("candidates", ""))
    if "answer" in places and asked != "answer":
        candidates = (places["answer"], *candidates)
    labels: tuple[str, ...] = request.choices
    about: tuple[str, ...] = ()
    if asked == "route":
        lines = [line.removeprefix("- ") for line in places["labels"].splitlines() if line.startswith("- ")]
        labels = tuple(line.partition(": ")[0] for line in lines)
        about = tuple(lines)
    elif asked in ("select", "rank"):
        labels = tuple(_LETTERED.findall(places["candidates"]))
    return Reading(asked=asked, query=places["query"], candidates=candidates, labels=labels, about_labels=about)


def _blocks(text: str) -> tuple[str, ...]:
    """The texts under `[A]`, `[B]` …"""
    parts = _LETTERED.split(text)
    return tuple(part.strip() for part in parts[2::2])


@cache
def _template(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A shipped prompt cut at its places: the literal pieces, and the names between them. Empty without the file."""
    file = files("workbench.prompts").joinpath(f"{name}.md")
    if not file.is_file():
        return (), ()
    parts = _PLACE.split(file.read_text(encoding="utf-8").strip())
    return tuple(parts[::2]), tuple(parts[1::2])


def _places(name: str, text: str) -> dict[str, str] | None:
    """What stands in the prompt's places where the text was made from it; None where it was not."""
    literals, names = _template(name)
    if not names or not text.startswith(literals[0]) or not text.endswith(literals[-1]):
        return None
    position, end = len(literals[0]), len(text) - len(literals[-1])
    found: dict[str, str] = {}
    for place, literal in zip(names, (*literals[1:-1], ""), strict=True):
        stop = text.find(literal, position, end) if literal else end
        if stop < position:
            return None
        found[place] = text[position:stop]
        position = stop + len(literal)
    return found
