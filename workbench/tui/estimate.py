"""What firing a system will probably cost and how long it will take: from prices, the prompt's size and recent calls of
the same models. Pure. Unknown is None, never 0.

Each call is taken to write between the tenth and the ninetieth hundredth of what recent calls of its model wrote, and
to take as long as those did. What no recent call tells is bounded by `max_tokens`, or unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from workbench.engine.budget import by_length
from workbench.models.base import Prices
from workbench.systems.counting import count_candidates
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
)
from workbench.systems.tree import children

if TYPE_CHECKING:
    from workbench.ledger.past_calls import PastCalls

OVERHEAD = 8
"""Tokens a chat's frame adds to a prompt."""


class Span(NamedTuple):
    """Between the two."""

    low: int
    high: int


Maybe = Span | None


class Estimate(msgspec.Struct, frozen=True):
    """Money in pico-dollars, time in nanoseconds; None is unknown."""

    cost: Maybe = None
    ns: Maybe = None
    calls: int = 0
    """How many past calls it is drawn from."""


class _Guess(NamedTuple):
    cost: Maybe
    ns: Maybe
    tokens: int
    """What one candidate is long, at most."""


NOTHING = _Guess(Span(0, 0), Span(0, 0), 0)


def estimate(
    root: AnyTest, prompt: str, price_of: Callable[[str], Prices | None], past: Mapping[str, PastCalls]
) -> Estimate:
    """For one run of the tree at the prompt."""
    reading = _Reading(by_length(len(prompt)) + OVERHEAD, price_of, past)
    guess = reading.node(root, 0)
    return Estimate(guess.cost, guess.ns, sum(len(past[model].ns) for model in reading.seen if model in past))


class _Reading(msgspec.Struct):
    prompt: int
    price_of: Callable[[str], Prices | None]
    past: Mapping[str, PastCalls]
    seen: set[str] = msgspec.field(default_factory=set)

    def node(self, node: AnyTest, reads: int) -> _Guess:
        """The node with its replicas, which run side by side. `reads`: tokens beside the prompt."""
        if isinstance(node, Check):
            return NOTHING
        if isinstance(node, Ref):
            return _Guess(None, None, 0)
        one = self.call(node, reads) if isinstance(node, Model) else self.operator(node, reads)
        return one._replace(cost=times(one.cost, node.replicas))

    def call(self, node: Model, reads: int) -> _Guess:
        """One call."""
        self.seen.add(node.model)
        known = self.past.get(node.model)
        most = node.max_tokens
        wrote = middle(known.tokens) if known is not None else None
        if wrote is None and most is not None:
            wrote = Span(1, most)
        elif wrote is not None and most is not None:
            wrote = Span(min(wrote.low, most), min(wrote.high, most))
        asked = self.prompt + reads + by_length(len(node.system or "")) + by_length(len(node.prompt or ""))
        cost = _cost(self.price_of(node.model), asked, wrote)
        return _Guess(cost, middle(known.ns) if known is not None else None, wrote.high if wrote is not None else 0)

    def operator(self, node: AnyTest, reads: int) -> _Guess:
        """One copy of an operator."""
        of = [self.node(child.node, reads) for child in children(node) if child.role in ("of", "steps", "branches")]
        longest = max((guess.tokens for guess in of), default=0)
        cost, ns = added(g.cost for g in of), longest_of([g.ns for g in of])
        match node:
            case Race():
                ns = quickest_of([g.ns for g in of], node.take) if node.rule != "shortest" else ns
                cost = Span(min(g.cost.low for g in of if g.cost), cost.high) if node.stagger and cost else cost
            case Judge():
                seen = count_candidates(Ensemble(of=node.of)).high * longest
                cost, ns, longest = self.asked(node.judge, seen, (1, 1 + node.swap), cost, ns, written=True)
            case Verify() | Filter() | Best():
                tester = node.scorer if isinstance(node, Best) else node.verifier
                made = count_candidates(Ensemble(of=node.of))
                least = 1 if isinstance(node, Verify) else made.low
                votes = getattr(node, "votes", 1)
                asked = (least * votes, made.high * votes)
                cost, ns, _ = self.asked(tester, longest, asked, cost, ns)
            case Cascade():
                cost, ns = between([g.cost for g in of]), between([g.ns for g in of])
                cost, ns, _ = self.asked(node.accept, longest, (node.votes, node.votes * len(of)), cost, ns)
            case Route():
                cost, ns = either([g.cost for g in of]), either([g.ns for g in of])
                cost, ns, _ = self.asked(node.router, 0, (1, 1), cost, ns)
            case Chain():
                ns, longest = added(g.ns for g in of), of[-1].tokens if of else 0
            case Refine():
                cost, ns = times(cost, 1, 1 + node.rounds), times(ns, 1, 1 + node.rounds)
                rounds = (1, node.rounds)
                cost, ns, _ = self.asked(node.critic, longest, rounds, cost, ns, rounds)
            case Debate():
                cost, ns = times(cost, 1, node.rounds), times(ns, 1, node.rounds)
            case _:
                pass
        return _Guess(cost, ns, longest)

    def asked(
        self,
        tester: AnyTest,
        reads: int,
        often: tuple[int, int],
        cost: Maybe,
        ns: Maybe,
        after: tuple[int, int] = (1, 1),
        *,
        written: bool = False,
    ) -> tuple[Maybe, Maybe, int]:
        """With a judge, verifier or critic that is asked so often, and so often after the rest has ended."""
        guess = self.node(tester, reads)
        total = added((cost, times(guess.cost, *often)))
        return total, added((ns, times(guess.ns, *after))), guess.tokens if written else 0


