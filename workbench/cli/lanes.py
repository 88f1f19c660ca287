"""What one line of the live view says about one call: figures and words read from a RunView, no drawing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workbench import money
from workbench.engine.events import Candidate
from workbench.engine.view import CallView, RunView


@dataclass(frozen=True, slots=True)
class Lane:
    """One call's line. `time` is a text with its unit; `dullness` orders lanes when not all fit (0 first)."""

    number: int
    name: str
    tokens: int
    per_second: float
    glyph: str
    word: str
    style: str
    time: str
    cost: str
    tail: str
    won: bool
    dullness: int


_STATES = {
    "queued": ("·", "queued", "dim"),
    "waiting": ("◌", "waiting", "cyan"),
    "thinking": ("◐", "thinking", "magenta"),
    "answering": ("●", "streaming", "cyan"),
    "retrying": ("↻", "retrying", "yellow"),
}
_STATUSES = {
    "done": ("✓", "done", "green"),
    "truncated": ("…", "truncated", "yellow"),
    "filtered": ("⊘", "filtered", "yellow"),
    "empty": ("∅", "empty", "yellow"),
    "cancelled": ("✕", "cancelled", "dim"),
    "failed": ("✗", "failed", "red"),
}
_WON = ("⚑", "won", "bold green")
_RUN = {
    "done": ("✓ done", "bold green"),
    "degraded": ("✓ degraded", "bold yellow"),
    "failed": ("✗ failed", "bold red"),
    "stopped": ("■ stopped: budget", "bold yellow"),
    "cancelled": ("✕ cancelled", "bold yellow"),
    "interrupted": ("✕ interrupted", "bold yellow"),
}


def state_style(view: RunView) -> tuple[str, str]:
    """The run's state as glyph and word, and its style."""
    if view.status is not None:
        return _RUN[view.status]
    streaming = any(call.first_token_at is not None for call in view.calls.values())
    return ("● streaming", "bold cyan") if streaming else ("◌ waiting", "bold cyan")


def lanes(view: RunView) -> list[Lane]:
    """A lane for every call, in the order in which they were queued."""
    won = _winning_calls(view)
    made = {candidate.calls[-1]: candidate for candidate in view.candidates.values() if candidate.calls}
    roles = sum(call.role == "generate" for call in view.calls.values())
    result, number = [], 0
    for call in view.calls.values():
        if call.role == "generate":
            number += 1
        lane = _lane(call, view, won=call.id in won and roles > 1, candidate=made.get(call.id))
        result.append(replace(lane, number=number if call.role == "generate" else 0))
    return result


def _winning_calls(view: RunView) -> set[str]:
    winners = [w for s in view.selections for w in s.winners] + ([view.answer_id] if view.answer_id else [])
    return {call for w in winners if w in view.candidates for call in view.candidates[w].calls[-1:]}


def _lane(call: CallView, view: RunView, *, won: bool, candidate: Candidate | None) -> Lane:
    ended = call.status is not None
    glyph, word, style = (
        _WON if won and call.status == "done" else _STATUSES[call.status] if call.status else _STATES[call.state]
    )
    since, until = call.started_at, call.finished_at if call.finished_at is not None else view.t
    seconds = None if since is None else (until - since) / 1e9
    guessed = call.usage.source == "estimated" and call.cost_high != 0
    return Lane(
        number=0,
        name=_name(call),
        tokens=call.tokens,
        per_second=_speed(call, until),
        glyph=glyph,
        word=word,
        style=style,
        time="" if seconds is None else f"{seconds:.1f} s",
        cost="" if call.status is None else money.show(call.cost, estimated=guessed),
        tail=_tail(call, candidate),
        won=won,
        dullness=1 if won else 0 if not ended and call.state != "queued" else 2 if call.state == "queued" else 3,
    )


def _name(call: CallView) -> str:
    """`gpt-4o @0.7`, before it the role where the call is no plain generation: `judge gpt-4o`."""
    model = call.model.rsplit("/", 1)[-1]
    temperature = "" if call.request.temperature is None else f" @{call.request.temperature:g}"
    return (model if call.role == "generate" else f"{call.role} {model}") + temperature


def _speed(call: CallView, until: int) -> float:
    """Completion tokens per second since the first; 0 before there is a second token."""
    if call.first_token_at is None or call.tokens < 2 or until <= call.first_token_at:
        return 0.0
    return (call.tokens - 1) / ((until - call.first_token_at) / 1e9)


def _tail(call: CallView, candidate: Candidate | None) -> str:
    """What the line says at its end: the error, the answer once it is whole (its key where it has a short one), else
    the text that came last."""
    if call.error:
        return call.error
    if call.state == "retrying":
        return call.retry_error
    if candidate is not None and candidate.key and candidate.key_rule != "text":
        return candidate.key
    text = str(call.text) or str(call.thinking)
    return text if call.status == "done" else text[-160:]
