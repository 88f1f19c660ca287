"""The Runs screen: every run ever made, newest first, read page by page from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, Protocol, cast, runtime_checkable

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from workbench.ledger.queries import CallRow, RunQuery, RunRow
from workbench.tui import commands, figures, run_query
from workbench.tui.commands import Where
from workbench.tui.paged import Shown
from workbench.tui.run_pages import SIZE, Ask, RunPages
from workbench.tui.screens.pick import Pick
from workbench.tui.screens.runs_notes import Noting
from workbench.tui.services import Store
from workbench.tui.session import Session
from workbench.tui.text import one_line
from workbench.tui.widgets.pane import Part, line
from workbench.tui.widgets.run_preview import Drawn, RunPreview
from workbench.tui.widgets.runs_table import RunsTable

PAUSE = 0.12
"""Seconds after the last key before a search or a preview is asked for."""
CALLS = 60
"""Calls that the preview asks for."""
SAID = {"kind": "what was called", "status": "how it ended", "grade": "what was said of the answer"}
"""What the filters are about."""
HINT = "words, kind: status: grade: tag: system: tasks: since: until:"
EMPTY = "No runs yet. ^R on the Bench makes one; it stays here with every token and its price."
NONE_FITS = "No run fits. Esc empties the search."
NO_LEDGER = "There is no ledger, so no run is kept. `workbench doctor` says why."


@runtime_checkable
class Shows(Protocol):
    """The app, as far as this screen knows it."""

    def show_run(self, ref: str, *, replay: bool = False) -> None: ...


@runtime_checkable
class HasLab(Protocol):
    """The app, where it has a Lab."""

    async def open_lab(self, runs: Sequence[str]) -> None: ...


class Runs(Noting):
    """The list with its search line and a preview."""

    ROOM: ClassVar[Where] = "runs"
    AUTO_FOCUS: ClassVar[str | None] = "RunsTable"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("runs")

    def __init__(self, session: Session, search: str = "") -> None:
        super().__init__(session)
        self._begin = search
        self.pages = RunPages(RunQuery())
        self._calls: dict[str, list[CallRow]] = {}
        self._pauses: dict[str, Timer] = {}
        self._last_total: int | None = None
        self._fresh = self.pages

    def paged(self) -> Shown:
        """What the pager shows."""
        return Shown("run", self.query_one(RunPreview).reading())

    def body(self) -> ComposeResult:
        """Search line, list, preview."""
        with Horizontal(id="find"):
            yield Static("/", id="find-mark", markup=False)
            text = Input(placeholder=HINT, compact=True, select_on_focus=False)
            text.cursor_blink = False
            yield text
            yield Drawn(id="count")
        with Horizontal(id="list"):
            yield RunsTable()
            yield Static(id="nothing", markup=False)
            yield RunPreview()

    def on_mount(self) -> None:
        """The list has the focus; the search line is a key away."""
        self.query_one(RunsTable).focus()
        self.query_one(Input).value = self._begin

    @property
    def search(self) -> str:
        """What the search line says."""
        found = self.query(Input)
        return found.first().value if found else self._begin

    def on_screen_resume(self) -> None:
        """Runs may have come since."""
        super().on_screen_resume()
        self._calls.clear()
        self.reload()

    # What is shown

    @property
    def store(self) -> Store | None:
        """The ledger."""
        return self.session.services.store

    @property
    def current(self) -> RunRow | None:
        """The run that is pointed at, where its page is there."""
        return self.pages.row(self.cursor)

    def draw(self) -> None:
        """Everything from the pages that are there."""
        if not self.query(RunPreview):
            return  # the app is being left
        self.cursor = max(0, min(self.cursor, len(self.pages) - 1))
        nothing = self.pages.total == 0 and not len(self.pages)
        self.set_class(nothing or self.store is None, "-empty")
        asked = self.pages.query != RunQuery()
        if self.has_class("-empty"):
            none = f"{one_line(run_query.problem(self.pages.query))} {NONE_FITS}".strip()
            said = NO_LEDGER if self.store is None else none if asked else EMPTY
            self.query_one("#nothing", Static).update(Content(said))
        now = self.session.services.now()
        self.query_one(RunsTable).show(self.pages, self.cursor, self.marks, now)
        self.query_one("#count", Drawn).put(line(*self._counted()))
        row = self.current
        self.query_one(RunPreview).show(row, self._calls.get(row.id) if row is not None else None)
        if row is not None and row.id not in self._calls:
            self._later("preview", self._ask_calls)

    def _counted(self) -> list[Part]:
        total = self.pages.total
        parts: list[Part] = [(f"{len(self.marks):,} marked   ", "$brand")] if self.marks else []
        if self.store is None or total is None:
            return parts
        place = f"{figures.count(self.cursor + 1)} of " if total else ""
        return [*parts, (place, "$faint"), figures.count(total), (" run" if total == 1 else " runs", "$muted")]

    # What is asked of the ledger; always in a thread

    def reload(self, *, query: RunQuery | None = None) -> None:
        """The list anew from its first page in sight; what was there is drawn until it comes."""
        if self.store is None:
            self.draw()
            return
        fresh = RunPages(self.pages.query if query is None else query)
        if query is not None and query != self.pages.query:
            self.cursor, self._last_total = 0, None
        self._fresh = fresh
        self.spawn("reload", partial(self._reload, self.store, fresh), exclusive=True)

    async def _reload(self, store: Store, fresh: RunPages) -> None:
        total = await self.ask(lambda: store.count(fresh.query))
        if total is None or fresh is not self._fresh:
            return
        if self._last_total is not None and self.cursor:
            self.cursor += max(0, total - self._last_total)  # newer runs came above: stay at the same one
        fresh.total = self._last_total = total
        self.cursor = max(0, min(self.cursor, total - 1))
        for number in fresh.missing(self.cursor, self.cursor):
            rows = await self.ask(_page(store, fresh.ask(number)))
            if rows is not None:
                fresh.put(number, rows)
        if fresh is self._fresh:
            self.pages = fresh
            self.draw()

    def on_runs_table_wanted(self, message: RunsTable.Wanted) -> None:
        """Pages in sight are missing."""
        if self.store is not None:
            for number in message.pages:
                if number in self.pages.missing(number * SIZE, number * SIZE):
                    self.spawn("pages", partial(self._load, self.store, self.pages, number))

    async def _load(self, store: Store, pages: RunPages, number: int) -> None:
        rows = await self.ask(_page(store, pages.ask(number)))
        if rows is None:
            pages.give_up(number)
        else:
            pages.put(number, rows)
            if pages is self.pages:
                self.draw()

    def _ask_calls(self) -> None:
        if self.store is not None and (row := self.current) is not None:
            self.spawn("preview", partial(self._load_calls, self.store, row.id), exclusive=True)

    async def _load_calls(self, store: Store, run: str) -> None:
        calls = await self.ask(lambda: store.calls(run, limit=CALLS))
        if len(self._calls) > 200:
            self._calls.clear()
        self._calls[run] = calls or []
        if (row := self.current) is not None and row.id == run:
            self.draw()

    def _later(self, what: str, do: Callable[[], None]) -> None:
        if what in self._pauses:
            self._pauses[what].stop()
        self._pauses[what] = self.set_timer(PAUSE, do)

    # Moving

    def action_move(self, by: int) -> None:
        """The cursor moves by runs."""
        self.point(self.cursor + by)

    def action_page(self, by: int) -> None:
        """The cursor moves by screenfuls."""
        self.point(self.cursor + by * self.query_one(RunsTable).page)

    def action_edge(self, which: int) -> None:
        """To the newest or the oldest run."""
        self.point(which * (len(self.pages) - 1))

    def point(self, index: int) -> None:
        """The cursor stands there."""
        self.cursor = index
        self.draw()

    def on_runs_table_pointed(self, message: RunsTable.Pointed) -> None:
        """A run was clicked."""
        self.point(message.index)
        if message.opened:
            self.action_open_run()

    def action_open_run(self) -> None:
        """On the Bench, as it stood at its end."""
        self._show(replay=False)

    def action_replay_run(self) -> None:
        """On the Bench, with its own timing."""
        self._show(replay=True)

    def _show(self, *, replay: bool) -> None:
        row, app = self.current, self.app
        if row is not None and isinstance(app, Shows):
            app.show_run(row.id, replay=replay)

    # Searching

    def look_for(self, search: str) -> None:
        """Show these runs."""
        self._begin = search
        for text in self.query(Input):
            text.value = search

    async def action_open_lab(self) -> None:
        """The run or the marked ones in the Lab."""
        runs = self._meant()
        if runs and isinstance(self.app, HasLab):
            await cast(HasLab, self.app).open_lab(runs)

    def action_find(self) -> None:
        """To the search line."""
        self.query_one(Input).focus()

    def on_input_changed(self) -> None:
        """Search once the typing pauses."""
        self._later("search", self._search)

    def on_input_submitted(self) -> None:
        """Search at once, and go back to the list."""
        self._search()
        self.query_one(RunsTable).focus()

    def _search(self) -> None:
        if (timer := self._pauses.pop("search", None)) is not None:
            timer.stop()
        query = run_query.parse(self.query_one(Input).value, self.session.services.now())
        if query != self.pages.query:
            self.reload(query=query)

    def action_clear(self) -> None:
        """Leave the search line; empty it; take the marks off."""
        text = self.query_one(Input)
        if text.has_focus:
            self.query_one(RunsTable).focus()
        elif text.value:
            text.value = ""
        else:
            self.unmark()

    def action_filter(self) -> None:
        """Choose what to show alone."""
        self.app.push_screen(Pick("Show only", self._filters(), "Type to find; again takes it out"), self._filtered)

    def _filters(self) -> dict[str, str]:
        found = {f"{name}:{value}": SAID[name] for name, values in run_query.VALUES.items() for value in values}
        rows = list(self.pages.rows())
        found |= {f"tag:{tag}": "a tag in this list" for row in rows for tag in row.tags}
        found |= {f"system:{row.system}": "a system in this list" for row in rows if row.system}
        found |= {f"tasks:{file}": "the prompts of this file" for file in run_query.task_files()}
        return {one_line(name): about for name, about in found.items()}

    def _filtered(self, chosen: str | None) -> None:
        if chosen is not None:
            text = self.query_one(Input)
            text.value = run_query.toggled(text.value, *_halves(chosen))


def _halves(chosen: str) -> tuple[str, str]:
    name, _, value = chosen.partition(":")
    return name, value


def _page(store: Store, ask: Ask) -> Callable[[], list[RunRow]]:
    return lambda: store.runs(ask.query, limit=SIZE, after=ask.after, skip=ask.skip)
