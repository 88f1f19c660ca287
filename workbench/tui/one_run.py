"""One run of a system, now or long ago: it fires the engine or a replay, folds the events into a RunView and says that
it changed. Widgets know nothing of engine or ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Literal, TypeAlias

import msgspec

from workbench.config import Config
from workbench.engine.control import Control
from workbench.engine.events import AnyEvent, RunStarted
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.errors import WorkbenchError
from workbench.systems.nodes import AnyNode, Budget, System
from workbench.tui.firing import Firing, finishing
from workbench.tui.reading import Frame, PriceOf, standing
from workbench.tui.services import Services, Sink
from workbench.tui.transport import Player, Reel

Doing: TypeAlias = Literal["nothing", "running", "stopping", "replaying"]


class Fired(msgspec.Struct, frozen=True):
    """What is fired. `system`: with all its `$refs` followed; `root`: the tree on the bench, of which `firing.at` is
    the part that is fired; `spent_today`: pico-dollars."""

    name: str
    prompt: str
    system: Callable[[], System]
    root: AnyNode
    firing: Firing
    allow_code: bool
    spent_today: Callable[[], Awaitable[int]]


class Resting(msgspec.Struct, frozen=True):
    """What is known of a past run before it is read. `status`: as it ended, None where that is not known."""

    run: str
    system: str
    status: str | None


class OneRun:
    """A run of now, a replay, or nothing yet. `ended` is called once after each run that models were called for."""

    def __init__(self, services: Services, ended: Callable[[OneRun], None] = lambda one: None) -> None:
        self.services = services
        self.view = RunView()
        self.doing: Doing = "nothing"
        self.problem = ""
        """Why the run could not begin or be kept; empty where all is well."""
        self.ran: AnyNode | None = None
        """The tree that the run was made with; the tree on the bench may have changed since."""
        self.fired: tuple[AnyNode, str] | None = None
        """The tree on the bench as it was fired now, and the path of the part of it that was."""
        self.name = ""
        """The system's, as far as it is known."""
        self.player: Player | None = None
        """Where the past run that is shown stands; None for a run of now, and until a past one is read."""
        self.resting: Resting | None = None
        """A past run that is read once it is looked at; as long as it is being read it stays known."""
        self._ended = ended
        self._task: asyncio.Task[None] | None = None
        self._to_end = False
        self._control = Control()
        self._clock: Callable[[], int] = lambda: 0

    @property
    def id(self) -> str:
        """Of the run, read or not; empty where there is none."""
        return self.view.id or (self.resting.run if self.resting is not None else "")

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

    def frame(self, price_of: PriceOf) -> Frame:
        """The run as it stands now."""
        return Frame(
            view=self.view,
            elapsed=self._elapsed(),
            live=self.live,
            replay=self.doing == "replaying",
            price_of=price_of,
            standing=standing(self.view),
        )

    def run(self, fired: Fired) -> bool:
        """Fire; False where this run is under way already. A replay is let go of."""
        if self.running:
            return False
        self._begin("running", self._run(fired))
        self.fired, self.name = (fired.root, fired.firing.at), fired.name
        return True

    def replay(self, ref: str, speed: float = 1.0) -> bool:
        """Show a past run with its own timing; False where a run is under way or there is no such run."""
        if self.running or self.services.store is None:
            return False
        try:
            events = self.services.store.events(ref)
        except WorkbenchError as error:
            self.problem = str(error)
            return False
        self._begin("replaying", self._replay(events, speed))
        return True

    def show(self, ref: str) -> bool:
        """A past run as it stood at its end; False where a run is under way or there is no such run."""
        if not self.replay(ref):
            return False
        self._to_end = True
        return True

    def rest(self, resting: Resting) -> None:
        """Hold a past run that nobody looks at yet."""
        self.resting, self.name = resting, resting.system

    def rouse(self) -> None:
        """Somebody looks: the run that rests here is read, and shown as it stood at its end."""
        resting = self.resting
        if resting is None or self.live or self.view.id:
            return
        there = self.show(resting.run)
        self.resting, self.name = (resting, resting.system) if there else (None, "")

    def past(self) -> tuple[System | None, str]:
        """System and prompt of the past run that is shown; no system where it can't be read any more."""
        started = self.player.reel.started if self.player is not None else None
        if started is None:
            return None, ""
        return _system(started), next((m.content for m in reversed(started.messages) if m.role == "user"), "")

    @property
    def instruction(self) -> str:
        """The system prompt that the shown run was given."""
        return next((message.content for message in self.view.messages if message.role == "system"), "")

    @property
    def moving(self) -> bool:
        """Whether what is drawn changes by itself."""
        return self.live and not (self.player is not None and self.player.paused)

    def go_on(self) -> None:
        """After a seek from a replay's end the time runs on from there, or stands, as it did before."""
        if self.player is not None and not self.live and not self.player.at_end:
            self.doing = "replaying"
            self._task = asyncio.create_task(self._play(self.player))

    def stop(self) -> None:
        """End the run: its calls are cancelled, the best answer so far stands; a second time it is not waited for. Or
        jump to a replay's end. Returns at once; `wait` waits."""
        if self._task is None or not self.live:
            return
        if self.doing == "running" and self.view.id:
            self.doing = "stopping"
            self._control.stop()
        else:
            self._task.cancel()

    def stop_call(self, call: str) -> None:
        """End one call; its node goes on with the rest."""
        if self.doing == "running":
            self._control.stop_call(call)

    async def wait(self) -> None:
        """Until nothing goes on. Never raises what went wrong in the run."""
        if self._task is not None:
            await asyncio.wait({self._task})

    def take(self, event: AnyEvent) -> None:
        """The sink: one event into the view."""
        if isinstance(event, RunStarted):
            self.ran, self.name = _root(event), event.system
        self.view.apply(event)

    def _begin(self, doing: Doing, work: Coroutine[None, None, None]) -> None:
        self.view, self.ran, self.problem, self.doing, self.name = RunView(), None, "", doing, ""
        self.player, self._to_end, self.fired, self.resting = None, False, None, None
        self._clock = self._since_start
        before, self._task = self._task, asyncio.create_task(work)
        self._task.add_done_callback(self._never_begun)
        if before is not None:
            before.cancel()  # a replay that another run takes the place of

    def _never_begun(self, task: asyncio.Task[None]) -> None:
        """Work that is cancelled ahead of its first step ends without a word of its own."""
        if task is self._task and task.cancelled():
            self.doing = "nothing"

    async def _run(self, fired: Fired) -> None:
        services, config, firing = self.services, self.services.config, fired.firing
        self._control = Control()
        try:
            spent = await fired.spent_today()
            system = fired.system()
            await services.execute(
                finishing(system) if firing.let_finish else system,
                Task.of(fired.prompt, system=firing.instruction or None),
                services.models,
                sinks=self._sinks(),
                seed=services.new_seed() if firing.seed is None else firing.seed,
                budget=budget_of(system, config),
                allow_code=fired.allow_code,
                spent_today=spent,
                max_usd_per_day=config.budget.max_usd_per_day,
                limits=services.limits,
                control=self._control,
            )
            await self._settle()
        except WorkbenchError as error:
            self.problem = str(error)
        finally:
            self.doing = "nothing"
            self._ended(self)

    async def _settle(self) -> None:
        if self.services.store is not None:
            try:
                await self.services.store.settle()
            except WorkbenchError as error:
                self.problem = f"This run is not kept: {error}"

    def _sinks(self) -> list[Sink]:
        sinks: list[Sink] = [self.take]
        if self.services.store is not None:
            try:
                sinks.append(self.services.store.recorder())
            except WorkbenchError as error:
                self.problem = f"This run is not kept: {error}"
        return sinks

    async def _replay(self, events: Iterable[AnyEvent], speed: float) -> None:
        services, reading = self.services, asyncio.create_task(asyncio.to_thread(Reel, events))
        try:
            try:
                reel = await asyncio.shield(reading)
            except asyncio.CancelledError:
                if self._mine:
                    self._to_end = True  # whoever stops a replay that is still being read wants to see its end
                reel = await reading
        except WorkbenchError as error:
            if self._mine:
                self.problem, self.doing = str(error), "nothing"
            return
        if not self._mine:
            return
        player = Player(reel, take=self.take, show=self._jump, now=services.now, sleep=services.sleep, speed=speed)
        self.player, self._clock = player, lambda: player.position
        if self._to_end:
            player.pause(True)
            player.seek(reel.duration)
        await self._play(player)

    async def _play(self, player: Player) -> None:
        try:
            await player.play()
        except asyncio.CancelledError:
            if self._mine:
                player.seek(player.reel.duration)
        finally:
            if self._mine:
                self.doing = "nothing"

    @property
    def _mine(self) -> bool:
        """Whether the task that asks is still the one that fills the bench."""
        return self._task is asyncio.current_task()

    def _jump(self, view: RunView) -> None:
        """A replay stands somewhere else now."""
        self.view = view
        if self.player is not None:
            started = self.player.reel.started
            self.ran = _root(started) if started is not None and view.id else None
            self.name = started.system if started is not None else ""

    def _elapsed(self) -> int:
        return max(self.view.t, self._clock()) if self.live and not self.view.finished else self.view.t

    def _since_start(self) -> int:
        return self.services.now() - self.view.started_at if self.view.started_at else 0


def budget_of(system: System, config: Config) -> Budget:
    """The system's own budget, filled in from config where it says nothing."""
    own, standing = system.budget, config.budget
    return Budget(
        max_usd=own.max_usd or standing.max_usd,
        max_tokens=own.max_tokens or standing.max_tokens,
        deadline=own.deadline or standing.deadline,
    )


def _root(event: RunStarted) -> AnyNode | None:
    system = _system(event)
    return None if system is None else system.root


def _system(event: RunStarted) -> System | None:
    try:
        return msgspec.json.decode(event.system_json, type=System)
    except msgspec.DecodeError:
        return None
