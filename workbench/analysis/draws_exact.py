"""What a rule would have made of k of a task's recorded draws, in expectation over all subsets: exact, no sampling.

Every function returns rows of figures, one for each k. What a cancelled draw has received by then is its tokens in
proportion to the time it had: draws are recorded with one end, not token by token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.analysis.draws import Drawn, first_odds, last_of, none_odds, ranked

if TYPE_CHECKING:
    from workbench.analysis.draws import Bools, Floats


@dataclass(slots=True)
class Figures:
    """Rows by k; None is unknown."""

    accuracy: Floats | None = None
    latency: Floats | None = None
    tokens: Floats | None = None
    sequential: Floats | None = None
    """Tokens of the answer that was waited for."""
    waste: Floats | None = None
    """Tokens of draws that did not become the answer."""
    cost: Floats | None = None


def coverage(drawn: Drawn, ks: tuple[int, ...]) -> Figures:
    """pass@k: any of k is right. All are waited for."""
    found = all_in(drawn, ks)
    if drawn.correct is not None:
        found.accuracy = 1 - none_odds(drawn.n, int(drawn.correct.sum()), ks)
    return found


def reliability(drawn: Drawn, ks: tuple[int, ...]) -> Figures:
    """pass^k: all of k are right."""
    found = all_in(drawn, ks)
    if drawn.correct is not None:
        found.accuracy = none_odds(drawn.n, drawn.n - int(drawn.correct.sum()), ks)
    return found


def best(drawn: Drawn, ks: tuple[int, ...]) -> Figures:
    """best@k: the highest score of k, ties by lot."""
    found = all_in(drawn, ks)
    if drawn.score is not None:
        odds = first_odds(drawn.n, ks)
        if drawn.correct is not None:
            _, (right,) = ranked(-drawn.score, drawn.correct)
            found.accuracy = odds @ right
        if drawn.tokens is not None and found.tokens is not None:
            _, (own,) = ranked(-drawn.score, drawn.tokens)
            found.waste = found.tokens - odds @ own
    return found


def race(drawn: Drawn, ks: tuple[int, ...]) -> Figures:
    """race@k: the first done of k; the rest are cancelled then."""
    return _first(drawn, drawn.done, ks)


def verify_parallel(drawn: Drawn, ks: tuple[int, ...]) -> Figures:
    """The first accepted of k cancels the rest; with none accepted, the first done passes once all are in."""
    return Figures() if drawn.accepted is None else _first(drawn, drawn.accepted, ks)


def verify_serial(drawn: Drawn, ks: tuple[int, ...]) -> Figures:
    """One at a time until one is accepted, k at most; with none accepted, the first done one passes."""
    return Figures() if drawn.accepted is None else _one_by_one(drawn, drawn.accepted, ks)


def retry(drawn: Drawn, ks: tuple[int, ...], tau: float) -> Figures:
    """A cascade down one model's own draws: the next is drawn while the score is below `tau`."""
    if drawn.score is None:
        return verify_serial(drawn, ks)
    return _one_by_one(drawn, drawn.done & (drawn.score >= tau), ks)


def _one_by_one(drawn: Drawn, taken: Bools, ks: tuple[int, ...]) -> Figures:
    import numpy as np

    n, accepted, found = drawn.n, int(taken.sum()), Figures()
    passing = drawn.done & ~taken
    missed = none_odds(n, accepted, ks)
    fallback = missed - none_odds(n, accepted + int(passing.sum()), ks)
    reached = none_odds(n, accepted, tuple(range(max(ks))))
    before = np.arange(max(ks))

    def examined(values: Floats) -> Floats:
        """Expected sum over those that are looked at: the j-th is reached when all before it were rejected."""
        rejected = np.clip(n - accepted - before, 0, None)
        each = (values[taken].sum() + rejected * _mean(values[~taken])) / (n - before)
        return np.asarray(np.cumsum(reached * each)[[k - 1 for k in ks]])

    def answered(values: Floats) -> Floats:
        return np.asarray((1 - missed) * _mean(values[taken]) + fallback * _mean(values[passing]))

    if drawn.correct is not None:
        found.accuracy = answered(drawn.correct)
    if drawn.latency is not None:
        found.latency = examined(drawn.latency)
    if drawn.tokens is not None:
        found.tokens = found.sequential = examined(drawn.tokens)
        found.waste = found.tokens - answered(drawn.tokens)
    if drawn.cost is not None:
        found.cost = examined(drawn.cost)
    return found


