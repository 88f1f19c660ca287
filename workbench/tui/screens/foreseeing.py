"""What is known before a run: what is doubtful about the system, on its nodes and in words, and what it will cost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen
from textual.widgets import TextArea

from workbench.errors import WorkbenchError
from workbench.systems import tree
from workbench.systems.nodes import System
from workbench.tui.estimate import Estimate, estimate
from workbench.tui.services import Forecast
from workbench.tui.session import Session
from workbench.tui.widgets import panes
from workbench.tui.widgets.key_bar import KeyBar
from workbench.tui.widgets.prompt_box import PromptBox, PromptText
from workbench.tui.widgets.system_tree import SystemTree

if TYPE_CHECKING:
    from workbench.ledger.past_calls import PastCalls

    _Base = Screen[None]
else:
    # Making a class of a screen costs Textual half a millisecond; of the Bench's nine parts only the last is one.
    _Base = object


class Foreseeing(_Base):
    """The Bench's part that looks ahead."""

    session: Session
    _forecast: Forecast | None = None
    _resolved: System | None = None
    _calls_of: dict[str, PastCalls] | None = None
    _asked: frozenset[str] = frozenset()

    def foresee(self) -> None:
        """The system on the bench, as it stands; after it is drawn, as checking a large one takes a while."""
        self.once_drawn(self._look)

    def once_drawn(self, callback: Callable[[], object]) -> None:
        """Do it once what has changed is drawn; never where the app has been left by then: panes go one by one."""

        def do() -> None:
            if not self.app._exit and self.query(KeyBar):
                callback()

        self.call_after_refresh(do)

    def _look(self) -> None:
        self._forecast = self.session.forecast()
        try:
            self._resolved = self.session.resolved()
        except WorkbenchError:
            self._resolved = None
        self.query_one(SystemTree).mark(panes.worst(self._forecast))
        self._tell()
        self.learn()

    def learn(self, *, again: bool = False) -> None:
        """Ask the ledger how the models' recent calls went, once for each set of models and after each run."""
        services, names = self.session.services, frozenset(tree.models(self._resolved or self.session.system))
        if services.store is not None and not services.store.ready:
            return  # once it is open
        if services.past_calls is not None and (again or not names <= self._asked):
            self._asked = names if again else self._asked | names
            self._ask(tuple(sorted(self._asked)))

    @work(exclusive=True, group="graded")
    async def weigh(self) -> None:
        """Ask the ledger what scores as the shown run's have been worth; the panes show it when it comes."""
        read, view = self.session.services.graded, self.session.view
        if read is not None and view.disagreements:
            try:
                self.session.graded[view.kind] = await asyncio.to_thread(read, view.kind)
            except WorkbenchError:
                return  # the ledger's trouble is told where runs are kept
            self.draw()

    def draw(self) -> None:
        """Every pane."""
        raise NotImplementedError

    @work(exclusive=True, group="past-calls")
    async def _ask(self, names: tuple[str, ...]) -> None:
        read = self.session.services.past_calls
        if read is not None:
            try:
                self._calls_of = dict(await asyncio.to_thread(read, names))
            except WorkbenchError:
                self._calls_of = None  # the ledger's trouble is told where runs are kept
            self._tell()

    def _tell(self) -> None:
        if self._forecast is not None and not self.app._exit and self.query(panes.Outlook):
            stale = self.query_one(panes.NotationLine).broken
            self.query_one(panes.Outlook).show(self._forecast, self._estimate(), stale=stale)

    def _estimate(self) -> Estimate | None:
        if self.session.services.past_calls is None:
            return None
        if self._resolved is None:
            return Estimate()
        wording = self.session.wording
        beside = len(wording.instruction) + sum(file.size for file in wording.attached)
        prompt = self.query_one(PromptBox).text + " " * beside  # an estimate goes by length alone
        return estimate(self._resolved.root, prompt, self.session.price_of, self._calls_of or {})

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """A longer prompt costs more."""
        if isinstance(event.text_area, PromptText):
            self._tell()

    def on_system_tree_selected(self, message: SystemTree.Selected) -> None:
        """What is said of the selected node comes first."""
        self.query_one(panes.Outlook).point(message.path)
