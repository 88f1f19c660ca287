"""Why this one: the way of a call's answer through the choices of a run, in words."""

from __future__ import annotations

from textual.content import Content

from workbench.engine.view import RunView
from workbench.tui import states
from workbench.tui.outline import short
from workbench.tui.reading import Frame
from workbench.tui.text import fit, one_line, wrap
from workbench.tui.why import Step, chain
from workbench.tui.widgets.pane import line, lines
from workbench.tui.widgets.verdict import called

LABEL = 24


def why(frame: Frame, width: int) -> Content:
    """One step a line, its reason beside it or, where there is no room, below."""
    call = frame.call
    if call is None:
        return line(("why an answer was chosen, or was not", "$muted"))
    rows: list[Content] = []
    for step in chain(frame.view, call):
        rows += _rows(frame.view, step, width)
    return lines(*rows)


def _rows(view: RunView, step: Step, width: int) -> list[Content]:
    glyph, style, said = _said(step)
    reason = one_line(step.because)
    if step.instead:
        names = ", ".join(called(view, name) for name in step.instead[:6])
        reason = f"{reason}; {names} instead" if reason else f"{names} instead"
    head = line((f"{glyph} ", style), (said.ljust(LABEL), "bold" if step.outcome in ("chosen", "answer") else ""))
    if not reason:
        return [head]
    room = max(20, width - LABEL - 2)
    first, *more = wrap(reason, room)
    below = [line(" " * (LABEL + 2), (part, "$muted")) for part in more]
    return [line(head, (first, "$muted")), *below]


def _said(step: Step) -> tuple[str, str, str]:
    by = one_line(step.by)
    match step.outcome:
        case "said":
            look = states.VERDICTS[step.verdict]
            return look.glyph, look.style, fit(f"{look.word} by {short(by)}", LABEL - 1)
        case "chosen":
            return "⚑", "$state-won", f"chosen by {by}"
        case "read":
            return "→", "$operator", f"went into {by}'s answer"
        case "left":
            return "✕", "$state-cancelled", f"left out by {by}" if by else "led nowhere"
        case "answer":
            return "⚑", "$state-won", "the run's answer"
        case "open":
            return "◌", "$state-waiting", "nothing decided yet"
        case _:
            return "·", "$muted", "answered"
