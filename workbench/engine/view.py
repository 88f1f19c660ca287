"""RunView: a run as the screen, the command line and the JSON output see it, folded from its events.

`view = view.apply(event)` is the only way in, live or replayed. The fold mutates and returns itself, because text
is the hot path; it depends on nothing but the events it was given. `version` grows with every event, so that a
widget knows whether it must draw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeAlias

import msgspec

from workbench.engine import events as e
from workbench.models.base import Message, Prices, Request, RunKind, Usage
from workbench.systems.nodes import Budget

CallState: TypeAlias = Literal["queued", "waiting", "thinking", "answering", "retrying", "ended"]


class Text:
    """Text that grows by small pieces; joined only when it is read."""

    __slots__ = ("_joined", "_parts", "length")

    def __init__(self) -> None:
        self._joined = ""
        self._parts: list[str] = []
        self.length = 0

    def append(self, piece: str) -> None:
        """Add a piece at the end."""
        self._parts.append(piece)
        self.length += len(piece)
        if len(self._parts) > 256:
            self.__str__()

    def __str__(self) -> str:
        if self._parts:
            self._joined += "".join(self._parts)
            self._parts.clear()
        return self._joined


class CallView(msgspec.Struct):
    """One call. Times are ns since the run's start; None where it has not happened."""

    id: str
    node: str
    replica: int
    role: e.Role
    request: Request
    endpoint: str
    kind: RunKind
    about: tuple[str, ...]
    prompt_name: str
    queued_at: int
    prompt_hash: str = ""
    state: CallState = "queued"
    started_at: int | None = None
    first_token_at: int | None = None
    thinking_finished_at: int | None = None
    finished_at: int | None = None
    last_delta_at: int | None = None
    attempt: int = 0
    retry_error: str = ""
    retried_cost: int | None = 0
    deltas: int = 0
    text: Text = msgspec.field(default_factory=Text)
    thinking: Text = msgspec.field(default_factory=Text)
    status: e.CandidateStatus | None = None
    finish_reason: str = ""
    usage: Usage = Usage()
    prices: Prices | None = None
    cost: int | None = None
    cost_low: int | None = None
    cost_high: int | None = None
    error_kind: str = ""
    error: str = ""
    mean_logprob: float | None = None

    @property
    def model(self) -> str:
        """Name of the model that was called."""
        return self.request.model

    @property
    def tokens(self) -> int:
        """Completion tokens: reported or estimated once known, until then the deltas received."""
        return self.deltas if self.usage.completion_tokens is None else self.usage.completion_tokens


class NodeView(msgspec.Struct):
    """One node at work."""

    path: str
    kind: str
    started_at: int
    finished_at: int | None = None
    status: e.NodeStatus | None = None
    reason: str = ""


