"""The Frontier screen: a chart of systems, the table beside it, and what is known of the one that is chosen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Protocol, cast, runtime_checkable

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from workbench.charts.spec import ChartSpec
from workbench.tui import commands, frontier_rows, run_query
from workbench.tui.commands import Where
from workbench.tui.frontier_asking import Answer, AxisName, Question, answer
from workbench.tui.paged import Shown, width_in
from workbench.tui.screens.exporting import Exporting
from workbench.tui.screens.pick import Pick
from workbench.tui.services import Store
from workbench.tui.session import Session
from workbench.tui.text import one_line
from workbench.tui.widgets.frontier_bar import FrontierBar
from workbench.tui.widgets.pane import Part, line
from workbench.tui.widgets.ranking import Ranking
from workbench.tui.widgets.run_preview import Drawn
from workbench.tui.widgets.scatter import Scatter
from workbench.tui.widgets.words_pane import WordsPane

PAUSE = 0.2
"""Seconds after the last key before the ledger is asked."""
NO_LEDGER = "There is no ledger, so no run is kept. `workbench doctor` says why."
HINT = "words, tag: system: tasks: since: until: kind:"
SINCE = {"today": "since midnight", "24h": "the last day", "7d": "the last week", "30d": "the last 30 days"}
ABOUT = {"cost": "all calls, judges too", "latency": "from start to end", "accuracy": "needs grades or targets",
         "disagreement": "needs two candidates or more", "tokens": "prompt and completion"}  # fmt: skip


@runtime_checkable
class Shows(Protocol):
    """The app, as far as this screen knows it."""

    def show_run(self, ref: str, *, replay: bool = False) -> None: ...

    async def show_runs(self, search: str) -> None: ...


class FrontierScreen(Exporting):
    """Asks the ledger in a thread; draws what was found."""

    ROOM: ClassVar[Where] = "frontier"
    AUTO_FOCUS: ClassVar[str | None] = "Scatter"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("frontier")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._question = Question()
        self._answer: Answer | None = None
        self._chosen = ""
        self._pause: Timer | None = None
        self._asking = False

    @property
    def to_write(self) -> ChartSpec | None:
        """The chart, where there are systems on it."""
        found = self._answer
        return found.spec if found is not None and found.found.placed else None

    def body(self) -> ComposeResult:
        """Search line, what is shown, chart, table, card."""
        with Horizontal(id="frontier-find"):
            yield Static("/", classes="mark", markup=False)
            text = Input(placeholder=HINT, compact=True, select_on_focus=False)
            text.cursor_blink = False
            yield text
            yield Drawn(id="frontier-count")
        yield FrontierBar()
        with Horizontal(id="frontier-main"):
            yield Scatter()
            yield Static(id="frontier-nothing", markup=False)
            with Vertical(id="frontier-side"):
                yield Ranking()
                with VerticalScroll(id="frontier-card", can_focus=False):
                    yield WordsPane()

    def on_screen_resume(self) -> None:
        """Runs may have come since."""
        super().on_screen_resume()
        self.look(fresh=True)

    def place_of(self, event: events.DescendantFocus) -> Where:
        """The chart's keys are told first where it has the focus."""
        return "frontier"

    def paged(self) -> Shown | None:
        """What the pager shows: the table and the card."""
        if self._answer is None:
            return None
        width = width_in(self.app.size.width)
        columns = frontier_rows.columns(width)
        found = self._answer.found
        rows = [frontier_rows.head(self._answer, columns)]
        rows += [frontier_rows.placed_cells(self._answer, each, columns) for each in found.placed]
        rows += [frontier_rows.out_cells(each, columns) for each in found.left_out]
        table = "\n".join("".join(text for text, _ in row).rstrip() for row in rows)
        return Shown("frontier", f"{table}\n\n{frontier_rows.card(self._answer, self._chosen, width).plain}\n")

    # Asking

    @property
    def store(self) -> Store | None:
        """The ledger."""
        return self.session.services.store

    @property
    def answer(self) -> Answer | None:
        """What was found last."""
        return self._answer

    @property
    def chosen(self) -> str:
        """Label of the chosen system."""
        return self._chosen

    def look(self, *, fresh: bool = False) -> None:
        """Ask again; the ledger only where `fresh`, or other runs are meant. What was there is shown until then."""
        if self.store is None:
            self.draw()
            return
        known = self._answer
        same = known is not None and not fresh and known.question.search == self._question.search
        self._asking = True
        work = partial(answer, self.store, self._question, self.session.services.now(), known if same else None)
        self.spawn("frontier", partial(self._look, work), exclusive=True)
        self.draw()

    async def _look(self, work: Callable[[], Answer]) -> None:
        found = await self.ask(work)
        self._asking = False
        if found is not None:
            self._answer = found
            if self._chosen not in found.labels:
                self._chosen = next(iter(found.found.line or found.labels), "")
        self.draw()

    def draw(self) -> None:
        """Everything from what is known."""
        if not self.query(WordsPane):
            return  # the app is being left
        self.query_one(FrontierBar).show(self._question)
        self.query_one("#frontier-count", Drawn).put(line(*self._counted()))
        found = self._answer
        self.set_class(found is None or not found.found.placed, "-empty")
        if found is None or not found.found.placed:
            self.query_one("#frontier-nothing", Static).update(self._nothing())
        self.query_one(Scatter).show(found.spec if found is not None and found.found.placed else None)
        self.query_one(Scatter).pick(self._chosen)
        self.query_one(Ranking).show(found, self._chosen)
        if found is not None:
            self.query_one(WordsPane).show(lambda width: frontier_rows.card(found, self._chosen, width))

    def _nothing(self) -> Content:
        if self.store is None:
            return Content(NO_LEDGER)
        return Content("reading the ledger …") if self._answer is None else frontier_rows.empty(self._answer)

    def _counted(self) -> list[Part]:
        found = self._answer
        if self._asking:
            return [("reading …", "$muted")]
        if found is None:
            return []
        systems, tasks, runs = len(found.found.placed), found.found.tasks, found.measures.runs
        said = f"{systems} system{'s' * (systems != 1)} · {tasks:,} task{'s' * (tasks != 1)}"
        return [(said if self.has_class("-compact") else f"{said} · {runs:,} runs", "$muted")]

    # Axes, line, scale

    def change(self, question: Question) -> None:
        """Show this from now on."""
        if question != self._question:
            self._question = question
            text = self.query_one(Input)
            if text.value != question.search:
                with text.prevent(Input.Changed):
                    text.value = question.search
            self.look()

    def action_turn(self, axis: AxisName) -> None:
        """The next quantity on an axis."""
        self.change(self._question.turned(axis))

    def action_axes(self) -> None:
        """A quantity for an axis, from a list."""
        entries = {f"{axis} {name}": about for axis in ("x", "y", "z") for name, about in ABOUT.items()}
        self.app.push_screen(Pick("Axes", {**entries, "z none": "two axes"}, "Type to find"), self._with_axis)

    def _with_axis(self, chosen: str | None) -> None:
        if chosen is not None:
            axis, _, name = chosen.partition(" ")
            quantity = None if name == "none" else name
            self.change(self._question.with_axis(cast(AxisName, axis), quantity))  # type: ignore[arg-type]

    def action_line(self) -> None:
        """Hull or staircase."""
        if self._question.z is not None:
            self.notify("Three axes have no line: z takes the third one away.", markup=False, timeout=4)
            return
        self.change(replace(self._question, hull=not self._question.hull))

    def action_scale(self) -> None:
        """Linear or logarithmic."""
        self.change(replace(self._question, linear=not self._question.linear))

    def action_zoom(self, way: int) -> None:
        """In or out."""
        self.query_one(Scatter).action_zoom(way)

    def action_whole(self) -> None:
        """The whole chart."""
        self.query_one(Scatter).action_whole()

    # Which runs

    def action_kind(self) -> None:
        """Real, simulated, recorded."""
        self.change(self._question.next_kind())

    def action_find(self) -> None:
        """To the search line."""
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Ask once the typing pauses."""
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._search)

    def on_input_submitted(self) -> None:
        """Ask at once, and go back to the chart."""
        self._search()
        self.query_one(Scatter).focus()

    def _search(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self.change(replace(self._question, search=self.query_one(Input).value))

    def action_back(self) -> None:
        """Out of the search line; then without it; then out of the zoom."""
        text = self.query_one(Input)
        if text.has_focus:
            self.query_one(Scatter).focus()
        elif text.value:
            self.change(replace(self._question, search=""))
        else:
            self.action_whole()

    def action_filter(self) -> None:
        """Choose from what there is."""
        if self.store is not None:
            self.spawn("filters", partial(self._offer, self.store), exclusive=True)

    async def _offer(self, store: Store) -> None:
        tags = await self.ask(store.tag_names)
        if tags is None:
            return
        found = {f"kind:{kind}": "what was called" for kind in ("real", "simulated", "recorded")}
        found |= {f"since:{span}": about for span, about in SINCE.items()}
        found |= {f"tag:{tag}": "a tag" for tag in tags}
        found |= {f"tasks:{file}": "the prompts of this file" for file in await self.ask(run_query.task_files) or ()}
        measured = self._answer.measures.measured if self._answer is not None else ()
        found |= {f"system:{each.system or each.notation}": "a system" for each in measured}
        shown = {one_line(name): about for name, about in found.items()}
        self.app.push_screen(Pick("Show only", shown, "Type to find; again takes it out"), self._filtered)

    def _filtered(self, chosen: str | None) -> None:
        if chosen is not None:
            name, _, value = chosen.partition(":")
            self.change(replace(self._question, search=run_query.toggled(self._question.search, name, value)))

    # Choosing, and going on

    def choose(self, label: str) -> None:
        """This system."""
        self._chosen = label
        self.draw()

    def on_scatter_picked(self, message: Scatter.Picked) -> None:
        """A point was chosen."""
        self.choose(message.label)

    async def on_scatter_opened(self, message: Scatter.Opened) -> None:
        """What is behind a point is wanted."""
        self.choose(message.label)
        await self.action_open_runs()

    async def on_ranking_pointed(self, message: Ranking.Pointed) -> None:
        """A line was clicked."""
        self.query_one(Ranking).focus()
        self.choose(message.label)
        if message.opened:
            await self.action_open_runs()

    def action_move(self, by: int) -> None:
        """The next system of the table."""
        labels = self.query_one(Ranking).labels
        if labels:
            at = labels.index(self._chosen) if self._chosen in labels else -by
            self.choose(labels[max(0, min(len(labels) - 1, at + by))])

    async def action_open_runs(self) -> None:
        """The chosen system's runs; where nothing is placed, all that were asked for."""
        if isinstance(self.app, Shows) and self._answer is not None:
            asked = self._question
            words = [run_query.written("kind", asked.kind)]
            system = self._answer.name_of(self._chosen) if self._answer.found.placed else ""
            words += [run_query.written("system", system)] if system else []
            rest = run_query.without(run_query.without(asked.search, "kind"), "system" if system else "")
            await self.app.show_runs(" ".join((*words, rest)).strip())

    def action_open_run(self) -> None:
        """The chosen system's newest run."""
        runs = self._answer.runs_of(self._chosen) if self._answer is not None else ()
        if runs and isinstance(self.app, Shows):
            self.app.show_run(runs[0])

    def on_resize(self) -> None:
        """The card is laid out anew."""
        self.call_after_refresh(self.draw)
