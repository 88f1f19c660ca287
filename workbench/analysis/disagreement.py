"""How much candidates disagree, in [0, 1]: 0 = all agree, 1 = no two do. It measures agreement, not truth.

`minority` = 1 - p₁, `entropy` = -Σ pᵢ ln pᵢ / ln n over the shares of clusters of equal answers (discrete semantic
entropy, Farquhar et al. 2024, normalised by the number of candidates), `dissimilarity` = the mean over all pairs of
1 - similarity. Candidates without a key abstain: they are shown beside the clusters, not inside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal, TypeAlias

from msgspec import Struct

from workbench.analysis.answers import Key, canonical, is_digest, last_number
from workbench.analysis.clusters import Cluster, cluster, cluster_by
from workbench.analysis.quantities import parse as parse_quantity
from workbench.analysis.similarity import Sketches

Headline: TypeAlias = Literal["entropy", "minority", "dissimilarity"]
Equivalence: TypeAlias = Callable[[str, str], bool]
"""Whether two free texts say the same."""

SMALL = 5
"""Fewer candidates than this make a coarse score; `Disagreement.note` says so."""
ALIKE = 0.75
"""Similarity from which two free texts with the same last number count as one answer, without a better test."""


class Disagreement(Struct, frozen=True, kw_only=True):
    """The scores of one set of candidates. `score` is `scores[headline]`; `n` counts the candidates it rests on."""

    headline: Headline
    score: float
    scores: dict[str, float]
    clusters: tuple[Cluster, ...]
    abstained: tuple[str, ...] = ()
    n: int
    note: str = ""
    """A caution to show beside the figure, empty where there is none."""


def score(
    candidates: Sequence[tuple[str, str, Key]],
    *,
    equivalent: Equivalence | None = None,
    headline: Headline | None = None,
) -> Disagreement:
    """Score the `done` candidates of one node, given as (id, text, key).

    Where most keys are short answers, the clusters are of equal keys and the headline is the entropy. Where they are
    free text, or fewer than two candidates have a key, all texts are compared: the clusters are by `equivalent` (as
    shipped: similar wording and the same last number) and the headline is the dissimilarity. Raises `ValueError` for
    fewer than two candidates, which can't disagree, and for a headline that was not computed.
    """
    if len(candidates) < 2:
        raise ValueError(f"{len(candidates)} candidate(s) can't disagree: at least two are needed")
    keyed = [(identity, key) for identity, _, key in candidates if key.value is not None]
    abstained = tuple(identity for identity, _, key in candidates if key.value is None)
    if _is_free_text([key for _, key in keyed]):
        clusters, scores = _free_text(candidates, equivalent)
        return _result(clusters, scores, abstained, headline or "dissimilarity", n=len(candidates))
    clusters = cluster(keyed)
    return _result(clusters, _shares(clusters, len(keyed)), abstained, headline or "entropy", n=len(keyed))


def _is_free_text(keys: Sequence[Key]) -> bool:
    long = sum(key.value is not None and is_digest(key.value) and key.rule != "code" for key in keys)
    return len(keys) < 2 or long * 2 > len(keys)


def _shares(clusters: Sequence[Cluster], n: int) -> dict[str, float]:
    shares = [len(c.members) / n for c in clusters]
    entropy = -math.fsum(p * math.log(p) for p in shares) / math.log(n)
    return {"minority": 1 - max(shares), "entropy": min(1.0, max(0.0, entropy))}


def _free_text(
    candidates: Sequence[tuple[str, str, Key]], equivalent: Equivalence | None
) -> tuple[list[Cluster], dict[str, float]]:
    texts = [text for _, text, _ in candidates]
    sketches = Sketches(texts)
    number = cache(lambda i: _number(texts[i]))

    def alike(i: int, j: int) -> bool:
        if equivalent is not None:
            return equivalent(texts[i], texts[j])
        # Solutions that end in 391 and 381 are different however alike their wording is.
        return sketches.similarity(i, j) >= ALIKE and number(i) == number(j)

    labelled = [(identity, key.value or canonical(text)) for identity, text, key in candidates]
    clusters = cluster_by(labelled, alike)
    return clusters, {**_shares(clusters, len(texts)), "dissimilarity": sketches.mean_dissimilarity()}


def _number(text: str) -> str | None:
    found = last_number(text)
    quantity = parse_quantity(found) if found else None
    return str(quantity) if quantity else found


def _result(
    clusters: Sequence[Cluster], scores: dict[str, float], abstained: tuple[str, ...], headline: Headline, *, n: int
) -> Disagreement:
    if headline not in scores:
        raise ValueError(f"these candidates have no score {headline!r}: {', '.join(scores)}")
    note = f"only {n} candidates: a coarse figure" if n < SMALL else ""
    return Disagreement(
        headline=headline,
        score=scores[headline],
        scores=scores,
        clusters=tuple(clusters),
        abstained=abstained,
        n=n,
        note=note,
    )
