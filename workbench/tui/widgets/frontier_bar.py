"""Above the chart: what is on the axes, which runs, and how the line is drawn. A click changes it."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.content import Content
from textual.widget import Widget

from workbench.tui.frontier_asking import Question
from workbench.tui.widgets.header import KIND_STYLES
from workbench.tui.widgets.pane import line

ROOMY = 100
"""Cells from which the title stands before the choices."""


class FrontierBar(Widget):
    """One line."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._question = Question()
        self._spans: list[tuple[int, int, str]] = []

    def show(self, question: Question) -> None:
        """Draw this from now on."""
        if question != self._question:
            self._question = question
            self.refresh()

    def render(self) -> Content:
        """`accuracy against cost   x cost  y accuracy  third –   real   staircase   log`; what is not usual last."""
        asked = self._question
        choices = (
            ("x", asked.x, "bold", "screen.turn('x')"),
            ("y", asked.y, "bold", "screen.turn('y')"),
            ("z", asked.z or "–", "bold" if asked.z else "$muted", "screen.turn('z')"),
            ("r", asked.kind, KIND_STYLES[asked.kind], "screen.kind"),
            ("h", "no line" if asked.z else "hull" if asked.hull else "staircase", "", "screen.line"),
            ("l", "linear" if asked.linear else "log where wide", "", "screen.scale"),
        )
        self._spans.clear()
        room, said = self.content_size.width, Content("")
        if room >= ROOMY:
            said = line((asked.y, "bold"), (" against ", "$muted"), (asked.x, "bold"), "   ")
        for key, word, style, action in choices:
            part = line((key, "$brand"), " ", (word, style))
            start = said.cell_length + (2 if said else 0)
            if start + part.cell_length > room:
                break
            said = Content.assemble(said, "  " if said else "", part)
            self._spans.append((start, said.cell_length, action))
        return said

    async def on_click(self, event: events.Click) -> None:
        """What the word under the pointer stands for."""
        for start, end, action in self._spans:
            if start <= event.x - self.gutter.left < end:
                await self.run_action(action)