def _first(drawn: Drawn, eligible: Bools, ks: tuple[int, ...]) -> Figures:
    """The first finisher among the eligible wins and the rest are cancelled. Where a k has none, all were waited for,
    and the first done of them, if there is one, is the answer."""
    import numpy as np

    if drawn.latency is None:
        return Figures()
    times, others = drawn.latency, ~eligible
    passing = others & drawn.done
    odds = first_odds(drawn.n, ks)
    many = int(eligible.sum())
    here, there = odds[:, :many], odds[:, many:]
    last = np.sort(times[others])[::-1]
    found = Figures(latency=here @ np.sort(times[eligible]) + there @ last)

    def answered(values: Floats) -> Floats:
        fallback = _by(times[passing], values[passing])
        return np.asarray(here @ _by(times[eligible], values[eligible]) + there[:, : len(fallback)] @ fallback)

    if drawn.correct is not None:
        found.accuracy = answered(drawn.correct)
    if drawn.tokens is not None:
        found.tokens = _paid(drawn, eligible, ks, drawn.tokens)
        found.sequential = here @ _by(times[eligible], drawn.tokens[eligible])
        found.sequential += there @ _by(times[others], drawn.tokens[others])[::-1]
        found.waste = found.tokens - answered(drawn.tokens)
    if drawn.cost is not None:
        found.cost = _paid(drawn, eligible, ks, drawn.cost - drawn.prompt_cost)
        found.cost += np.array(ks) * drawn.prompt_cost.mean()
    return found


def _paid(drawn: Drawn, eligible: Bools, ks: tuple[int, ...], amount: Floats) -> Floats:
    """What all k come to by the moment of the answer: the winner whole, each of the rest in its share."""
    import numpy as np

    assert drawn.latency is not None
    own = _by(drawn.latency[eligible], amount[eligible])
    rest = _received(drawn, eligible, own, amount)
    left = drawn.n - 1 - np.arange(len(own))
    beside = np.divide(rest, left, out=np.zeros_like(rest), where=left > 0)
    odds, k = first_odds(drawn.n, ks)[:, : len(own)], np.array(ks, float)
    none = none_odds(drawn.n, len(own), ks)
    return np.asarray(odds @ own + (k - 1) * (odds @ beside) + none * k * _mean(amount[~eligible]))


def _received(drawn: Drawn, eligible: Bools, own: Floats, amount: Floats) -> Floats:
    """[i]: what all draws have received when the i-th of the eligible finishes, the eligible before it and itself left
    out: an amount whole where its draw has ended by then, else in proportion to the time it had."""
    import numpy as np

    assert drawn.latency is not None
    times, order = np.sort(drawn.latency[eligible]), np.argsort(drawn.latency[~eligible])
    ended, other = drawn.latency[~eligible][order], amount[~eligible][order]
    later = _after(_rate(own, times))[1:]
    at_once = _after(np.where(times > 0, 0.0, own))[1:]
    before = np.searchsorted(ended, times, "right")
    whole = np.concatenate(([0.0], np.cumsum(other)))
    return np.asarray(times * later + at_once + whole[before] + times * _after(_rate(other, ended))[before])


def _rate(amount: Floats, times: Floats) -> Floats:
    import numpy as np

    return np.divide(amount, times, out=np.zeros(len(times)), where=times > 0)


def _after(values: Floats) -> Floats:
    """[i]: the sum of the values from the i-th on; one more than there are values, which is 0."""
    import numpy as np

    return np.concatenate((np.cumsum(values[::-1])[::-1], [0.0]))


def _by(order: Floats, values: Floats) -> Floats:
    return ranked(order, values)[1][0]


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0


def all_in(drawn: Drawn, ks: tuple[int, ...]) -> Figures:
    """What it takes to wait for all k, whatever is chosen then."""
    import numpy as np

    found, k = Figures(), np.array(ks, float)
    if drawn.latency is not None:
        found.latency = last_of(drawn.latency, ks)
        if drawn.tokens is not None:
            found.sequential = first_odds(drawn.n, ks) @ _by(drawn.latency, drawn.tokens)[::-1]
    if drawn.tokens is not None:
        found.tokens = k * drawn.tokens.mean()
    if drawn.cost is not None:
        found.cost = k * drawn.cost.mean()
    return found
