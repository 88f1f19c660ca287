"""Why a call's answer became the run's answer, or where it was left behind: the choices on its way, with their reasons.
Worked out from the run and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

from workbench.engine.events import Candidate, Selected, VerdictGiven
from workbench.engine.view import CallView, RunView

Outcome: TypeAlias = Literal["made", "said", "chosen", "read", "left", "open", "answer"]
MOST = 24
"""Steps; a debate of many rounds has more."""


class Step(msgspec.Struct, frozen=True):
    """One thing that happened on the way."""

    outcome: Outcome
    by: str
    """Kind of the node, or who said it."""
    because: str = ""
    verdict: str = ""
    """Of a judge or verifier."""
    instead: tuple[str, ...] = ()
    """Candidates that were chosen in its place."""


def chain(view: RunView, call: CallView) -> list[Step]:
    """From what the call made to the answer, or to where it ended."""
    made = [one for one in view.candidates.values() if call.id in one.calls]
    if not made:
        return [_unmade(view, call)]
    return list(_way(view, made[0]))[:MOST]


def _way(view: RunView, candidate: Candidate) -> Iterator[Step]:
    yield Step("made", _kind(view, candidate.node), candidate.error)
    seen: set[str] = set()
    here: Candidate | None = candidate
    while here is not None and here.id not in seen:
        seen.add(here.id)
        left = False
        told: list[VerdictGiven | Selected] = [*view.verdicts, *view.selections]
        for chosen in sorted(told, key=lambda one: one.t):
            if isinstance(chosen, VerdictGiven):
                if chosen.candidate == here.id:
                    yield Step("said", chosen.by, chosen.reason, chosen.verdict)
            elif here.id in chosen.winners:
                yield Step("chosen", _kind(view, chosen.node), chosen.because)
            elif not left and here.id not in chosen.considered and _stood(chosen, here.node):
                yield Step("left", _kind(view, chosen.node), chosen.because, instead=chosen.winners)
                left = True
        if here.id == view.answer_id:
            yield Step("answer", "")
            return
        grown = _grown(view, here, seen)
        if grown is None and not left:
            yield _dropped(view, here)
        elif grown is not None:
            yield Step("read", _kind(view, grown.node))
        here = grown


def _grown(view: RunView, here: Candidate, seen: set[str]) -> Candidate | None:
    """What was made from it; what led to the answer first."""
    made = [one for one in view.candidates.values() if here.id in one.parents and one.id not in seen]
    return next((one for one in made if one.id == view.answer_id), made[0] if made else None)


def _stood(chosen: Selected, node: str) -> bool:
    """Whether what the node made stood to be chosen there: the choice was made above it."""
    return node != chosen.node and (not chosen.node or node.startswith(f"{chosen.node}/"))


def _unmade(view: RunView, call: CallView) -> Step:
    """A call that has no answer to choose: not yet, or it was ended by a choice, or by an error."""
    if call.state != "ended":
        return Step("open", "")
    decided = [one for one in view.selections if _stood(one, call.node)] if call.status == "cancelled" else []
    if not decided:
        return Step("left", "", call.error)
    return Step("left", _kind(view, decided[0].node), decided[0].because, instead=decided[0].winners)


def _dropped(view: RunView, here: Candidate) -> Step:
    voted = next((one for one in view.selections if here.id in one.considered and here.id not in one.winners), None)
    if voted is not None:
        return Step("left", _kind(view, voted.node), voted.because, instead=voted.winners)
    return Step("left" if view.finished else "open", "")


def _kind(view: RunView, path: str) -> str:
    """`race`, or of what was called for a model's own node."""
    node = view.nodes.get(path)
    return node.kind if node is not None else "model"
