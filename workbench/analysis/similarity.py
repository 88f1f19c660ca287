"""How alike free texts are: the Dice coefficient over their sets of words and word pairs, from 0 to 1 (the same words).

The sets are bit sets in Python's integers: all pairs of 100 texts of 500 words take milliseconds, with no library.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

LONGEST = 24_000
"""Characters of a text that are compared; of a longer one, its first and last halves of this."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff]|[^\W_]+(?:[.,][0-9]+)*")
"""A word, a number with its decimals, or one character of a script that writes no spaces."""
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:[.,][0-9]+)*")

Feature: TypeAlias = tuple[str, str] | str


class Sketches:
    """The sketches of some texts, compared pair by pair."""

    def __init__(self, texts: Sequence[str]) -> None:
        features = [_features(text) for text in texts]
        seen, shared = set[Feature](), set[Feature]()
        for found in features:
            shared |= seen & found
            seen |= found
        # What only one text has is in no intersection: it counts in the sizes alone.
        columns = {feature: column for column, feature in enumerate(shared)}
        bits = [_bits(found & shared, columns) for found in features]
        sizes = [len(found) for found in features]
        self._rows = [
            [2 * (mine & bits[j]).bit_count() / (sizes[i] + sizes[j]) if sizes[i] + sizes[j] else 1.0 for j in range(i)]
            for i, mine in enumerate(bits)
        ]

    def similarity(self, i: int, j: int) -> float:
        """Dice coefficient of texts i and j; two texts without words are alike."""
        return 1.0 if i == j else self._rows[max(i, j)][min(i, j)]

    def mean_dissimilarity(self) -> float:
        """Mean of 1 - similarity over all pairs, in [0, 1]; 0 for fewer than two texts."""
        pairs = len(self._rows) * (len(self._rows) - 1) // 2
        if not pairs:
            return 0.0
        return min(1.0, max(0.0, 1 - math.fsum(map(math.fsum, self._rows)) / pairs))


def similarity(a: str, b: str) -> float:
    """Dice coefficient of two texts, in [0, 1]."""
    return Sketches((a, b)).similarity(0, 1)


def words(text: str) -> list[str]:
    """The words of a text, without case, at most of `LONGEST` characters."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} {text[-LONGEST // 2 :]}"
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _features(text: str) -> set[Feature]:
    found = words(text)
    features: set[Feature] = set(pairwise(found))
    features.update(found)
    return features


def _bits(features: set[Feature], columns: dict[Feature, int]) -> int:
    bits = bytearray(len(columns) // 8 + 1)
    for column in map(columns.__getitem__, features):
        bits[column >> 3] |= 1 << (column & 7)
    return int.from_bytes(bits, "little")
