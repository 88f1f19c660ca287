"""How alike free texts are: the Dice coefficient over their sets of words and word pairs, from 0 to 1 (the same words).

The sets are bit sets: in Python's integers for the few texts of a usual run, in numpy's arrays, loaded then, for many.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, count, pairwise
from typing import TypeAlias

LONGEST = 24_000
"""Characters of a text that are compared; of a longer one, its first and last halves of this."""

MANY = 24
"""Texts from which numpy is worth its loading."""
_MOST_CELLS = 50_000_000
"""Texts × features that are held as an array, at most."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff]|[^\W_]+(?:[.,][0-9]+)*")
"""A word, a number with its decimals, or one character of a script that writes no spaces."""
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:[.,][0-9]+)*")
_DECIMAL = re.compile(r"[.,][0-9]")
_APART = bytes(code if chr(code).isalnum() and code < 128 else 32 for code in range(256))
"""Blanks for all that stands between ASCII words, where there are no decimals."""

Feature: TypeAlias = tuple[str, str] | str


class Sketches:
    """The sketches of some texts, compared pair by pair."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._rows = (_many(texts) if len(texts) >= MANY else None) or self._few(texts)

    @staticmethod
    def _few(texts: Sequence[str]) -> list[list[float]]:
        features = [_features(text) for text in texts]
        seen, shared = set[Feature](), set[Feature]()
        for found in features:
            shared |= seen & found
            seen |= found
        # What only one text has is in no intersection: it counts in the sizes alone.
        columns = {feature: column for column, feature in enumerate(shared)}
        bits = [_bits(found & shared, columns) for found in features]
        sizes = [len(found) for found in features]
        return [
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
        if _DECIMAL.search(text) is None:
            return text.lower().encode().translate(_APART).decode().split()
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


def _many(texts: Sequence[str]) -> list[list[float]] | None:
    """The same rows as for few texts, by arrays; None where they would take too much memory."""
    import numpy as np

    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    lines = [list(map(numbers.__getitem__, words(text))) for text in texts]
    lengths = np.array([len(each) for each in lines])
    flat = np.fromiter(chain.from_iterable(lines), np.int64, int(lengths.sum()))
    owner = np.repeat(np.arange(len(texts)), lengths)
    if (len(numbers) + 1) ** 2 * len(texts) >= 2**62:
        return None
    together = np.flatnonzero(owner[1:] == owner[:-1])
    pairs = (flat[together] + 1) * (len(numbers) + 1) + flat[together + 1]
    features = np.concatenate((flat, pairs)) * len(texts) + np.concatenate((owner, owner[together]))
    features.sort()
    features = features[np.diff(features, prepend=-1) != 0]
    code, owner = np.divmod(features, len(texts))
    sizes = np.bincount(owner, minlength=len(texts))
    starts = np.flatnonzero(np.diff(code, prepend=-1))
    counts = np.diff(starts, append=len(code))
    shared = counts > 1
    if int(shared.sum()) * len(texts) > _MOST_CELLS:
        return None
    kept = np.repeat(shared, counts)
    table = np.zeros((len(texts), -(-max(1, int(shared.sum())) // 64) * 64), bool)
    table[owner[kept], np.repeat(np.cumsum(shared) - 1, counts)[kept]] = True
    bits = np.packbits(table, axis=1).view(np.uint64)
    rows: list[list[float]] = []
    for i in range(len(texts)):
        both = np.bitwise_count(bits[:i] & bits[i]).sum(axis=1, dtype=np.int64)
        total = sizes[:i] + sizes[i]
        rows.append(np.where(total > 0, 2 * both / np.maximum(total, 1), 1.0).tolist())
    return rows
