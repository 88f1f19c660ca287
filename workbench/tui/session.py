"""The one owner of a run: it fires the engine or a replay, folds the events into a RunView and says that it changed.

Widgets never change anything here but through these methods, and know nothing of engine or ledger.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Literal, TypeAlias

import msgspec

from workbench.engine.events import AnyEvent, RunStarted
from workbench.engine.view import RunView
from workbench.errors import WorkbenchError
from workbench.models.base import Prices
from workbench.systems.nodes import AnyNode, System
from workbench.tui.reading import Frame, standing
from workbench.tui.services import Past, Services, Sink

Doing: TypeAlias = Literal["nothing", "running", "stopping", "replaying"]
GRAIN = 20_000_000
"""Nanoseconds: a replay's waits shorter than this are not waited for one by one."""
_systems = msgspec.json.Decoder(System)


class Session:
    """What is on the bench: a system, a run of it, and whether something is going on."""

    def __init__(self, services: Services, system: System) -> None:
        self.services = services
        self.system = system
        self.view = RunView()
        self.doing: Doing = "nothing"
        self.problem = ""
        """Why the last run could not begin or be kept; empty where all is well."""
        self.ran: AnyNode | None = None
        """The tree that the run was made with; the tree on the bench may have changed since."""
        self._undo: list[System] = []
        self._redo: list[System] = []
        self._task: asyncio.Task[None] | None = None
        self._clock: Callable[[], int] = lambda: 0
        self._prices: dict[str, Prices | None] = {}

    @property
    def live(self) -> bool:
        """Whether events still come."""
        return self.doing != "nothing"

    @property
    def running(self) -> bool:
        """Whether models are being called."""
        return self.doing in ("running", "stopping")

    @property
    def stamp(self) -> tuple[int, int, str, str]:
        """Changes whenever anything that is drawn has changed."""
        return id(self.view), self.view.version, self.doing, self.problem

    def today(self) -> Past | None:
        """The day so far; None where there is no ledger or it can't be read."""
        try:
            return self.services.store.today() if self.services.store is not None else None
        except WorkbenchError as error:
            self.problem = str(error)
            return None

    def frame(self) -> Frame:
        """The run as it stands now."""
        return Frame(
            view=self.view,
            elapsed=self._elapsed(),
            live=self.live,
            replay=self.doing == "replaying",
            price_of=self.price_of,
            standing=standing(self.view),
        )

    def price_of(self, model: str) -> Prices | None:
        """The model's catalogue price, asked once."""
        if model not in self._prices:
            self._prices[model] = self.services.models.info(model).prices
        return self._prices[model]

    def change(self, system: System) -> None:
        """Put another system on the bench; `undo` brings the last one back."""
        if system != self.system:
            self._undo.append(self.system)
            self._redo.clear()
            self.system = system

    def undo(self) -> bool:
        """The system before the last change; False where there is none."""
        return self._step(self._undo, self._redo)

    def redo(self) -> bool:
        """The change that was taken back; False where there is none."""
        return self._step(self._redo, self._undo)

    def _step(self, source: list[System], other: list[System]) -> bool:
        if not source:
            return False
        other.append(self.system)
        self.system = source.pop()
        return True

    def run(self, prompt: str) -> bool:
        """Fire the system; False where something is under way already."""
        if self.live:
            return False
        self._begin("running", self._run(prompt))
        return True

    def replay(self, ref: str, speed: float = 1.0) -> bool:
        """Show a past run with its own timing; False where something is under way or there is no such run."""
        if self.live or self.services.store is None:
            return False
        try:
            events = deque(self.services.store.events(ref))
        except WorkbenchError as error:
            self.problem = str(error)
            return False
        self._begin("replaying", self._replay(events, speed))
        return True

    def stop(self) -> None:
        """Cancel the run, or jump to a replay's end. Returns at once; `wait` waits."""
        if self._task is not None and self.live:
            self.doing = "stopping" if self.doing == "running" else self.doing
            self._task.cancel()

    async def wait(self) -> None:
        """Until nothing goes on. Never raises what went wrong in the run."""
        if self._task is not None:
            await asyncio.wait({self._task})

    def take(self, event: AnyEvent) -> None:
        """The sink: one event into the view."""
        if isinstance(event, RunStarted):
            self.ran = _root(event)
        self.view.apply(event)

    def _begin(self, doing: Doing, work: Coroutine[None, None, None]) -> None:
        self.view, self.ran, self.problem, self.doing = RunView(), None, "", doing
        self._clock = self._since_start
        self._task = asyncio.create_task(work)

    async def _run(self, prompt: str) -> None:
        services = self.services
        try:
            await services.execute(
                services.systems.resolve(self.system),
                services.make_task(prompt),
                services.models,
                sinks=self._sinks(),
                seed=services.new_seed(),
                **services.options,
            )
        except WorkbenchError as error:
            self.problem = str(error)
        finally:
            self.doing = "nothing"

    def _sinks(self) -> list[Sink]:
        sinks: list[Sink] = [self.take]
        if self.services.store is not None:
            try:
                sinks.append(self.services.store.recorder())
            except WorkbenchError as error:
                self.problem = f"This run is not kept: {error}"
        return sinks

    async def _replay(self, events: deque[AnyEvent], speed: float) -> None:
        began = self.services.now()
        self._clock = lambda: min(round((self.services.now() - began) * speed), events[0].t if events else self.view.t)
        try:
            while events:
                wait = events[0].t / speed - (self.services.now() - began)
                if wait > GRAIN:
                    await self.services.sleep(wait / 1e9)
                self.take(events.popleft())
        except asyncio.CancelledError:
            while events:
                self.take(events.popleft())
        finally:
            self.doing = "nothing"

    def _elapsed(self) -> int:
        return max(self.view.t, self._clock()) if self.live and not self.view.finished else self.view.t

    def _since_start(self) -> int:
        return self.services.now() - self.view.started_at if self.view.started_at else 0


def _root(event: RunStarted) -> AnyNode | None:
    try:
        return _systems.decode(event.system_json).root
    except msgspec.DecodeError:
        return None
