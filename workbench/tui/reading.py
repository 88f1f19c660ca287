"""Reading a RunView: what the widgets draw, worked out from the run and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from workbench.analysis.calibration import Expected, GradedScore, expected_error, of
from workbench.engine.events import Candidate, DisagreementScored
from workbench.engine.view import CallView, RunView
from workbench.models.base import Prices

PriceOf: TypeAlias = Callable[[str], Prices | None]


class Standing(msgspec.Struct, frozen=True):
    """How the calls came in: rank by finish inside their node, and who was chosen."""

    rank: dict[str, int]
    won: frozenset[str]
    """Ids of calls whose candidate a selection chose."""
    candidate: dict[str, Candidate]
    """Call → the candidate it made (the last one where it went on into others)."""


NOBODY = Standing({}, frozenset(), {})


class Frame(msgspec.Struct, frozen=True):
    """A run at a moment: all that the widgets are given to draw."""

    view: RunView
    elapsed: int = 0
    """Nanoseconds since the run's start."""
    live: bool = False
    """Whether events still come, from the engine or from a replay."""
    replay: bool = False
    chosen: str | None = None
    """Id of the call whose detail is shown."""
    price_of: PriceOf = lambda model: None
    standing: Standing = NOBODY
    graded: Sequence[GradedScore] = ()
    """Disagreement scores of graded runs of the same kind, as far as they are known."""

    @property
    def call(self) -> CallView | None:
        """The call whose detail is shown."""
        return self.view.calls.get(self.chosen) if self.chosen else None


def standing(view: RunView) -> Standing:
    """Ranks (where a node makes several calls), winners and candidates of a run's calls."""
    rank: dict[str, int] = {}
    finished: dict[str, int] = {}
    several = Counter(call.node for call in view.calls.values())
    ended = [c for c in view.calls.values() if c.status == "done" and c.finished_at is not None]
    for call in sorted(ended, key=lambda c: c.finished_at or 0):
        finished[call.node] = finished.get(call.node, 0) + 1
        if several[call.node] > 1:
            rank[call.id] = finished[call.node]
    candidate: dict[str, Candidate] = {}
    for made in view.candidates.values():
        for call_id in made.calls[-1:]:
            candidate.setdefault(call_id, made)
    winners = {winner for selection in view.selections for winner in selection.winners}
    if view.answer_id is not None:
        winners.add(view.answer_id)
    won = frozenset(call for made in view.candidates.values() if made.id in winners for call in made.calls[-1:])
    return Standing(rank, won, candidate)


def siblings(view: RunView, call: CallView) -> list[CallView]:
    """The calls of the same node, this one included."""
    return [other for other in view.calls.values() if other.node == call.node and other.role == call.role]


class Share(msgspec.Struct, frozen=True):
    """Equal answers and how many gave them."""

    key: str
    count: int


class Agreement(msgspec.Struct, frozen=True):
    """How far the candidates of one node agree."""

    node: str
    clusters: tuple[Share, ...]
    answered: int
    """Done candidates, with a key or without."""
    abstained: int
    asked: int
    """Candidates the node waits for, as far as its calls tell."""
    scored: DisagreementScored | None
    first_is_shortest: bool | None
    """Whether the earliest finished answer equals the shortest one; None where there are fewer than two."""


def agreement(view: RunView) -> Agreement | None:
    """The agreement nearest the root: scored where the engine has said so, until then counted from what is in."""
    if view.disagreements:
        scored = min(view.disagreements.values(), key=lambda d: (d.node.count("/"), d.node))
        ids = [name for cluster in scored.clusters for name in cluster.candidates] + list(scored.abstained)
        made = [view.candidates[name] for name in ids if name in view.candidates]
        shares = [Share(cluster.key, len(cluster.candidates)) for cluster in scored.clusters]
        return _agreement(view, scored.node, made, shares, scored)
    made = _widest(view)
    if not made:
        return None
    counts: dict[str, int] = {}
    for candidate in made:
        if candidate.key is not None:
            counts[candidate.key] = counts.get(candidate.key, 0) + 1
    return _agreement(view, _parent(made[0].node), made, [Share(k, n) for k, n in counts.items()], None)


