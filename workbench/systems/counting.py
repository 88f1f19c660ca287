"""How many calls a system may make, and how many candidates each node may yield. Retries are not counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from workbench.systems.nodes import (
    AnyTest,
    Best,
    Cascade,
    Chain,
    Check,
    Debate,
    Ensemble,
    Filter,
    Judge,
    Model,
    Race,
    Ref,
    Refine,
    Route,
    Verify,
    Vote,
)


class Count(Struct, frozen=True):
    """The least and the most of something."""

    low: int
    high: int

    def __add__(self, other: Count) -> Count:
        return Count(self.low + other.low, self.high + other.high)

    def times(self, low: int, high: int | None = None) -> Count:
        """So many times, or between so many and so many times."""
        return Count(self.low * low, self.high * (low if high is None else high))


class Work(Struct, frozen=True):
    """What a node may do: the calls it makes and the candidates it yields."""

    calls: Count
    yields: Count

    def times(self, n: int) -> Work:
        """n copies."""
        return Work(self.calls.times(n), self.yields.times(n))


ONE = Count(1, 1)
NONE = Count(0, 0)


def count_calls(node: AnyTest) -> Count:
    """The calls that one run of the node may make: generations, judgements, verdicts, scores, routes, extractions.

    Retries of failed calls are left out, as is a judge's second asking. A reference counts as one call: resolve first.
    """
    return work_of(node).calls


def count_candidates(node: AnyTest) -> Count:
    """The candidates that the node may yield."""
    return work_of(node).yields


def work_of(node: AnyTest) -> Work:
    """Calls and candidates of the node with its replicas."""
    if isinstance(node, Check):
        return Work(NONE, NONE)
    return _COUNTERS[type(node)](node).times(node.replicas)


def _all(nodes: tuple[AnyTest, ...]) -> Work:
    works = [work_of(node) for node in nodes]
    return Work(sum((w.calls for w in works), NONE), sum((w.yields for w in works), NONE))


def _leaf(node: Model | Ref) -> Work:
    return Work(ONE, ONE)


def _ensemble(node: Ensemble) -> Work:
    inner = _all(node.of)
    quorum = node.quorum or inner.yields.high
    return Work(inner.calls, Count(min(inner.yields.low, quorum), inner.yields.high))


def _race(node: Race) -> Work:
    inner = _all(node.of)
    low = min(node.take, inner.calls.low) if node.stagger else inner.calls.low
    return Work(Count(low, inner.calls.high), Count(min(1, inner.yields.low), min(node.take, inner.yields.high)))


def _vote(node: Vote) -> Work:
    inner = _all(node.of)
    return Work(inner.calls + _extraction(node.extract, inner.yields), ONE)


def _judge(node: Judge) -> Work:
    return Work(_all(node.of).calls + count_calls(node.judge).times(2 if node.swap else 1), ONE)


def _verify(node: Verify) -> Work:
    inner = _all(node.of)
    verdict = count_calls(node.verifier).times(node.votes)
    least = inner.calls.low
    if node.mode == "serial":
        least = min((count_calls(child).low // child.replicas for child in node.of), default=0)
    verdicts = verdict.times(1, inner.yields.high)
    return Work(Count(least, inner.calls.high) + verdicts, ONE)


def _filter(node: Filter) -> Work:
    inner = _all(node.of)
    verdicts = count_calls(node.verifier).times(node.votes).times(inner.yields.low, inner.yields.high)
    return Work(inner.calls + verdicts, Count(min(1, inner.yields.low), inner.yields.high))


def _best(node: Best) -> Work:
    inner = _all(node.of)
    scores = count_calls(node.scorer).times(inner.yields.low, inner.yields.high)
    return Work(inner.calls + scores, Count(min(node.take, inner.yields.low), min(node.take, inner.yields.high)))


def _cascade(node: Cascade) -> Work:
    """The last branch is not tested: nothing could follow."""
    branches = [work_of(branch) for branch in node.of]
    if len(branches) < 2:
        return Work(_all(node.of).calls, ONE)
    test = count_calls(node.accept).times(node.votes)
    tests = test.times(1, sum(branch.yields.high for branch in branches[:-1]))
    low = branches[0].calls.low + tests.low
    return Work(Count(low, sum(branch.calls.high for branch in branches) + tests.high), ONE)


def _route(node: Route) -> Work:
    branches = [work_of(branch.to) for branch in node.branches]
    calls, yields = [w.calls for w in branches], [w.yields for w in branches]
    return Work(count_calls(node.router) + _either(calls), _either(yields))


def _either(counts: list[Count]) -> Count:
    return Count(min((c.low for c in counts), default=0), max((c.high for c in counts), default=0))


def _chain(node: Chain) -> Work:
    last = work_of(node.steps[-1]).yields if node.steps else NONE
    return Work(_all(node.steps).calls, last)


def _refine(node: Refine) -> Work:
    written = _all(node.of).calls
    return Work(written.times(1, 1 + node.rounds) + count_calls(node.critic).times(1, node.rounds), ONE)


def _debate(node: Debate) -> Work:
    inner = _all(node.of)
    rounds = Count(1, node.rounds)
    said = inner.yields.times(rounds.low, rounds.high)
    return Work(inner.calls.times(rounds.low, rounds.high) + _extraction(node.extract, said), inner.yields)


def _extraction(extract: str, candidates: Count) -> Count:
    return Count(0, candidates.high) if extract.startswith("model:") else NONE


_COUNTERS: dict[type, Callable[[Any], Work]] = {
    Model: _leaf,
    Ref: _leaf,
    Ensemble: _ensemble,
    Race: _race,
    Vote: _vote,
    Judge: _judge,
    Verify: _verify,
    Filter: _filter,
    Best: _best,
    Cascade: _cascade,
    Route: _route,
    Chain: _chain,
    Refine: _refine,
    Debate: _debate,
}
