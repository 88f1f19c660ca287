"""Rules whose answer hangs on which draws meet: vote@k and short-m@k. All subsets where there are few, else orders
drawn at random with a seed."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Literal, TypeAlias

from workbench.analysis.draws import Drawn
from workbench.analysis.draws_exact import Figures, all_in

if TYPE_CHECKING:
    import numpy as np

    from workbench.analysis.draws import Bools, Floats, Ints

Tie: TypeAlias = Literal["random", "first", "shortest"]
FEW_OF = 4
"""So many times as many draws as are looked at: fewer are shuffled whole."""
FEW = 1_100
"""Subsets that are enumerated, at most: all of 10 draws."""


def enumerable(n: int, ks: tuple[int, ...]) -> bool:
    """Whether every subset of each size is looked at."""
    return sum(math.comb(n, k) for k in ks) <= FEW


@lru_cache(maxsize=256)
def subsets(n: int, k: int) -> Ints:
    """Every k of n, one a row."""
    import numpy as np

    return np.array(list(combinations(range(n), k)), np.int64).reshape(-1, k)


def vote(drawn: Drawn, ks: tuple[int, ...], tie: Tie, orders: int, random: np.random.Generator) -> Figures:
    """vote@k: the largest cluster of equal keys. All are waited for; with no key among k, the first done passes."""
    import numpy as np

    found = all_in(drawn, ks)
    if drawn.correct is None or (tie != "random" and drawn.latency is None):
        return found
    if enumerable(drawn.n, ks):
        rows = [_masks(subsets(drawn.n, k), drawn.n) for k in ks]
        found.accuracy = np.array([_elected(drawn, mask, tie).mean() for mask in rows])
        return found
    if _plain(drawn):
        order = _orders(drawn.n, ks[-1], orders, random)
        found.accuracy = _by_counts(drawn, order, ks, _rank(drawn, tie))
        return found
    order = random.permuted(np.tile(np.arange(drawn.n), (orders, 1)), axis=1)
    place = np.argsort(order, axis=1)
    found.accuracy = np.array([_elected(drawn, place < k, tie).mean() for k in ks])
    return found


def _orders(n: int, k: int, orders: int, random: np.random.Generator) -> Ints:
    """Random orders of n, as far as their first k; one a row."""
    import numpy as np

    order = np.tile(np.arange(n), (orders, 1))
    if k * FEW_OF > n:
        return random.permuted(order, axis=1)
    rows = np.arange(orders)
    for at in range(k):  # Fisher and Yates, all rows at once
        other = random.integers(at, n, orders)
        order[rows, at], order[rows, other] = order[rows, other], order[rows, at].copy()
    return order[:, :k].copy()


def _masks(rows: Ints, n: int) -> Bools:
    import numpy as np

    mask = np.zeros((len(rows), n), bool)
    np.put_along_axis(mask, rows, True, axis=1)
    return mask


def _plain(drawn: Drawn) -> bool:
    """Whether all of a cluster are right or all are wrong, and every draw has a key: then counts say all."""
    assert drawn.correct is not None
    right = {int(key) for key in drawn.key[drawn.correct == 1]}
    return bool((drawn.key >= 0).all()) and not right & {int(key) for key in drawn.key[drawn.correct == 0]}


def _by_counts(drawn: Drawn, order: Ints, ks: tuple[int, ...], rank: Floats | None) -> Floats:
    """Running counts of each cluster down each order serve every k at once. A tie goes to the cluster that has the
    least rank; with no rank each cluster at the top has an equal share."""
    import numpy as np

    assert drawn.correct is not None
    rows = [k - 1 for k in ks]
    keys = drawn.key.astype(np.int16)[order.T]  # by k first: every slice lies together
    right = {int(key) for key in drawn.key[drawn.correct == 1]}
    dtype = np.int16 if drawn.n > 120 else np.int8
    counts = {int(key): np.cumsum(keys == key, axis=0, dtype=dtype) for key in np.unique(drawn.key)}
    top = np.maximum.reduce(list(counts.values()))
    if rank is None:
        tied, won = np.zeros(top.shape, dtype), np.zeros(top.shape, dtype)
        for key, count in counts.items():
            leads = count == top
            tied += leads
            if key in right:
                won += leads
        return np.asarray((won / tied.astype(np.float32)).mean(axis=1)[rows], float)
    codes = np.unique(rank, return_inverse=True)[1]
    ranks = codes.astype(np.int16 if drawn.n < 30_000 else np.int32)[order.T]
    if codes.max() + 1 < drawn.n:  # equal ranks: whichever comes first in this order, which is by lot
        ranks = ranks.astype(np.int64) * len(ranks) + np.arange(len(ranks))[:, None]
    late = ranks.max() + ranks.dtype.type(1)
    least = {True: np.full(top.shape, late, ranks.dtype), False: np.full(top.shape, late, ranks.dtype)}
    for key, count in counts.items():
        earliest = np.minimum.accumulate(np.where(keys == key, ranks, late), axis=0)
        best = least[key in right]
        np.minimum(best, earliest, out=best, where=count == top)
    won_at = (least[True] < least[False]).mean(axis=1)
    return np.asarray(won_at[rows], float)


def _elected(drawn: Drawn, mask: Bools, tie: Tie) -> Floats:
    """Each row's odds that its answer is right."""
    import numpy as np

    assert drawn.correct is not None
    clusters = [int(key) for key in np.unique(drawn.key) if key >= 0]
    first = np.zeros(len(mask))
    if drawn.latency is not None:
        first = _least(mask & drawn.done, drawn.latency, drawn.correct)
    if not clusters:
        return first
    members = [mask & (drawn.key == key) for key in clusters]
    counts = np.array([m.sum(axis=1) for m in members])
    top = counts.max(axis=0)
    leads = (counts == top) & (top > 0)
    rank = _rank(drawn, tie)
    if rank is None:
        means = [(m * drawn.correct).sum(axis=1) / np.maximum(m.sum(axis=1), 1) for m in members]
        won = (leads * np.array(means)).sum(axis=0) / np.maximum(leads.sum(axis=0), 1)
    else:
        leading = np.logical_or.reduce([m & lead[:, None] for m, lead in zip(members, leads, strict=True)])
        won = _least(leading, rank, drawn.correct)
    return np.asarray(np.where(top > 0, won, first))


