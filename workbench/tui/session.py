"""The one owner of a run: it fires the engine or a replay, folds the events into a RunView and says that it changed.

Widgets never change anything here but through these methods, and know nothing of engine or ledger.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from workbench.config import Config
from workbench.engine.events import AnyEvent, RunStarted
from workbench.engine.run import Control
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.errors import WorkbenchError
from workbench.models.base import ModelInfo, Prices
from workbench.systems.history import History
from workbench.systems.nodes import AnyNode, Budget, Check, Model, System
from workbench.systems.tree import walk
from workbench.tui.firing import Firing, finishing, part
from workbench.tui.kept import Kept
from workbench.tui.reading import Frame, standing
from workbench.tui.services import Forecast, Past, Services, Sink
from workbench.tui.transport import Player, Reel
from workbench.tui.wording import Wording

Doing: TypeAlias = Literal["nothing", "running", "stopping", "replaying"]
_systems = msgspec.json.Decoder(System)


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
        self.view = RunView()
        self.doing: Doing = "nothing"
        self.problem = ""
        """Why the last run could not begin or be kept; empty where all is well."""
        self.ran: AnyNode | None = None
        """The tree that the run was made with; the tree on the bench may have changed since."""
        self.fired: tuple[AnyNode, str] | None = None
        """The tree on the bench as it was fired now, and the path of the part of it that was."""
        self._task: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None
        self.player: Player | None = None
        """Where the past run that is shown stands; None for a run of now, and until a past one is read."""
        self._to_end = False
        self._control = Control()
        self._clock: Callable[[], int] = lambda: 0
        self._prices: dict[str, Prices | None] = {}
        self.allow_code = services.config.allow_code
        """Whether checks may run code; the user may allow it until the app is left."""

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
        return [self.services.models.info(name) for name in model_names(resolved)]

    def warm(self) -> None:
        """Importing LiteLLM takes seconds: it begins once one of its models stands on the bench, before the first call
        and after the frame that shows it."""
        warm = self.services.warm
        if warm is None or self._warming is not None:
            return
        if any(info.provider == "litellm" and info.available for info in self.models()):
            self._warming = asyncio.create_task(_quietly(warm))

    def run(self, prompt: str, firing: Firing = Firing()) -> bool:
        """Fire the system; False where a run is under way already, or what is to be fired can't be. A replay is let
        go of."""
        if self.running:
            return False
        try:
            system = part(self.system, firing.at)
        except WorkbenchError as error:
            self.problem = str(error)
            return False
        self._begin("running", self._run(prompt, system, firing))
        self.fired = self.system.root, firing.at
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
            self.ran = _root(event)
        self.view.apply(event)

    def _begin(self, doing: Doing, work: Coroutine[None, None, None]) -> None:
        self.view, self.ran, self.problem, self.doing = RunView(), None, "", doing
        self.player, self._to_end, self.fired = None, False, None
        self._clock = self._since_start
        before, self._task = self._task, asyncio.create_task(work)
        self._task.add_done_callback(self._never_begun)
        if before is not None:
            before.cancel()  # a replay that another run takes the place of

    def _never_begun(self, task: asyncio.Task[None]) -> None:
        """Work that is cancelled ahead of its first step ends without a word of its own."""
        if task is self._task and task.cancelled():
            self.doing = "nothing"

    async def _run(self, prompt: str, system: System, firing: Firing) -> None:
        services, config = self.services, self.services.config
        self._control = Control()
        past = self.today()
        try:
            system = self.resolved(system)
            await services.execute(
                finishing(system) if firing.let_finish else system,
                Task.of(prompt, system=firing.instruction or None),
                services.models,
                sinks=self._sinks(),
                seed=services.new_seed() if firing.seed is None else firing.seed,
                budget=budget_of(system, config),
                allow_code=self.allow_code,
                spent_today=past.spent if past is not None else 0,
                max_usd_per_day=config.budget.max_usd_per_day,
                limits=services.limits,
                control=self._control,
            )
            await self._settle()
        except WorkbenchError as error:
            self.problem = str(error)
        finally:
            self.doing = "nothing"

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

    def _elapsed(self) -> int:
        return max(self.view.t, self._clock()) if self.live and not self.view.finished else self.view.t

    def _since_start(self) -> int:
        return self.services.now() - self.view.started_at if self.view.started_at else 0


async def _quietly(warm: Callable[[], Awaitable[None]]) -> None:
    with contextlib.suppress(WorkbenchError):  # the first call says what is wrong
        await warm()


def budget_of(system: System, config: Config) -> Budget:
    """The system's own budget, filled in from config where it says nothing."""
    own, standing = system.budget, config.budget
    return Budget(
        max_usd=own.max_usd or standing.max_usd,
        max_tokens=own.max_tokens or standing.max_tokens,
        deadline=own.deadline or standing.deadline,
    )


def model_names(system: System) -> list[str]:
    """Every model the system names, each once: its nodes', and those that extract answer keys."""
    nodes = [node for _, node in walk(system.root)]
    names = [node.model for node in nodes if isinstance(node, Model)]
    extracts = [system.extract, *(getattr(node, "extract", "") for node in nodes)]
    names += [extract.removeprefix("model:") for extract in extracts if extract.startswith("model:")]
    return list(dict.fromkeys(names))


def _root(event: RunStarted) -> AnyNode | None:
    system = _system(event)
    return None if system is None else system.root


def _system(event: RunStarted) -> System | None:
    try:
        return _systems.decode(event.system_json)
    except msgspec.DecodeError:
        return None