class RunView(msgspec.Struct):
    """One run. Empty until its `RunStarted` arrives."""

    id: str = ""
    kind: RunKind = "real"
    system: str = ""
    notation: str = ""
    system_json: str = ""
    messages: tuple[Message, ...] = ()
    seed: int = 0
    started_at: int = 0
    budget: Budget = Budget()
    target: str | None = None
    extract: str = "auto"
    tags: tuple[str, ...] = ()
    status: e.RunStatus | None = None
    reason: str = ""
    answer_id: str | None = None
    t: int = 0
    version: int = 0
    nodes: dict[str, NodeView] = msgspec.field(default_factory=dict)
    calls: dict[str, CallView] = msgspec.field(default_factory=dict)
    candidates: dict[str, e.Candidate] = msgspec.field(default_factory=dict)
    candidate_times: dict[str, int] = msgspec.field(default_factory=dict)
    verdicts: list[e.VerdictGiven] = msgspec.field(default_factory=list)
    selections: list[e.Selected] = msgspec.field(default_factory=list)
    disagreements: dict[str, e.DisagreementScored] = msgspec.field(default_factory=dict)
    limits: dict[str, e.LimitChanged] = msgspec.field(default_factory=dict)
    warnings: list[e.Warned] = msgspec.field(default_factory=list)
    budget_reached: e.BudgetReached | None = None

    def apply(self, event: e.AnyEvent) -> RunView:
        """Take one event in; returns self."""
        self.version += 1
        if event.t > self.t:
            self.t = event.t
        _FOLD[type(event)](self, event)
        return self

    def apply_all(self, events: Iterable[e.AnyEvent]) -> RunView:
        """Take many events in; returns self."""
        for event in events:
            self.apply(event)
        return self

    @property
    def answer(self) -> e.Candidate | None:
        """The candidate that is the run's answer, when there is one."""
        return None if self.answer_id is None else self.candidates.get(self.answer_id)

    @property
    def finished(self) -> bool:
        """Whether the run has ended."""
        return self.status is not None

    @property
    def first_token_at(self) -> int | None:
        """Earliest first token over all calls, ns since the run's start."""
        return min((c.first_token_at for c in self.calls.values() if c.first_token_at is not None), default=None)

    def cost(self) -> int | None:
        """Sum of the ended calls' costs in pico-dollars, those of the run's kind: real and simulated money are never
        added. None when one of them is unknown."""
        return _sum(c.cost for c in self.calls.values() if c.state == "ended" and c.kind == self.kind)

    def known_cost(self) -> int:
        """Sum of what is known, pico-dollars, of the run's kind."""
        return sum(c.cost or 0 for c in self.calls.values() if c.kind == self.kind)

    def estimated(self) -> bool:
        """Whether any ended call's token counts were not reported by its provider."""
        return any(c.state == "ended" and c.usage.source != "reported" for c in self.calls.values())

    def cost_estimated(self) -> bool:
        """Whether the cost rests on estimated counts; what is free costs nothing however it is counted."""
        guessed = (c for c in self.calls.values() if c.state == "ended" and c.usage.source != "reported")
        return any(c.kind == self.kind and c.cost_high != 0 for c in guessed)

    def used_calls(self) -> set[str]:
        """Calls whose candidates went into the answer: its own, its parents', and those a selection considered;
        calls that are no generation (judges, verifiers) always count as used unless they were cancelled."""
        used = {c.id for c in self.calls.values() if c.role != "generate" and c.status != "cancelled"}
        chosen_by: dict[str, list[e.Selected]] = {}
        for selection in self.selections:
            for winner in selection.winners:
                chosen_by.setdefault(winner, []).append(selection)
        todo, seen = [self.answer_id] if self.answer_id else [], set[str]()
        while todo:
            identity = todo.pop()
            candidate = self.candidates.get(identity)
            if identity in seen or candidate is None:
                continue
            seen.add(identity)
            used.update(candidate.calls)
            todo.extend(candidate.parents)
            for selection in chosen_by.get(identity, ()):
                todo.extend(selection.considered)
        return used

    def waste(self) -> int | None:
        """Pico-dollars of calls that were cancelled or not used; None when one of them is unknown."""
        used = self.used_calls()
        ended = [c for c in self.calls.values() if c.state == "ended" and c.kind == self.kind]
        return _sum(c.cost for c in ended if c.id not in used)

    def tokens(self, which: Literal["prompt_tokens", "completion_tokens"]) -> int | None:
        """Sum over the ended calls; None when one of them is unknown."""
        return _sum(getattr(c.usage, which) for c in self.calls.values() if c.state == "ended")

    def to_json(self) -> dict[str, Any]:
        """The run as scripts see it; see docs/json.md. Dollars and seconds as floats, unknown is null."""
        from workbench.engine.view_json import run_json

        return run_json(self)


def _sum(values: Iterable[int | None]) -> int | None:
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _run_started(v: RunView, x: e.RunStarted) -> None:
    v.id, v.kind, v.system, v.notation, v.system_json = x.run, x.kind, x.system, x.notation, x.system_json
    v.messages, v.seed, v.started_at, v.budget = x.messages, x.seed, x.started_at, x.budget
    v.target, v.extract, v.tags = x.target, x.extract, x.tags


def _node_started(v: RunView, x: e.NodeStarted) -> None:
    v.nodes[x.node] = NodeView(path=x.node, kind=x.kind, started_at=x.t)


