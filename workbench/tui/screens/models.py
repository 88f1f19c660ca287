"""The Models screen: every model there is, what it costs and whether it can be called."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec import structs
from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input

from workbench.errors import WorkbenchError
from workbench.models.listing import Listed
from workbench.tui import catalogue_words, commands, model_rows
from workbench.tui.catalogue_words import Told
from workbench.tui.commands import Where
from workbench.tui.model_rows import ORDERS, Question, Row, Scope
from workbench.tui.paged import Shown, width_in
from workbench.tui.screens.models_calls import Calling
from workbench.tui.session import Session
from workbench.tui.widgets.models_bar import ScopeLine, SearchLine
from workbench.tui.widgets.models_table import ModelsTable
from workbench.tui.widgets.words_pane import WordsPane

DRAWS_PER_SECOND = 5
"""While a call goes on."""


class Models(Calling):
    """Reads the catalogue in a thread when it is first shown; draws what was read."""

    ROOM: ClassVar[Where] = "models"
    AUTO_FOCUS: ClassVar[str | None] = "ModelsTable"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("models")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._all: Sequence[Row] | None = None
        self._left = False
        self._rows: Sequence[Row] = ()
        self._question = Question()
        self._counts: Mapping[Scope, int] = {}
        self._model = ""
        self._timer: Timer | None = None

    def paged(self) -> Shown:
        """What the pager shows."""
        width = width_in(self.app.size.width)
        return Shown("model", "\n\n".join(pane.at(width).plain for pane in self.query(WordsPane)))

    def body(self) -> ComposeResult:
        """Search and filters; the table; what is known of the selected model."""
        with Vertical(id="models-top"):
            yield SearchLine()
            yield ScopeLine()
        with Vertical(id="models-main"):
            yield ModelsTable()
            with VerticalScroll(id="models-detail"):
                yield WordsPane(id="models-about")
                yield WordsPane(id="models-work")
                yield WordsPane(id="models-machine")

    def on_mount(self) -> None:
        """Read."""
        self._timer = self.set_interval(1 / DRAWS_PER_SECOND, self.tick, pause=True)
        self.draw()
        self.read()

    def on_screen_resume(self) -> None:
        """The day's money, the limits, and what another screen has fetched since."""
        super().on_screen_resume()
        if self._left:
            self._left = False
            self.read()
        self.wake()

    def on_screen_suspend(self) -> None:
        """Nobody looks. Behind a dialog nothing changes but by it; another screen may fetch a model."""
        self._left = not isinstance(self.app.screen, ModalScreen)
        if self._timer is not None:
            self._timer.pause()

    @property
    def chosen(self) -> Listed | None:
        """The model under the cursor."""
        place = self._place
        return self._rows[place].listed if place >= 0 else None

    @property
    def _place(self) -> int:
        found = next((place for place, row in enumerate(self._rows) if row.name == self._model), -1)
        return found if found >= 0 or not self._rows else 0

    def read(self, choose: str = "") -> None:
        """The catalogue, in a thread: neither price map nor disk keep the frame waiting."""
        if self.session.services.catalogue is None:
            return

        def listing() -> list[Row]:
            rows = model_rows.index(self.catalogue.listing())
            for source in {row.info.prices.source for row in rows if row.info.prices is not None}:
                self.catalogue.price_date(source)  # kept: the first asking reads files
            return rows

        async def work() -> None:
            try:
                rows = await asyncio.to_thread(listing)
            except (WorkbenchError, OSError) as error:
                self.complain(f"The catalogue can't be read: {error}. r reads it again.", "error")
                return
            self._all, self._model = rows, choose or self._model
            self._counts = model_rows.count(rows, *self._places())
            self._ask(Question(order=self._question.order) if choose else self._question)

        self.run_worker(work(), group="read", exclusive=True)

    def wake(self) -> None:
        """Draw as time passes."""
        self.draw()
        if self._timer is not None:
            self._timer.resume()

    def tick(self) -> None:
        """Draw; sleep when nothing goes on any more."""
        self.draw()
        if self.doing is None and not self.session.under_way and self._timer is not None:
            self._timer.pause()

    def _select(self) -> None:
        here, servers = self._places()
        rows = model_rows.select(self._all or (), self._question, here, servers)
        if [row.name for row in rows] != [row.name for row in self._rows] and not any(
            row.name == self._model for row in rows
        ):
            self._model = rows[0].name if rows else self._model
        self._rows = rows
        self.query_one(ScopeLine).show(self._question, self._counts)
        self.query_one(SearchLine).show(len(rows), None if self._all is None else len(self._all))
        self.draw()

    def _places(self) -> tuple[frozenset[str], frozenset[str]]:
        """Endpoints on this machine, and all servers."""
        endpoints = self.catalogue.endpoints() if self.session.services.catalogue is not None else ()
        here = frozenset(endpoint.name for endpoint in endpoints if endpoint.loopback)
        return here, frozenset(endpoint.name for endpoint in endpoints)

    def draw(self) -> None:
        """Table and panes."""
        if not self.is_mounted or self.session.services.catalogue is None:
            return
        empty = "reading …" if self._all is None else "Nothing fits. Esc takes search and filters off."
        self.query_one(ModelsTable).show(self._rows, self._place, empty)
        row, tight = self.chosen, self._tight
        about, work, machine = (self.query_one(f"#models-{name}", WordsPane) for name in ("about", "work", "machine"))
        endpoints, looked = self.catalogue.endpoints(), self.looked
        machine.show(lambda width: catalogue_words.machine(endpoints, looked, width))
        if row is None:
            about.show(lambda width: Content(""))
            work.show(lambda width: Content(""))
            return
        told = self._told(row)
        about.show(lambda width: catalogue_words.about(told, width, tight=tight))
        work.show(lambda width: catalogue_words.work(told, width, tight=tight))

    @property
    def _tight(self) -> bool:
        """Whether the panes have few lines."""
        return self.has_class("-compact") or not (self.has_class("-tall") or self.has_class("-wide"))

    def _told(self, row: Listed) -> Told:
        info, services = row.info, self.session.services
        source = info.prices.source if info.prices is not None else ""
        found = self.billing_found(info)
        endpoint = next((each for each in self.catalogue.endpoints() if each.name == info.endpoint), None)
        return Told(
            listed=structs.replace(row, info=found),
            price_date=self.catalogue.price_date(source) if source else "",
            billing_source="the probe just now" if found is not info else self.catalogue.billing_source(info),
            limit=services.limits.known(info.endpoint),
            tested=self.tested.get(info.name),
            probed=self.probed.get(info.name),
            doing=self.doing,
            now=services.now(),
            served_at=endpoint.base_url if endpoint is not None else "",
        )

    # What the user does

    def on_models_table_pointed(self, message: ModelsTable.Pointed) -> None:
        """A click."""
        self._model = message.model
        self.query_one(ModelsTable).focus()
        self.draw()
        if message.opened:
            self.action_use()

    def on_scope_line_chosen(self, message: ScopeLine.Chosen) -> None:
        """A click on a filter."""
        self._ask(replace(self._question, scope=message.scope))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Words were typed."""
        if event.value != self._question.words:
            self._question = replace(self._question, words=event.value)
            self._model = ""
            self._select()

    def on_input_submitted(self) -> None:
        """Enter in the search: on to the table."""
        self.query_one(ModelsTable).focus()

    def action_search(self) -> None:
        """To the words."""
        self.query_one(Input).focus()

    def action_scope(self, by: int) -> None:
        """The next filter."""
        self._ask(self._question.turned(by))

    def action_endpoint(self) -> None:
        """One endpoint only, or all again."""
        only = "" if self._question.only or self.chosen is None else self.chosen.info.endpoint
        self._ask(replace(self._question, only=only))

    def action_sort(self) -> None:
        """The next order."""
        order = ORDERS[(ORDERS.index(self._question.order) + 1) % len(ORDERS)]
        self._model = ""
        self._ask(replace(self._question, order=order))

    def action_reload(self) -> None:
        """Again from the files."""
        self.read()

    def action_back(self) -> None:
        """Out of what one is in: a call, the search, the filters."""
        if self.cancel():
            return
        if self.query_one(Input).has_focus and self._question.words:
            self._ask(replace(self._question, words=""))
        elif self.query_one(Input).has_focus:
            self.query_one(ModelsTable).focus()
        elif self._question.narrow:
            self._ask(Question(order=self._question.order))

    def _ask(self, question: Question) -> None:
        self._question = question
        words = self.query_one(Input)
        if words.value != question.words:
            words.value = question.words
        self._select()

    def action_move(self, by: int) -> None:
        """The cursor moves by models."""
        if self._rows:
            self._model = self._rows[min(len(self._rows) - 1, max(0, self._place + by))].name
            self.draw()

    def action_page(self, by: int) -> None:
        """The cursor moves by pages."""
        self.action_move(by * self.query_one(ModelsTable).page)

    def action_edge(self, by: int) -> None:
        """The cursor moves to the first or last model."""
        self.action_move(by * len(self._rows))

    def on_resize(self) -> None:
        """The panes are laid out anew."""
        self.call_after_refresh(self.draw)
