"""Which lanes are shown: all, or those of one state, node or answer; and which of them leads. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from workbench.engine.view import CallView
from workbench.tui import states
from workbench.tui.reading import Frame
from workbench.tui.text import one_line

By: TypeAlias = Literal["all", "state", "node", "answer"]


class Only(msgspec.Struct, frozen=True):
    """A filter."""

    by: By = "all"
    value: str = ""

    @property
    def words(self) -> str:
        """`state cancelled`, `answer 42`."""
        return "all" if self.by == "all" else f"{self.by} {one_line(self.value)}"


ALL = Only()


def fits(only: Only, frame: Frame, call: CallView) -> bool:
    """Whether a call's lane is shown."""
    match only.by:
        case "state":
            return _state(frame, call) == only.value
        case "node":
            return call.node == only.value
        case "answer":
            return _answer(frame, call) == only.value
        case _:
            return True


def choices(frame: Frame, name: Callable[[str], str]) -> dict[Only, str]:
    """The filters that part a run's lanes, with what each would show; `name` tells of a node."""
    calls = list(frame.view.calls.values())
    by: dict[By, Counter[str]] = {
        "state": Counter(_state(frame, call) for call in calls),
        "answer": Counter(key for call in calls if (key := _answer(frame, call)) is not None),
        "node": Counter(call.node for call in calls),
    }
    found = {ALL: _count(len(calls))}
    for kind, counted in by.items():
        if len(counted) > 1 or (counted and sum(counted.values()) < len(calls)):
            for value, count in counted.most_common():
                said = f"{name(value)} · " if kind == "node" else ""
                found[Only(kind, value)] = said + _count(count)
    return found


def leader(frame: Frame, now: str | None) -> str | None:
    """The call that is furthest: of those under way the longest, an answer before a thought; then whose answer it is.
    Who leads (`now`) is passed only by a clear lead, so that it does not flicker."""
    under_way = [call for call in frame.view.calls.values() if call.state not in ("ended", "queued")]
    if under_way:
        best = max(under_way, key=_far)
        held = next((call for call in under_way if call.id == now), None)
        if held is not None and _far(held)[0] == _far(best)[0] and best.tokens < held.tokens * 1.1 + 10:
            return held.id
        return best.id
    if frame.view.answer is not None and frame.view.answer.calls:
        return frame.view.answer.calls[-1]
    rank = frame.standing.rank
    return min(rank, key=lambda call: rank[call], default=None)


def _far(call: CallView) -> tuple[bool, int]:
    return call.state == "answering", call.tokens


def _state(frame: Frame, call: CallView) -> str:
    return states.of_call(call, won=call.id in frame.standing.won).word


def _answer(frame: Frame, call: CallView) -> str | None:
    made = frame.standing.candidate.get(call.id)
    return made.key if made is not None else None


def _count(lanes: int) -> str:
    return "1 lane" if lanes == 1 else f"{lanes} lanes"