def _rank(drawn: Drawn, tie: Tie) -> Floats | None:
    """What the representative is least in: the finish, or the length and then the finish."""
    import numpy as np

    if tie == "random" or drawn.latency is None:
        return None
    if tie == "first" or drawn.tokens is None:
        return drawn.latency
    _, finish = np.unique(drawn.latency, return_inverse=True)
    return drawn.tokens + finish / (drawn.n + 1)


def _least(mask: Bools, rank: Floats, values: Floats) -> Floats:
    """Each row's mean value over those of its members that have the least rank; 0 for a row without members."""
    import numpy as np

    ranks = np.where(mask, rank, np.inf)
    least = mask & (ranks == ranks.min(axis=1, keepdims=True))
    return np.asarray((least * values).sum(axis=1) / np.maximum(least.sum(axis=1), 1))


def short_m(drawn: Drawn, ks: tuple[int, ...], m: int, orders: int, random: np.random.Generator) -> Figures:
    """short-m@k: a vote of the first m that are done, ties to the shortest; the rest are cancelled then."""
    import numpy as np

    if drawn.latency is None:
        return Figures()
    exact = enumerable(drawn.n, ks)
    order = np.zeros((0, 0), np.int64)
    if not exact:
        order = random.permuted(np.tile(np.arange(drawn.n), (orders, 1)), axis=1)
    place = np.argsort(order, axis=1)
    rows: list[tuple[float, ...]] = []
    for k in ks:
        mask = _masks(subsets(drawn.n, k), drawn.n) if exact else place < k
        rows.append(_short(drawn, mask, m))
    latency, accuracy, tokens, sequential, own, cost = np.array(rows).T
    has = drawn.tokens is not None
    return Figures(
        accuracy=accuracy if drawn.correct is not None else None,
        latency=latency,
        tokens=tokens if has else None,
        sequential=sequential if has else None,
        waste=tokens - own if has else None,
        cost=cost if drawn.cost is not None else None,
    )


def _short(drawn: Drawn, mask: Bools, m: int) -> tuple[float, ...]:
    """Means over the rows: latency, accuracy, tokens, those waited for, those of the voters, cost."""
    import numpy as np

    assert drawn.latency is not None
    order = np.lexsort((np.arange(drawn.n), drawn.latency))
    inside = (mask & drawn.done)[:, order]
    among = np.zeros_like(mask)
    among[:, order] = inside & (np.cumsum(inside, axis=1) <= m)
    enough = inside.sum(axis=1) >= m
    end = np.where(among if enough.all() else np.where(enough[:, None], among, mask), drawn.latency, 0).max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(drawn.latency > 0, end[:, None] / np.where(drawn.latency > 0, drawn.latency, 1), 1.0)
    shares = np.minimum(shares, 1.0) * mask
    tokens = np.zeros(drawn.n) if drawn.tokens is None else drawn.tokens
    cost = np.zeros(drawn.n) if drawn.cost is None else drawn.cost
    right = 0.0 if drawn.correct is None else float(_elected(drawn, among, "shortest").mean())
    return (
        float(end.mean()),
        right,
        float((shares @ tokens).mean()),
        float((among * tokens).max(axis=1).mean()),
        float((among @ tokens).mean()),
        float((shares @ (cost - drawn.prompt_cost) + mask @ drawn.prompt_cost).mean()),
    )
