"""From a run's events to what goes into its tables: the fold that the writer thread keeps for every open run."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from workbench.engine import events as e
from workbench.engine.view import CallView, RunView
from workbench.ledger.blobs import Deltas, Lines, deltas_of
from workbench.ledger.texts import Aside
from workbench.models.base import Usage


@dataclass(frozen=True, slots=True)
class Ended:
    """A call that ended: which of its deltas belong to its last attempt, and whether earlier ones lie in the file."""

    since_seq: int
    stored_before: bool


@dataclass(slots=True)
class Part:
    """What one run adds to the file in one transaction. Writing it twice writes it once."""

    run: RunView
    writer: str
    lines: Lines
    texts: dict[str, str]
    """Texts that the lines name: content → SHA-256."""
    deltas: dict[str, Deltas]
    ended_calls: dict[str, Ended]
    dirty_calls: set[str]
    candidates: list[e.CandidateMade] = field(default_factory=list)
    verdicts: list[tuple[int, e.VerdictGiven]] = field(default_factory=list)
    selections: list[tuple[int, e.Selected]] = field(default_factory=list)
    scores: list[e.DisagreementScored] = field(default_factory=list)
    begins: bool = False
    ends: bool = False


class RunFold:
    """One run, event by event. Text is not kept here: it lies in the file until its call has ended.

    `writer` names the process that records, so that another can tell whether it still lives.
    """

    def __init__(self, writer: str) -> None:
        self.view = RunView()
        self.writer = writer
        self._seq = 0
        self._attempts: dict[str, int] = {}
        self._stored: set[str] = set()

    @classmethod
    def resumed(cls, writer: str, events: Iterable[tuple[int, e.AnyEvent]]) -> RunFold:
        """A fold that stands where the recorded `(seq, event)`s of an unfinished run left off."""
        fold = cls(writer)
        for seq, event in events:
            fold.view.apply(event)
            fold._seq = seq + 1
            if isinstance(event, e.CallStarted):
                fold._attempts[event.call] = seq
            elif isinstance(event, e.TextDelta):
                fold._stored.add(event.call)
        return fold

    def take(self, events: Iterable[e.AnyEvent]) -> Part:
        """The next events, as one part."""
        taken = _Taken(self.view, self._seq)
        for event in events:
            taken.add(event)
            if type(event) is e.CallStarted:
                self._attempts[event.call] = taken.seq - 1
        self._seq = taken.seq
        ended = {
            call: Ended(self._attempts.get(call, -1), call in self._stored)
            for call in taken.dirty
            if self.view.calls[call].state == "ended"
        }
        self._stored.difference_update(ended)
        self._stored.update(call for call in taken.delta_events if call not in ended)
        return taken.part(self.writer, ended)

    def closing(self, reason: str) -> list[e.AnyEvent]:
        """Events that end the run where it stands, in the order the grammar asks for: calls, nodes from the deepest,
        the run. What the calls cost is unknown; what was received of them is counted, not reported."""
        t, view = self.view.t, self.view
        closing: list[e.AnyEvent] = [_cut(call, t, reason) for call in view.calls.values() if call.state != "ended"]
        open_nodes = [node.path for node in view.nodes.values() if node.status is None]
        for path in sorted(open_nodes, key=len, reverse=True):
            closing.append(e.NodeFinished(t=t, node=path, status="cancelled", reason=reason))
        closing.append(e.RunFinished(t=t, status="interrupted", reason=reason))
        return closing


def _cut(call: CallView, t: int, reason: str) -> e.CallFinished:
    tokens, source = (call.deltas, "deltas received") if call.deltas else (None, "")
    usage = Usage(completion_tokens=tokens, source="estimated" if tokens else "unknown", estimated_by=source)
    return e.CallFinished(t=t, call=call.id, status="failed", usage=usage, error_kind="interrupted", error=reason)


class _Taken:
    """One `take` under way."""

    def __init__(self, view: RunView, seq: int) -> None:
        self.view = view
        self.seq = seq
        self.aside = Aside()
        self.line_seqs = array("q")
        self.lines: list[str] = []
        self.delta_seqs: dict[str, array[int]] = {}
        self.delta_events: dict[str, list[e.TextDelta]] = {}
        self.dirty: set[str] = set()
        self.kept: list[tuple[int, e.AnyEvent]] = []

    def add(self, event: e.AnyEvent) -> None:
        seq = self.seq
        self.seq += 1
        kind = type(event)
        if isinstance(event, e.TextDelta):
            found = self.delta_events.get(event.call)
            if found is None:
                found = self.delta_events[event.call] = []
                self.delta_seqs[event.call] = array("q")
            found.append(event)
            self.delta_seqs[event.call].append(seq)
            return
        self.view.apply(event)
        self.line_seqs.append(seq)
        self.lines.append(self.aside.line(event))
        if kind in _OF_CALLS:
            self.dirty.add(event.call)  # type: ignore[union-attr]
        elif kind in _KEPT:
            self.kept.append((seq, event))

    def part(self, writer: str, ended: dict[str, Ended]) -> Part:
        part = Part(
            run=self.view,
            writer=writer,
            lines=Lines(self.line_seqs, "\n".join(self.lines)),
            texts=self.aside.texts,
            deltas={c: deltas_of(self.delta_seqs[c], events) for c, events in self.delta_events.items()},
            ended_calls=ended,
            dirty_calls=self.dirty,
        )
        for seq, event in self.kept:
            match event:
                case e.CandidateMade():
                    part.candidates.append(event)
                case e.VerdictGiven():
                    part.verdicts.append((seq, event))
                case e.Selected():
                    part.selections.append((seq, event))
                case e.DisagreementScored():
                    part.scores.append(event)
                case e.RunStarted():
                    part.begins = True
                case e.RunFinished():
                    part.ends = True
                case _:
                    pass
        return part


_OF_CALLS = frozenset({e.CallQueued, e.CallStarted, e.CallRetried, e.FirstToken, e.ThinkingFinished, e.CallFinished})
_KEPT = frozenset({e.CandidateMade, e.VerdictGiven, e.Selected, e.DisagreementScored, e.RunStarted, e.RunFinished})
