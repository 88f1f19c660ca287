"""What the app works on: a system and its history, and the runs that are open, each in a tab of its own.

Widgets never change anything here but through these methods.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from workbench.analysis.calibration import GradedScore
from workbench.engine.view import RunView
from workbench.errors import WorkbenchError
from workbench.models.base import ModelInfo, Prices, RunKind
from workbench.systems import tree
from workbench.systems.history import History
from workbench.systems.nodes import AnyNode, Check, System
from workbench.systems.tree import walk
from workbench.tui.firing import Firing, part
from workbench.tui.kept import Kept
from workbench.tui.one_run import Doing, Fired, OneRun, Resting
from workbench.tui.reading import Frame
from workbench.tui.services import Forecast, Past, Services
from workbench.tui.tabs import MOST, Tabs
from workbench.tui.transport import Player
from workbench.tui.wording import Wording


class Session:
    """What is on the bench: a system, a run of it, and whether something is going on."""

    def __init__(self, services: Services, system: System) -> None:
        self.services = services
        self.history = History(system)
        self.kept = Kept()
        self.kept.note(system)
        self.wording = Wording()
        self.nothing_asked = False
        """Whether the app was opened without naming a system: then a draft of the last time may come back."""
        self.ended: Callable[[OneRun], None] = lambda one: None
        """Told of each run that has ended, whichever tab is shown."""
        self.tabs = Tabs((self._new(),))
        self._warming: asyncio.Task[None] | None = None
        self._leaving: set[OneRun] = set()
        """Runs of closed tabs that are still being ended."""
        self.graded: dict[RunKind, Sequence[GradedScore]] = {}
        """What disagreement scores have been worth, by the kind of run; what is not known yet is not there."""
        self._prices: dict[str, Prices | None] = {}
        self.allow_code = services.config.allow_code
        """Whether checks may run code; the user may allow it until the app is left."""

    # The run that is shown

    @property
    def shown(self) -> OneRun:
        """The shown tab's run."""
        return self.tabs.shown

    @property
    def view(self) -> RunView:
        """Its events so far."""
        return self.shown.view

    @property
    def doing(self) -> Doing:
        """What goes on in it."""
        return self.shown.doing

    @property
    def ran(self) -> AnyNode | None:
        """The tree it was made with."""
        return self.shown.ran

    @property
    def fired(self) -> tuple[AnyNode, str] | None:
        """The tree on the bench as it was fired, and the path of the part that was."""
        return self.shown.fired

    @property
    def player(self) -> Player | None:
        """Where a past run stands."""
        return self.shown.player

    @property
    def problem(self) -> str:
        """Why it could not begin or be kept; empty where all is well."""
        return self.shown.problem

    @problem.setter
    def problem(self, said: str) -> None:
        self.shown.problem = said

    @property
    def live(self) -> bool:
        """Whether events still come."""
        return self.shown.live

    @property
    def running(self) -> bool:
        """Whether models are being called."""
        return self.shown.running

    @property
    def stamp(self) -> tuple[int, int, str, str]:
        """Changes whenever anything that is drawn of it has changed."""
        return self.shown.stamp

    @property
    def moving(self) -> bool:
        """Whether what is drawn of it changes by itself."""
        return self.shown.moving

    @property
    def instruction(self) -> str:
        """The system prompt that it was given."""
        return self.shown.instruction

    def frame(self) -> Frame:
        """It as it stands now."""
        frame = self.shown.frame(self.price_of)
        return replace(frame, graded=self.graded.get(frame.view.kind, ()))

    def past(self) -> tuple[System | None, str]:
        """System and prompt of the past run that is shown; no system where it can't be read any more."""
        return self.shown.past()

    # All of them

    @property
    def under_way(self) -> list[OneRun]:
        """The runs that models are being called for."""
        return [one for one in self.tabs.items if one.running]

    def open_tab(self) -> bool:
        """An empty tab right of the shown one, shown from now on; False where there is no room."""
        if self.tabs.full:
            return False
        self.tabs = self.tabs.opened(self._new())
        return True

    def close_tab(self) -> None:
        """The shown tab goes; a run in it is cancelled, what has arrived is kept."""
        if self.shown.running:
            self._leaving.add(self.shown)
        self.shown.stop()
        self.tabs = self.tabs.closed(self._new())
        self.shown.rouse()

    def to_tab(self, at: int) -> None:
        """Show the tab at this index."""
        self.tabs = self.tabs.gone(at)
        self.shown.rouse()

    def bring_back(self, left: Sequence[Resting | None], at: int) -> None:
        """The tabs of another time (None: an empty one), the one at this index shown. What is on the bench by now stays
        shown, right of as many of them as there is room for."""
        own = tuple(one for one in self.tabs.items if one.live or one.id)
        old = tuple(self._new(resting) for resting in left[: MOST - len(own)])
        at = len(old) + own.index(self.shown) if self.shown in own else at
        self.tabs = Tabs((*old, *own)).gone(at)
        self.shown.rouse()

    def _new(self, resting: Resting | None = None) -> OneRun:
        one = OneRun(self.services, self._over)
        if resting is not None:
            one.rest(resting)
        return one

    def _over(self, one: OneRun) -> None:
        self._leaving.discard(one)
        self.ended(one)

    def today(self) -> Past | None:
        """The day so far; None where there is no ledger or it can't be read."""
        try:
            return self.services.store.today() if self.services.store is not None else None
        except WorkbenchError as error:
            self.problem = str(error)
            return None

    def price_of(self, model: str) -> Prices | None:
        """The model's catalogue price, asked once."""
        if model not in self._prices:
            self._prices[model] = self.services.models.info(model).prices
        return self._prices[model]

    @property
    def system(self) -> System:
        """The system on the bench; its history undoes and redoes."""
        return self.history.system

    def open(self, system: System, file: Path | None = None) -> None:
        """Put a saved system on the bench; undo brings the one before it back."""
        self.history.do(system)
        self.history.mark_saved()
        self.kept.note(system, file or self.services.systems.file_of(system.name))

    def came_from(self, text: str) -> None:
        """The system on the bench is what `text` (a name or a path) says: its `$./…` are relative to that file."""
        self.kept.note(self.system, self.services.systems.file_of(text))

    def resolved(self, system: System | None = None) -> System:
        """The system on the bench, or a part of it, `$refs` followed. Raises `SystemFileError`."""
        return self.services.systems.resolve(system or self.system, self.kept.file(self.system))

    def forecast(self, system: System | None = None) -> Forecast:
        """What firing the system, or a part of it, would do."""
        return self.services.forecast(system or self.system, self.allow_code)

    def runs_code(self) -> bool:
        """Whether a check of the system would run code."""
        try:
            nodes = [node for _, node in walk(self.resolved().root)]
        except WorkbenchError:
            return False
        return any(isinstance(node, Check) and node.runs_code for node in nodes)

    def models(self) -> list[ModelInfo]:
        """What is known of every model that the system may call, `$refs` followed; empty where one can't be read."""
        try:
            resolved = self.resolved()
        except WorkbenchError:
            return []
        return [self.services.models.info(name) for name in tree.models(resolved)]

    def warm(self) -> None:
        """Importing LiteLLM takes seconds: it begins once one of its models stands on the bench, before the first call
        and after the frame that shows it."""
        warm = self.services.warm
        if warm is None or self._warming is not None:
            return
        if any(info.provider == "litellm" and info.available for info in self.models()):
            self._warming = asyncio.create_task(_quietly(warm))

    def run(self, prompt: str, firing: Firing = Firing()) -> bool:
        """Fire the system; False where a run is under way in this tab, or what is to be fired can't be. A replay is let
        go of."""
        if self.running:
            return False
        try:
            system = part(self.system, firing.at)
        except WorkbenchError as error:
            self.problem = str(error)
            return False
        resolved, root = partial(self.resolved, system), self.system.root
        return self.shown.run(Fired(system.name, prompt, resolved, root, firing, self.allow_code, self._spent))

    async def _spent(self) -> int:
        """Real money of the day, ended calls of runs that are still under way included: the ledger has them all once
        what waits is written."""
        if len(self.under_way) > 1 and self.services.store is not None:
            with contextlib.suppress(WorkbenchError):  # a ledger that can't be written says so at the run's end
                await self.services.store.settle()
        past = self.today()
        return past.spent if past is not None else 0

    def replay(self, ref: str, speed: float = 1.0) -> bool:
        """Show a past run with its own timing; False where a run is under way or there is no such run."""
        return self.shown.replay(ref, speed)

    def show(self, ref: str) -> bool:
        """A past run as it stood at its end; False where a run is under way or there is no such run."""
        return self.shown.show(ref)

    def go_on(self) -> None:
        """After a seek from a replay's end the time runs on from there, or stands, as it did before."""
        self.shown.go_on()

    def stop(self) -> None:
        """End the shown run, or jump to a replay's end. Returns at once; `wait` waits."""
        self.shown.stop()

    def stop_all(self) -> None:
        """End every run."""
        for one in self.tabs.items:
            one.stop()

    def stop_call(self, call: str) -> None:
        """End one call of the shown run; its node goes on with the rest."""
        self.shown.stop_call(call)

    async def wait(self) -> None:
        """Until nothing goes on in any tab. Never raises what went wrong in a run."""
        for one in (*self.tabs.items, *self._leaving):
            await one.wait()


async def _quietly(warm: Callable[[], Awaitable[None]]) -> None:
    with contextlib.suppress(WorkbenchError):  # the first call says what is wrong
        await warm()
