"""Who won and why: the last selection, the verdicts, and how the run ended."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from workbench.engine.events import Selected, VerdictGiven
from workbench.engine.view import RunView
from workbench.tui import figures, states
from workbench.tui.outline import short
from workbench.tui.reading import Frame
from workbench.tui.text import fit, one_line
from workbench.tui.widgets.pane import Pane, line, lines

MOST = 40
"""Verdicts that are listed."""


class VerdictPane(Pane):
    """Fills as verdicts and selections arrive."""

    def draw(self, frame: Frame, width: int) -> Content:
        """Title and rows."""
        return lines(line(("verdict", "$muted")), *self.rows(frame, width))

    @staticmethod
    def rows(frame: Frame, width: int) -> list[Content]:
        """What the run came to, then each verdict."""
        view = frame.view
        rows = _ending(view, width)
        for chosen in reversed(view.selections[-3:]):
            rows += _selection(view, chosen, width)
        if view.verdicts:
            rows.append(Content(""))
            rows += [_verdict(view, verdict, width) for verdict in view.verdicts[-MOST:]]
        if not rows:
            rows.append(_nothing(frame))
        rows += [
            line(("! ", "$state-retrying"), (fit(one_line(w.message), width - 2).rstrip(), "$muted"))
            for w in view.warnings[-3:]
        ]
        return rows


def _ending(view: RunView, width: int) -> list[Content]:
    rows = []
    if view.budget_reached is not None:
        reached = view.budget_reached
        rows.append(line(("■ budget ", "$state-partial"), f"{reached.limit} {reached.spent:g} of {reached.allowed:g}"))
    if view.finished and view.status != "done" and view.reason:
        look = states.RUNS[view.status or "failed"]
        rows.append(
            line((f"{look} ", look.style), fit(one_line(view.reason), max(1, width - len(str(look)) - 1)).rstrip())
        )
    return rows


def _nothing(frame: Frame) -> Content:
    view = frame.view
    if not view.id:
        return line(("what was chosen, and why", "$faint"))
    if view.finished and view.answer is not None:
        alone = len(view.calls) == 1
        why = "the only call" if alone else "stands first; no node chooses"
        return line(("answer", "bold"), "" if alone else f" → {called(view, view.answer.id)}", "  ", (why, "$muted"))
    return line(("nothing chosen yet" if frame.live else "nothing was chosen", "$faint"))


def _selection(view: RunView, chosen: Selected, width: int) -> list[Content]:
    node = view.nodes.get(chosen.node)
    kind = node.kind if node else "node"
    lanes = [called(view, winner) for winner in chosen.winners[:6] if _drawn(view, winner)]
    more = " …" if len(chosen.winners) > 6 else ""
    who = f" → {', '.join(lanes)}{more}" if lanes else ""
    head = line((kind, "bold $operator"), who)
    why = one_line(chosen.because)
    if head.cell_length + 2 + cell_len(why) <= width:
        return [line(head, "  ", (why, "$muted"))]
    return [head, line("  ", (fit(why, max(1, width - 2)).rstrip(), "$muted"))]


def _drawn(view: RunView, candidate: str) -> bool:
    """Whether a candidate is what a generating call said: a lane of its own."""
    made = view.candidates.get(candidate)
    calls = [view.calls[call] for call in made.calls if call in view.calls] if made else []
    return bool(calls) and calls[-1].role == "generate"


def _verdict(view: RunView, verdict: VerdictGiven, width: int) -> Content:
    look = states.VERDICTS[verdict.verdict]
    head = f"{called(view, verdict.candidate):>3} "
    said = verdict.reason or ("" if verdict.score is None else f"score {verdict.score:.2f}")
    words = fit(
        one_line(f"{said or 'by'} {'' if said else short(verdict.by)}"), max(1, width - len(head) - 13)
    ).rstrip()
    return line(head, (f"{look!s:<12} ", look.style), (words, "$muted"))


def called(view: RunView, candidate: str) -> str:
    """A candidate as the lanes call it: its replica number, or its node's kind where it has none."""
    made = view.candidates.get(candidate)
    if made is None:
        return one_line(candidate)[:8]
    number = made.node.rpartition("/")[2].partition("#")[2]
    if number:
        return number
    calls = [view.calls[call] for call in made.calls if call in view.calls]
    return figures.count(calls[-1].replica) if calls else "1"