def _node_finished(v: RunView, x: e.NodeFinished) -> None:
    node = v.nodes[x.node]
    node.finished_at, node.status, node.reason = x.t, x.status, x.reason


def _call_queued(v: RunView, x: e.CallQueued) -> None:
    v.calls[x.call] = CallView(
        id=x.call,
        node=x.node,
        replica=x.replica,
        role=x.role,
        request=x.request,
        endpoint=x.endpoint,
        kind=x.kind,
        about=x.about,
        prompt_name=x.prompt_name,
        prompt_hash=x.prompt_hash,
        queued_at=x.t,
    )


def _call_started(v: RunView, x: e.CallStarted) -> None:
    call = v.calls[x.call]
    call.state, call.attempt = "waiting", x.attempt
    if call.started_at is None:
        call.started_at = x.t
    if x.attempt > 1:
        call.text, call.thinking, call.deltas = Text(), Text(), 0
        call.first_token_at = call.thinking_finished_at = None


def _call_retried(v: RunView, x: e.CallRetried) -> None:
    call = v.calls[x.call]
    call.state, call.retry_error = "retrying", x.error
    call.retried_cost = None if x.cost is None or call.retried_cost is None else call.retried_cost + x.cost


def _first_token(v: RunView, x: e.FirstToken) -> None:
    v.calls[x.call].first_token_at = x.t


def _thinking_finished(v: RunView, x: e.ThinkingFinished) -> None:
    call = v.calls[x.call]
    call.thinking_finished_at, call.state = x.t, "answering"


def _text(v: RunView, x: e.TextDelta) -> None:
    call = v.calls[x.call]
    call.deltas += 1
    call.last_delta_at = x.t
    if x.channel == "answer":
        call.text.append(x.text)
        call.state = "answering"
    else:
        call.thinking.append(x.text)
        call.state = "thinking"


def _call_finished(v: RunView, x: e.CallFinished) -> None:
    call = v.calls[x.call]
    call.state, call.status, call.finished_at = "ended", x.status, x.t
    call.finish_reason, call.usage, call.prices = x.finish_reason, x.usage, x.prices
    call.cost, call.cost_low, call.cost_high = x.cost, x.cost_low, x.cost_high
    call.error_kind, call.error, call.mean_logprob = x.error_kind, x.error, x.mean_logprob


def _candidate(v: RunView, x: e.CandidateMade) -> None:
    v.candidates[x.candidate.id] = x.candidate
    v.candidate_times[x.candidate.id] = x.t


def _verdict(v: RunView, x: e.VerdictGiven) -> None:
    v.verdicts.append(x)


def _selected(v: RunView, x: e.Selected) -> None:
    v.selections.append(x)


def _disagreement(v: RunView, x: e.DisagreementScored) -> None:
    v.disagreements[x.node] = x


def _limit(v: RunView, x: e.LimitChanged) -> None:
    v.limits[x.endpoint] = x


def _budget(v: RunView, x: e.BudgetReached) -> None:
    v.budget_reached = x


def _warned(v: RunView, x: e.Warned) -> None:
    v.warnings.append(x)


def _run_finished(v: RunView, x: e.RunFinished) -> None:
    v.status, v.answer_id, v.reason = x.status, x.answer, x.reason


_FOLD: dict[type[e.Event], Callable[[RunView, Any], None]] = {
    e.RunStarted: _run_started,
    e.NodeStarted: _node_started,
    e.NodeFinished: _node_finished,
    e.CallQueued: _call_queued,
    e.CallStarted: _call_started,
    e.CallRetried: _call_retried,
    e.FirstToken: _first_token,
    e.ThinkingFinished: _thinking_finished,
    e.TextDelta: _text,
    e.CallFinished: _call_finished,
    e.CandidateMade: _candidate,
    e.VerdictGiven: _verdict,
    e.Selected: _selected,
    e.DisagreementScored: _disagreement,
    e.LimitChanged: _limit,
    e.BudgetReached: _budget,
    e.Warned: _warned,
    e.RunFinished: _run_finished,
}
