"""From a run's events to what goes into its tables: the fold that the writer thread keeps for every open run."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from workbench.engine import events as e
from workbench.engine.view import CallView, RunView
from workbench.ledger.blobs import Deltas, Lines, deltas_of
from workbench.ledger.texts import THIN, Aside, encode_lines
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
    said: dict[str, tuple[str, str]]
    """(answer, thinking) of ended calls that were so short that their deltas are among the lines."""
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
        taken = _Taken(self.view)
        self._seq = taken.add(events, self._seq)
        self._attempts.update(taken.attempts)
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

    def __init__(self, view: RunView) -> None:
        self.view = view
        self.aside = Aside()
        self.line_seqs = array("q")
        self.lines: list[e.AnyEvent] = []
        self.attempts: dict[str, int] = {}
        self.delta_seqs: dict[str, array[int]] = {}
        self.delta_events: dict[str, list[e.TextDelta]] = {}
        self.dirty: set[str] = set()
        self.kept: list[tuple[int, e.AnyEvent]] = []

    def add(self, events: Iterable[Any], seq: int) -> int:
        """Takes them in, the first being number `seq`; returns the next one's number."""
        apply, thin, texts, seqs = self.view.apply, self.aside.thin, self.delta_events, self.delta_seqs
        lines, line_seqs = self.lines, self.line_seqs
        for seq, event in enumerate(events, seq):  # noqa: B020 - it goes on where it began
            kind = type(event)
            line_seqs.append(seq)
            if kind is e.TextDelta:
                call = event.call
                if call not in texts:
                    texts[call], seqs[call] = [], array("q")
                texts[call].append(event)
                seqs[call].append(seq)
                lines.append(event)
                continue
            apply(event)
            lines.append(thin(event) if kind in THIN else event)
            if kind in _OF_CALLS:
                self.dirty.add(event.call)
                if kind is e.CallStarted:
                    self.attempts[event.call] = seq
            elif kind in _KEPT:
                self.kept.append((seq, event))
        return seq + 1

    def part(self, writer: str, ended: dict[str, Ended]) -> Part:
        said = self._inline(ended)
        part = Part(
            run=self.view,
            writer=writer,
            lines=Lines(self.line_seqs, encode_lines(self.lines)),
            texts=self.aside.texts,
            deltas={c: deltas_of(self.delta_seqs[c], events) for c, events in self.delta_events.items()},
            ended_calls=ended,
            dirty_calls=self.dirty,
            said=said,
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

    def _inline(self, ended: dict[str, Ended]) -> dict[str, tuple[str, str]]:
        """Leaves the deltas of short calls among the lines (a blob of its own would cost each more than it holds) and
        takes those of all others out."""
        said: dict[str, tuple[str, str]] = {}
        for call, end in ended.items():
            if end.stored_before or len(self.delta_events.get(call, ())) > SHORT:
                continue
            seqs, events = self.delta_seqs.pop(call, ()), self.delta_events.pop(call, [])
            if seqs and seqs[0] < end.since_seq:  # of attempts before the last
                events = [event for seq, event in zip(seqs, events, strict=True) if seq > end.since_seq]
            thinking = "".join([event.text for event in events if event.channel == "thinking"])
            answer = "".join([event.text for event in events if event.channel == "answer"])
            said[call] = (answer, thinking)
        if self.delta_events:
            numbered = zip(self.line_seqs, self.lines, strict=True)
            apart = self.delta_events
            kept = [(n, event) for n, event in numbered if type(event) is not e.TextDelta or event.call not in apart]
            self.line_seqs = array("q", [seq for seq, _ in kept])
            self.lines = [event for _, event in kept]
        return said


SHORT = 16
"""Deltas of a call that began and ended within one part, up to which they are stored as lines."""
_OF_CALLS = frozenset({e.CallQueued, e.CallStarted, e.CallRetried, e.FirstToken, e.ThinkingFinished, e.CallFinished})
_KEPT = frozenset({e.CandidateMade, e.VerdictGiven, e.Selected, e.DisagreementScored, e.RunStarted, e.RunFinished})
