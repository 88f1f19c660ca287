"""When two answers are the same answer: one canonical spelling for each, exact numbers, normalised text.

`canonical` is idempotent, and equal canonical forms are equal answers. `equal` allows a little more: a number without a
unit equals the same number with one (`42` and `42 apples`), which no single spelling can express.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

from workbench.analysis import quantities
from workbench.analysis.notation import plain, unicode_plain
from workbench.analysis.quantities import Quantity

SHORT = 96
"""Longest canonical text kept as it is, characters; a longer one becomes its head and a digest of all of it."""
_HEAD = 60
_PLAIN_LIMIT = 2_000
_DIGEST = re.compile(r"[^\n]{0,60} ⟨[0-9a-f]{16}⟩")

_MATH = re.compile(r"[\d=^_+*/<>\\|]")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)|(?<=\b\w)\.(?=\w\b)")
_HYPHEN = re.compile(r"(?<=[^\W\d]{2})-(?=[^\W\d]{2})")
_WORD_MARKS = re.compile(r"(?:[^\w\s%$€£°]|_)+")
_MATH_MARKS = re.compile(r"[\"'`?!;:#@&]|(?<=[^\W\d]{2}),|\.(?!\d)")
_AROUND_OPERATOR = re.compile(r"\s*([=^+*/<>()\[\]{}|,-])\s*")
_ARTICLE = re.compile(r"\b(?:a|an|the)\s+(?=\S)")


def digest(text: str) -> str:
    """A long text as a short key: the head of its first line and a hash of the whole. `canonical` keeps it as it is."""
    head = " ".join(text.lstrip().split("\n", 1)[0][: _HEAD * 2].replace("⟨", " ").split())[:_HEAD].strip()
    return f"{head} ⟨{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:16]}⟩"


def is_digest(value: str) -> bool:
    """Whether the key stands for a long text (free text with no short key)."""
    return _DIGEST.fullmatch(value) is not None


def canonical(value: str) -> str:
    """The one spelling of an answer: numbers exact with their unit, text in NFKC without case, punctuation, articles.

    Empty for text that says nothing. Idempotent.
    """
    return _canonical_cached(value) if len(value) <= 256 else _canonical(value)


def _canonical(value: str) -> str:
    # A spelling may uncover another layer ("**(5)**"): go on until nothing changes.
    for _ in range(8):
        after = _once(value)
        if after == value:
            break
        value = after
    return value


_canonical_cached = lru_cache(maxsize=8192)(_canonical)


def _once(value: str) -> str:
    if is_digest(value):
        return value
    if len(value) > _PLAIN_LIMIT:
        return _shortened(normalised(unicode_plain(value)))
    text = plain(value)
    found = quantities.parse(text)
    return str(found) if found is not None else _shortened(normalised(text))


def _shortened(text: str) -> str:
    return text if len(text) <= SHORT else digest(text)


def normalised(text: str) -> str:
    """Text without case, punctuation, articles and spare space. Where it holds digits or operators, brackets and
    operators stay, because `x-1` is not `x+1` and `[1, 2)` is not `(1, 2)`."""
    text = " ".join(unicodedata.normalize("NFKC", text.casefold()).split())
    text = _HYPHEN.sub(" ", _APOSTROPHE.sub("", text))
    math = _MATH.search(text) is not None
    text = _AROUND_OPERATOR.sub(r"\1", _MATH_MARKS.sub(" ", text)) if math else _WORD_MARKS.sub(" ", text)
    return " ".join(_ARTICLE.sub("", " ".join(text.split())).split())


def quantity(value: str) -> Quantity | None:
    """The answer as a number with its unit; None where it is none."""
    return quantities.parse(plain(value)) if len(value) <= _PLAIN_LIMIT else None


def equal(a: str, b: str) -> bool:
    """Whether two answers are the same answer. Symmetric; not transitive across units (5 km ~ 5 ~ 5 m)."""
    first, second = canonical(a), canonical(b)
    if first == second:
        return True
    left, right = quantities.parse(first), quantities.parse(second)
    return left is not None and right is not None and left.same(right)
