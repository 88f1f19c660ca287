"""Choice letters: which of a task's options a text names. `A train travels …` names none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.analysis.canonical import canonical
from workbench.analysis.notation import markdown_plain, plain, unicode_plain

DEFAULT = tuple("ABCDEFGHIJ")
"""Labels where a task names no choices."""

_AFTER = r"(?=\s*$|\s*[).:,\]]|\s+[-–—]\s|\s+\(|\s+(?:because|since|is|as)\b)"


def label(value: str, choices: Sequence[str] = ()) -> str | None:
    """The option that a stated answer names: `(B)`, `b`, `B) Paris`, `option B`, or its own words. Else None."""
    labels, words = _split(choices)
    text = plain(value)
    by_letter = re.match(
        rf"(?:(?:option|choice|answer)\s+)?[(\[]?({_alternatives(labels)})(?:[)\]]|{_AFTER})", text, re.IGNORECASE
    )
    if by_letter and _is_label(by_letter[1], text):
        return _named(by_letter[1], labels, words)
    own = canonical(text)
    return next((option for option in words or labels if canonical(option) == own), None)


def find(text: str, choices: Sequence[str] = ()) -> str | None:
    """The option that running text names last: `(B)`, `B)` or `B.` at a line's start, `option B`, a letter alone on its
    line; where options are words, the only one that occurs. None where none is named."""
    if len(text.strip()) <= 4 and (whole := label(text, choices)):
        return whole
    labels, words = _split(choices)
    text = unicode_plain(text)
    letters = _alternatives(labels)
    named = re.compile(
        rf"\(({letters})\)|\b(?:option|choice)\s+[(\[]?({letters})\b|\b(?:answer|choose|pick|select)(?:\s+is)?:?\s+[(\[]?({letters}){_AFTER}",
        re.IGNORECASE,
    )
    found = [(m.start(), m[1] or m[2] or m[3]) for m in named.finditer(text)]
    alone = re.compile(rf"({letters})(?:[).:]\s.*|[).:\]]*)")
    position = 0
    for line in text.splitlines(keepends=True):
        bare = "" if line.isspace() else markdown_plain(line[:400]).strip()
        if match := alone.fullmatch(bare):
            found.append((position, match[1]))
        position += len(line)
    if found:
        return _named(max(found)[1], labels, words)
    return _only_one(text, words)


def _split(choices: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Labels, and the options' words where the choices are more than labels."""
    if not choices:
        return DEFAULT, ()
    if all(re.fullmatch(r"\w", choice) for choice in choices):
        return tuple(choices), ()
    return tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[: len(choices)]), tuple(choices)


def _alternatives(labels: Sequence[str]) -> str:
    return "|".join(re.escape(item) for item in labels)


def _named(found: str, labels: Sequence[str], words: Sequence[str]) -> str:
    index = next(i for i, item in enumerate(labels) if item.casefold() == found.casefold())
    return words[index] if words else labels[index]


def _is_label(found: str, text: str) -> bool:
    # A small letter is a label only alone or in brackets: "a is the first letter" is prose.
    return found.isupper() or not found.isalpha() or len(plain(text)) <= 3 or text[:1] in "(["


def _only_one(text: str, words: Sequence[str]) -> str | None:
    folded = text.casefold()
    present = [word for word in words if re.search(rf"(?<!\w){re.escape(word.casefold())}(?!\w)", folded)]
    # "not likely" holds "likely": an option inside a longer one that is present does not count.
    present = [
        word for word in present if not any(word != other and word.casefold() in other.casefold() for other in present)
    ]
    return present[0] if len(present) == 1 else None