def middle(ordered: Sequence[int]) -> Maybe:
    """From the tenth to the ninetieth hundredth; None of nothing."""
    if not ordered:
        return None
    last = len(ordered) - 1
    return Span(ordered[last // 10], ordered[last - last // 10])


def _cost(prices: Prices | None, asked: int, wrote: Maybe) -> Maybe:
    if prices is None or prices.input is None or prices.output is None:
        return None
    if prices.input == 0 and prices.output == 0:
        return Span(0, 0)
    if wrote is None:
        return None
    return Span(asked * prices.input + wrote.low * prices.output, asked * prices.input + wrote.high * prices.output)


def times(span: Maybe, low: int, high: int | None = None) -> Maybe:
    """So many times."""
    return None if span is None else Span(span.low * low, span.high * (low if high is None else high))


def added(spans: Iterable[Maybe]) -> Maybe:
    """One after the other, or all paid for."""
    given = list(spans)
    known = [span for span in given if span is not None]
    return Span(sum(s.low for s in known), sum(s.high for s in known)) if len(known) == len(given) else None


def longest_of(spans: Sequence[Maybe]) -> Maybe:
    """Side by side, until the last one ends."""
    known = [span for span in spans if span is not None]
    return Span(max(s.low for s in known), max(s.high for s in known)) if known and len(known) == len(spans) else None


def quickest_of(spans: Sequence[Maybe], take: int) -> Maybe:
    """Side by side, until the first ends; of several that are waited for the last may be any."""
    known = [span for span in spans if span is not None]
    if not known or len(known) < len(spans):
        return None
    return Span(min(s.low for s in known), (min if take == 1 else max)(s.high for s in known))


def between(spans: Sequence[Maybe]) -> Maybe:
    """The first alone, or all in turn."""
    total = added(spans)
    return Span(spans[0].low, total.high) if total is not None and spans and spans[0] is not None else None


def either(spans: Sequence[Maybe]) -> Maybe:
    """One of them."""
    known = [span for span in spans if span is not None]
    return Span(min(s.low for s in known), max(s.high for s in known)) if known and len(known) == len(spans) else None
