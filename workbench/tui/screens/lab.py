"""The Lab screen: what k draws would have done, from draws that are there; knobs, curves, and what both say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, Protocol, cast, runtime_checkable

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content

from workbench.analysis.pool import Pool
from workbench.charts.spec import ChartSpec
from workbench.paths import typed as typed_path
from workbench.tui import commands, lab_knobs, lab_reading, lab_what_if, lab_words
from workbench.tui.commands import Where
from workbench.tui.lab_knobs import Drawn, Knob, Knobs
from workbench.tui.lab_reading import ENOUGH, Found, Tally
from workbench.tui.paged import Shown, width_in
from workbench.tui.screens.ask import Ask
from workbench.tui.screens.lab_asking import Asking
from workbench.tui.screens.lab_grading import Grading
from workbench.tui.screens.pick import Pick
from workbench.tui.session import Session
from workbench.tui.text import one_line
from workbench.tui.widgets.curves import Curves
from workbench.tui.widgets.knob_rows import KnobRows
from workbench.tui.widgets.words_pane import WordsPane

KEPT = 24
"""Settings whose curves are kept."""


@runtime_checkable
class Shows(Protocol):
    """The app, as far as this screen knows it."""

    def show_run(self, ref: str, *, replay: bool = False) -> None: ...


class Lab(Asking):
    """Curves are worked out in a thread; the last one that was asked for is drawn."""

    ROOM: ClassVar[Where] = "lab"
    AUTO_FOCUS: ClassVar[str | None] = "KnobRows"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("lab")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.knobs = Knobs()
        self.row = 0
        self._known: dict[tuple[object, ...], Found] = {}
        self._shown: Drawn | None = None
        """Whose figures stand there."""
        self._working = ""
        self._wanted: Sequence[str] = ()

    def body(self) -> ComposeResult:
        """What the draws are, knobs and figures; the curves, and what they advise."""
        with Horizontal(id="lab-main"):
            with VerticalScroll(id="lab-left", can_focus=False):
                yield WordsPane(id="lab-source")
                yield KnobRows()
                yield WordsPane(id="lab-figures")
                yield WordsPane(id="lab-what-ifs")
            with Vertical(id="lab-right"):
                yield Curves()
                yield WordsPane(id="lab-advice")

    def on_mount(self) -> None:
        """The calculator, or the runs that it was opened with."""
        self.draw()
        if self._wanted:
            self.take_runs(self._wanted)

    def paged(self) -> Shown:
        """What the pager shows."""
        panes, width = self.query(WordsPane), width_in(self.app.size.width)
        return Shown("lab", "\n\n".join(pane.at(width).plain for pane in panes))

    # Draws

    def take_runs(self, runs: Sequence[str]) -> None:
        """The draws of these runs."""
        store = self.session.services.store
        if not self.is_mounted:
            self._wanted = tuple(runs)
        elif store is None:
            self.notify("There is no ledger to take draws from.", severity="warning", markup=False)
        else:
            self.take(partial(store.pool, tuple(runs)), "the run" if len(runs) == 1 else f"{len(runs)} runs")

    def take_file(self, path: Path) -> None:
        """The draws of a file of samples."""
        self.take(partial(_from_file, path), one_line(path.name))

    def take(self, read: Callable[[], Pool], what: str) -> None:
        """Draws from now on; read in a thread."""
        self._working = f"reading {what}"
        self.draw()
        self.spawn("read", partial(self._read, read), exclusive=True)

    async def _read(self, read: Callable[[], Pool]) -> None:
        drawn = await self.ask(lambda: Drawn.of(read()))
        self._working = ""
        if drawn is not None:
            self.drawn, self._known = drawn, {}
            self.forget_what_ifs()
            self.knobs = replace(lab_knobs.within(self.knobs, drawn), formula=False)
            if drawn.pool.note:
                self.notify(one_line(drawn.pool.note), severity="warning", markup=False, timeout=8)
        self.renew()

    # Drawing

    @property
    def knob(self) -> Knob:
        """The one that is pointed at."""
        found = lab_knobs.knobs_for(self.drawn, self.knobs)
        return found[min(self.row, len(found) - 1)]

    @property
    def found(self) -> Found | None:
        """What is known of the knobs as they stand; None while it is worked out."""
        return Found() if self.drawn is None else self._known.get(lab_reading.asked(self.knobs))

    @property
    def to_write(self) -> ChartSpec | None:
        """The chart that is shown."""
        found = self.found
        spec = lab_reading.chart(self.drawn, found, self.knobs) if found is not None else None
        return spec if spec is not None and spec.lines else None

    def renew(self) -> None:
        """Draw what is known; what is not is worked out."""
        if self.found is None and self.drawn is not None:
            self._working = "working it out"
            self.spawn("work", partial(self._work, self.drawn, self.knobs), exclusive=True)
        self.draw()

    async def _work(self, drawn: Drawn, knobs: Knobs) -> None:
        found = await self.ask(partial(lab_reading.work, drawn, knobs))
        if drawn is self.drawn:
            self._working = ""
            if len(self._known) >= KEPT:
                del self._known[next(iter(self._known))]
            if not self._known and found is not None and found.curves:
                self.knobs = replace(self.knobs, quantity=lab_reading.telling(found, self.knobs))
            self._known[lab_reading.asked(knobs)] = found or Found(problem="it can't be worked out")
            self.draw()

    def draw(self) -> None:
        """Everything as it stands; the chart of before while another of the same draws is worked out."""
        if not self.query(Curves):
            return
        rows = lab_knobs.knobs_for(self.drawn, self.knobs)
        self.row = min(self.row, len(rows) - 1)
        self.query_one(KnobRows).show(rows, self.knobs, self.row)
        found, drawn, knobs = self.found, self.drawn, self.knobs
        working = self._working or ("asking what if" if self.asking else "")
        self.set_class(bool(working), "-working")
        self._say("#lab-source", lambda width: lab_words.source(drawn, working, width))
        asked = tuple(self.what_ifs.values())
        self._say("#lab-what-ifs", lambda width: lab_what_if.words(asked, width))
        if found is not None:
            self.query_one(Curves).show(lab_reading.chart(drawn, found, knobs))
            self._say("#lab-figures", lambda width: lab_words.figures(drawn, found, knobs, width))
            self._say("#lab-advice", lambda width: lab_words.advice(drawn, found, knobs, width))
        elif self._shown is not drawn:  # those of before are of other draws
            self.query_one(Curves).show(lab_reading.chart(drawn, Found(), knobs))
            for pane in ("#lab-figures", "#lab-advice"):
                self._say(pane, lambda width: Content(""))
        self._shown = drawn

    def _say(self, pane: str, words: Callable[[int], Content]) -> None:
        self.query_one(pane, WordsPane).show(words)

    # What the user does

    def action_knob(self, by: int) -> None:
        """Another knob, stopping at the ends."""
        last = len(lab_knobs.knobs_for(self.drawn, self.knobs)) - 1
        self.row = min(max(0, self.row + by), last)
        self.query_one("#lab-left").scroll_home(animate=False)
        self.draw()

    def action_turn(self, by: int) -> None:
        """The knob turns."""
        self._set(lab_knobs.turned(self.knobs, self.knob, by))

    def action_edge(self, end: int) -> None:
        """To the first or the last stop."""
        self._set(lab_knobs.placed(self.knobs, self.knob, end))

    def on_knob_rows_pointed(self, message: KnobRows.Pointed) -> None:
        """A knob was clicked."""
        self.row = message.row
        self.draw()

    def on_knob_rows_placed(self, message: KnobRows.Placed) -> None:
        """A slider was clicked or drawn."""
        self.row = message.row
        knobs, knob = self.knobs, self.knob
        turned = lab_knobs.turned(knobs, knob, 1) if message.share is None else None
        self._set(turned or lab_knobs.placed(knobs, knob, message.share or 0.0))

    def _set(self, knobs: Knobs) -> None:
        if knobs != self.knobs:
            self.knobs = lab_knobs.within(knobs, self.drawn)
            self.renew()

    def action_theory(self) -> None:
        """Theory over measurement, or not."""
        self._set(replace(self.knobs, theory=not self.knobs.theory))
        if self.drawn is not None and (found := self.found) is not None and not found.theories:
            self.notify("No formula speaks of this rule: verify and vote have one.", markup=False, timeout=4)

    def action_formula(self) -> None:
        """Acc(K) of p, c and s, or not."""
        self._set(replace(self.knobs, formula=not self.knobs.formula, quantity="accuracy"))

    def action_bench_run(self) -> None:
        """The run that is shown on the Bench."""
        view = self.session.view
        if not view.id or not view.finished:
            self.notify("There is no finished run on the Bench.", markup=False, timeout=3)
        else:
            self.take_runs([view.id])

    def action_file(self) -> None:
        """Ask for a file."""

        def named(text: str | None) -> None:
            if text is not None:
                self.take_file(typed_path(text.strip()))

        self.app.push_screen(Ask("A file of samples, one JSON object a line", "", lab_words.file_meaning), named)

    def action_open_run(self) -> None:
        """The run behind the draws."""
        runs = self.drawn.pool.runs if self.drawn is not None else ()
        if not runs:
            self.notify("These draws came from no run.", markup=False, timeout=3)
        elif len(runs) == 1:
            self._show(runs[0])
        else:
            self.app.push_screen(Pick("Show which run on the Bench", dict.fromkeys(runs, "")), self._show)

    def _show(self, run: str | None) -> None:
        if run is not None and isinstance(self.app, Shows):
            cast(Shows, self.app).show_run(run)

    def action_estimate(self) -> None:
        """c and s from draws that were judged and graded; those that are not graded yet are, one after the other."""
        if self.drawn is None:
            self.notify("There are no draws yet.", markup=False, timeout=3)
            return
        known, rows = lab_reading.tally(self.drawn.pool), lab_reading.to_grade(self.drawn.pool)
        if known.n >= ENOUGH or (known.n and not rows):
            self._estimated(known)
        elif rows:
            self.app.push_screen(Grading(rows, known), self._estimated)
        else:
            said = "No draw here was judged: a system with verify makes verdicts, `accepted` in a file gives them."
            self.notify(said, markup=False, timeout=6)

    def _estimated(self, tally: Tally | None) -> None:
        if tally is not None:
            self._set(lab_knobs.within(tally.applied(self.knobs), self.drawn))
            said = "\n".join(f"{name} = {value}  ({interval})" for name, value, interval in tally.shares())
            few = "" if tally.n >= ENOUGH else f"\nOnly {tally.n} graded: the intervals are wide."
            self.notify(said + few, markup=False, timeout=8)


def _from_file(path: Path) -> Pool:
    from workbench.evals import pools

    return pools.from_file(path)
