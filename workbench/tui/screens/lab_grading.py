"""Draws that a verifier has judged, graded one after the other; what it said stays hidden until it is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from workbench.analysis.pool import Draw
from workbench.tui.lab_reading import ENOUGH, Tally
from workbench.tui.screens.dialog import Dialog
from workbench.tui.text import clean, one_line
from workbench.tui.widgets.pane import Part, line, lines

MOST = 6_000
"""Characters of an answer."""


class Grading(Dialog[Tally | None]):
    """Dismissed with what was counted; None where nothing was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,r", "say(True)", "right"),
        Binding("n,w", "say(False)", "wrong"),
        Binding("s,space", "skip", "skip"),
        Binding("z,u,backspace", "back", "one back"),
        Binding("escape,enter", "done", "done"),
    ]

    def __init__(self, rows: Sequence[tuple[str, Draw]], known: Tally) -> None:
        super().__init__()
        self._rows, self._at = list(rows), 0
        self._tallies = [known]

    def compose(self) -> ComposeResult:
        """Where it stands, prompt, answer, what is known, keys."""
        with Vertical(classes="dialog grading"):
            yield Static(id="grading-head", markup=False)
            yield Static(id="grading-prompt", markup=False)
            with VerticalScroll():
                yield Static(id="grading-answer", markup=False)
            yield Static(id="grading-tally", markup=False)
            keys: list[Part] = []
            said = (("y", "right"), ("n", "wrong"), ("s", "skip"), ("u", "one back"), ("Esc", "done"))
            for key, words in said:
                keys += [(key, "$brand"), (f" {words}     ", "$muted")]
            yield Static(line(*keys), classes="keys")

    def on_mount(self) -> None:
        """The first one."""
        self._draw()

    @property
    def tally(self) -> Tally:
        """As far as it has come."""
        return self._tallies[-1]

    def action_say(self, right: bool) -> None:
        """Whether the answer is right."""
        _, draw = self._rows[self._at]
        self._go_on(self.tally.with_(right=right, accepted=bool(draw.accepted)))

    def action_skip(self) -> None:
        """This one can't be told."""
        self._go_on(self.tally)

    def action_back(self) -> None:
        """The one before, graded anew."""
        if self._at:
            self._at -= 1
            self._tallies.pop()
            self._draw()

    def action_done(self) -> None:
        """Enough."""
        self.dismiss(self.tally if self.tally.n else None)

    def _go_on(self, tally: Tally) -> None:
        self._tallies.append(tally)
        self._at += 1
        if self._at >= len(self._rows):
            self.action_done()
        else:
            self._draw()

    def _draw(self) -> None:
        prompt, draw = self._rows[self._at]
        text = clean(draw.text or draw.key or "")
        head = line(
            ("Is this answer right?", "bold"),
            (f"   {self._at + 1} of {len(self._rows)}", "$muted"),
            (f" · {self.tally.n} of {ENOUGH} graded", "$state-won" if self.tally.n >= ENOUGH else "$muted"),
        )
        self.query_one("#grading-head", Static).update(head)
        self.query_one("#grading-prompt", Static).update(line((one_line(prompt)[:400], "$muted")))
        self.query_one("#grading-answer", Static).update(Content(text[:MOST]))
        self.query_one(VerticalScroll).scroll_home(animate=False)
        rows = [
            line((f"{name}  ", "bold"), f"{value:<5}", (interval, "$muted"))
            for name, value, interval in self.tally.shares()
        ]
        self.query_one("#grading-tally", Static).update(lines(*rows))