def expected(frame: Frame, found: Agreement) -> Expected | None:
    """How often answers near this score were wrong: by the same score, and of one model or of several as here."""
    if found.scored is None or not frame.graded:
        return None
    models = {call.model for call in frame.view.calls.values() if call.role == "generate"}
    there = of(frame.graded, found.scored.headline, "cross" if len(models) > 1 else "within")
    return expected_error(there, found.scored.score)


def _agreement(
    view: RunView,
    node: str,
    made: Sequence[Candidate],
    shares: Sequence[Share],
    scored: DisagreementScored | None,
) -> Agreement:
    ordered = tuple(sorted(shares, key=lambda share: -share.count))
    keyed = sum(share.count for share in shares)
    answered = max(len(made), keyed)
    asked = sum(1 for c in view.calls.values() if c.role == "generate" and _parent(c.node) == node)
    return Agreement(
        node=node,
        clusters=ordered,
        answered=answered,
        abstained=answered - keyed,
        asked=max(asked, answered),
        scored=scored,
        first_is_shortest=_first_is_shortest(view, made),
    )


def _widest(view: RunView) -> list[Candidate]:
    """Done candidates of the largest set that shares a parent, drawn from models."""
    groups: dict[str, list[Candidate]] = {}
    own = {call.node for call in view.calls.values() if call.role == "generate"}
    for candidate in view.candidates.values():
        if candidate.status == "done" and _unnumbered(candidate.node) in own:
            groups.setdefault(_parent(candidate.node), []).append(candidate)
    return max(groups.values(), key=len, default=[])


def _first_is_shortest(view: RunView, made: Sequence[Candidate]) -> bool | None:
    counted = [(c, c.completion_tokens) for c in made if c.completion_tokens is not None]
    if len(counted) < 2:
        return None
    first = min(counted, key=lambda pair: view.candidate_times.get(pair[0].id, 0))[0]
    shortest = min(tokens for _, tokens in counted)
    return first.completion_tokens == shortest or any(
        c.key is not None and c.key == first.key and tokens == shortest for c, tokens in counted
    )


def _parent(node: str) -> str:
    return node.rpartition("/")[0]


def _unnumbered(node: str) -> str:
    """A candidate's node without its own replica number: the node of the call that made it."""
    head, slash, last = node.rpartition("/")
    return f"{head}{slash}{last.partition('#')[0]}"


class Totals(msgspec.Struct, frozen=True):
    """A run's money and tokens at a moment. Money is pico-dollars, None unknown; it is that of the calls of the run's
    own kind: real and simulated money are never added."""

    cost: int | None
    """What has been spent as far as it is known; None where nothing is."""
    unknown: int
    """Calls whose cost is not known."""
    estimated: bool
    tokens: int
    """Completion tokens received."""
    waste: int | None
    single: int | None
    """What one call would have cost: the median of the generating calls that ended by themselves."""
    everything: int | None
    """What letting every cancelled call finish would have cost, at that median each."""
    single_ns: int | None
    """How long one such call took, median."""


def totals(frame: Frame) -> Totals:
    """Sums over the run's calls, running ones estimated from what they have received. Tokens are those of all calls."""
    from workbench.tui.figures import is_estimate, running_cost

    view = frame.view
    calls = [call for call in view.calls.values() if call.kind == view.kind]
    prices = {model: frame.price_of(model) for model in {call.model for call in calls}}
    costs = [running_cost(call, prices[call.model]) for call in calls if call.state != "queued"]
    known = [cost for cost in costs if cost is not None]
    whole = [c for c in calls if c.role == "generate" and c.status == "done"]
    single = median([c.cost for c in whole if c.cost is not None])
    cancelled = [c for c in calls if c.role == "generate" and c.status == "cancelled"]
    more = None if single is None else sum(max(single - (c.cost or 0), 0) for c in cancelled)
    return Totals(
        cost=sum(known) if known or not costs else None,
        unknown=len(costs) - len(known),
        estimated=any(is_estimate(call, prices[call.model]) for call in calls),
        tokens=sum(call.tokens for call in view.calls.values()),
        waste=view.waste() if view.finished else None,
        single=single,
        everything=None if more is None or not view.finished else sum(known) + more,
        single_ns=median([c.finished_at - c.started_at for c in whole if c.finished_at and c.started_at is not None]),
    )


def median(values: Sequence[int]) -> int | None:
    """The lower median; None of nothing."""
    return sorted(values)[(len(values) - 1) // 2] if values else None
