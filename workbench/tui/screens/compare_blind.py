"""Blind judging of a comparison's answers: two texts, no names; then everything is revealed."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from workbench.errors import WorkbenchError
from workbench.tui import commands, figures
from workbench.tui.blind import Ballot, Pair, Side, Verdict, tags
from workbench.tui.commands import Where
from workbench.tui.comparing import Comparing, Lane
from workbench.tui.screens.dialog import Dialog
from workbench.tui.text import clean, fit, one_line
from workbench.tui.widgets.compare_lanes import name_of
from workbench.tui.widgets.key_bar import KeyBar
from workbench.tui.widgets.pane import Part, line, lines

BETTER, TIE = "⚑", "="


class Blind(Dialog[None]):
    """Fills the window. Each verdict reaches the ledger as it is given."""

    ROOM: ClassVar[Where] = "blind"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("blind")

    def __init__(self, comparing: Comparing, ballot: Ballot) -> None:
        super().__init__()
        self._comparing, self._ballot = comparing, ballot
        self.revealed = False

    def compose(self) -> ComposeResult:
        """How far it is and the prompt; two answers; the keys."""
        yield Static(id="blind-far", markup=False)
        with Horizontal(id="blind-pair"):
            for side in ("left", "right"):
                with VerticalScroll(id=f"blind-{side}", can_focus=False):
                    yield Static(id=f"blind-{side}-text", markup=False)
        with VerticalScroll(id="blind-reveal", can_focus=False):
            yield Static(id="blind-revealed", markup=False)
        keys = self._comparing.services.config.keys
        yield KeyBar(keys, "blind")
        leave = next(command for command in commands.of("blind") if command.id == "blind_leave")
        close = line((commands.keys_of(leave, keys)[0], "$brand"), (" close", "$muted"))
        yield Static(close, id="blind-close", markup=False)

    def on_mount(self) -> None:
        """The first pair."""
        self._draw()

    def action_judge(self, verdict: Verdict) -> None:
        """Say it of this pair; the next one comes."""
        if self.revealed or self._ballot.pair is None:
            return
        pair = self._ballot.judge(verdict)
        if verdict != "skip":
            winner = {"left": self._lane(pair.left), "right": self._lane(pair.right)}.get(verdict)
            self._comparing.judge(self._lane(pair.left), self._lane(pair.right), winner)
            self.run_worker(self._keep(pair, verdict))
        self.revealed = self._ballot.pair is None
        self._draw()

    def action_scroll_by(self, by: int) -> None:
        """Both answers, or what is revealed, by a few lines."""
        for scroll in self.query(VerticalScroll):
            scroll.scroll_relative(y=3 * by, animate=False)

    def action_leave_blind(self) -> None:
        """Reveal what was judged; then close."""
        if self.revealed or not self._ballot.verdicts:
            self.dismiss()
        else:
            self.revealed = True
            self._draw()

    async def _keep(self, pair: Pair, verdict: Verdict) -> None:
        try:
            for run, tag in tags(pair, verdict):
                await self._comparing.tag(run, tag)
        except WorkbenchError as error:
            self.notify(f"This verdict is not kept: {error}", severity="error", markup=False)

    def _lane(self, side: Side) -> Lane:
        return self._comparing.lanes[side.lane]

    def _draw(self) -> None:
        self.set_class(self.revealed, "-revealed")
        pair, total = self._ballot.pair, len(self._ballot.pairs)
        prompt = ("  " + one_line(self._comparing.prompt), "$muted")
        if self.revealed or pair is None:
            self.query_one("#blind-far", Static).update(line(("revealed", "bold $brand"), prompt))
            self.query_one("#blind-revealed", Static).update(self._reveal())
            return
        far = f"pair {len(self._ballot.verdicts) + 1} of {total}"
        self.query_one("#blind-far", Static).update(line(("which is better?", "bold $brand"), f"  {far}", prompt))
        for name, side in (("left", pair.left), ("right", pair.right)):
            text = line((f"{name}\n\n", "$muted"), clean(side.outcome.answer or ""))
            self.query_one(f"#blind-{name}-text", Static).update(text)
            self.query_one(f"#blind-{name}", VerticalScroll).scroll_home(animate=False)

    def _reveal(self) -> Content:
        """Totals by system, then every pair that was judged."""
        rows = [line(("system                        better    tied      of", "$muted"))]
        for lane in self._comparing.lanes:
            judged = lane.judged
            counts = f"{judged.better:>6}{judged.ties:>8}{judged.of:>8}"
            rows.append(line((fit(name_of(lane), 30), "bold"), counts))
        rows.append(Content(""))
        for pair, verdict in zip(self._ballot.pairs, self._ballot.verdicts, strict=False):
            rows.append(line((f"run {pair.left.outcome.turn + 1}", "$muted")))
            rows += [self._side(pair.left, "left", verdict), self._side(pair.right, "right", verdict)]
        if self._ballot.alike:
            rows += [Content(""), line((f"{self._ballot.alike} pairs said the same words and were left out", "$muted"))]
        return lines(*rows)

    def _side(self, side: Side, name: Verdict, verdict: Verdict) -> Content:
        mark = BETTER if name == verdict else TIE if verdict == "tie" else " "
        word = "better" if name == verdict else "tie" if verdict == "tie" else "skipped" if verdict == "skip" else ""
        found = side.outcome
        parts: list[Part] = [
            (f"  {mark} ", "$state-won"),
            (fit(name_of(self._lane(side)), 26), "bold" if name == verdict else ""),
            (fit(word, 9), "$state-won" if name == verdict else "$muted"),
            fit(found.price, 12, right=True),
            fit(figures.seconds(found.answered), 10, right=True),
            (f"  {one_line(found.key or '')[:30]}", "$muted"),
        ]
        return line(*parts)
