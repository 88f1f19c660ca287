"""In which orders events may come. Tests, the ledger and replay share it: a stream that passes can be folded.

A run starts and finishes once. `t` never falls. A call goes queued → (started → first token → text)* → finished, and
nothing follows its end. A node that started finishes, and everything below it has ended before. A candidate's calls
have ended and its parents exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from workbench.engine import events as e
from workbench.systems.tree import join


class DisorderedEvents(ValueError):
    """An event came where it may not."""


class Validator:
    """Feed it every event of a run in order; it raises `DisorderedEvents` at the first that may not come there."""

    def __init__(self) -> None:
        self._t = 0
        self._started = self._finished = False
        self._calls: dict[str, str] = {}
        self._call_nodes: dict[str, str] = {}
        self._nodes: set[str] = set()
        self._candidates: set[str] = set()

    def feed(self, event: e.AnyEvent) -> None:
        """Take one event in."""
        if self._finished:
            raise self._wrong(event, "the run has finished")
        if self._started == isinstance(event, e.RunStarted):
            raise self._wrong(event, "the run has started" if self._started else "the run has not started")
        if event.t < self._t:
            raise self._wrong(event, f"time falls from {self._t} to {event.t}")
        self._t = event.t
        rule = _RULES.get(type(event))
        if rule is not None:
            rule(self, event)

    def feed_all(self, events: Iterable[e.AnyEvent]) -> Validator:
        """Take many in; returns self."""
        for event in events:
            self.feed(event)
        return self

    def close(self) -> None:
        """Say that no event follows. Raises where the run has not finished."""
        if not self._finished:
            raise DisorderedEvents("the run has not finished")

    def _wrong(self, event: e.AnyEvent, why: str) -> DisorderedEvents:
        return DisorderedEvents(f"{type(event).__name__} at {event.t} ns: {why}")

    def _run_started(self, event: e.RunStarted) -> None:
        self._started = True

    def _run_finished(self, event: e.RunFinished) -> None:
        if self._nodes:
            raise self._wrong(event, f"node {min(self._nodes)!r} has not finished")
        live = [call for call, state in self._calls.items() if state != "finished"]
        if live:
            raise self._wrong(event, f"call {live[0]} has not finished")
        if event.answer is not None and event.answer not in self._candidates:
            raise self._wrong(event, f"its answer {event.answer} is no candidate")
        self._finished = True

    def _node_started(self, event: e.NodeStarted) -> None:
        if event.node in self._nodes:
            raise self._wrong(event, f"node {event.node!r} is at work")
        self._nodes.add(event.node)

    def _node_finished(self, event: e.NodeFinished) -> None:
        if event.node not in self._nodes:
            raise self._wrong(event, f"node {event.node!r} is not at work")
        self._nodes.discard(event.node)
        below = [node for node in self._nodes if _is_below(node, event.node)]
        below += [c for c, s in self._calls.items() if s != "finished" and _is_below(self._call_nodes[c], event.node)]
        if below:
            raise self._wrong(event, f"{below[0]!r} below it has not ended")

    def _call_queued(self, event: e.CallQueued) -> None:
        if event.call in self._calls:
            raise self._wrong(event, f"call {event.call} exists")
        self._calls[event.call] = "queued"
        self._call_nodes[event.call] = event.node

    def _move(self, event: Any, allowed: tuple[str, ...], to: str) -> None:
        state = self._calls.get(event.call, "unknown")
        if state not in allowed:
            raise self._wrong(event, f"call {event.call} is {state}")
        self._calls[event.call] = to

    def _candidate(self, event: e.CandidateMade) -> None:
        candidate = event.candidate
        for call in candidate.calls:
            if self._calls.get(call) != "finished":
                raise self._wrong(event, f"its call {call} has not finished")
        for parent in candidate.parents:
            if parent not in self._candidates:
                raise self._wrong(event, f"its parent {parent} is no candidate")
        self._candidates.add(candidate.id)

    def _known(self, event: e.AnyEvent, candidates: Iterable[str]) -> None:
        for candidate in candidates:
            if candidate not in self._candidates:
                raise self._wrong(event, f"{candidate} is no candidate")


def _is_below(node: str, above: str) -> bool:
    # The root's replicas are `#1`, `#2`; everything that does not start with another replica is below the root.
    return node != above and (not above or node.startswith(join(above, "")))


_RULES: dict[type[e.Event], Callable[[Validator, Any], None]] = {
    e.RunStarted: Validator._run_started,
    e.RunFinished: Validator._run_finished,
    e.NodeStarted: Validator._node_started,
    e.NodeFinished: Validator._node_finished,
    e.CallQueued: Validator._call_queued,
    e.CallStarted: lambda v, x: v._move(x, ("queued", "retrying"), "started"),
    e.FirstToken: lambda v, x: v._move(x, ("started",), "streaming"),
    e.ThinkingFinished: lambda v, x: v._move(x, ("streaming",), "streaming"),
    e.TextDelta: lambda v, x: v._move(x, ("streaming",), "streaming"),
    e.CallRetried: lambda v, x: v._move(x, ("started", "streaming", "queued"), "retrying"),
    e.CallFinished: lambda v, x: v._move(x, ("queued", "started", "streaming", "retrying"), "finished"),
    e.CandidateMade: Validator._candidate,
    e.VerdictGiven: lambda v, x: v._known(x, (x.candidate,)),
    e.Selected: lambda v, x: v._known(x, (*x.winners, *x.considered)),
    e.DisagreementScored: lambda v, x: v._known(x, x.abstained),
}
