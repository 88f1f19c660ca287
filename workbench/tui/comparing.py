"""The one owner of a comparison: two to four systems at one prompt, repeated. It fires and keeps what they came to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from workbench.engine.control import Control
from workbench.engine.events import AnyEvent
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.errors import WorkbenchError
from workbench.models.base import ModelInfo, Prices
from workbench.systems import tree
from workbench.systems.nodes import System
from workbench.tui.estimate import Estimate, estimate
from workbench.tui.one_run import budget_of
from workbench.tui.outcomes import Judged, Outcome, outcome
from workbench.tui.reading import Frame
from workbench.tui.services import Services, Sink

if TYPE_CHECKING:
    from workbench.ledger.queries import Grade

LEAST, MOST, MOST_REPEATS = 2, 4, 200
Doing: TypeAlias = Literal["nothing", "running", "stopping"]


class Lane(msgspec.Struct, eq=False):
    """One system of the comparison: the run that is under way (or was last), and what its runs came to."""

    system: System
    calls: tuple[int, int]
    """Fewest and most calls of one run."""
    estimate: Estimate | None = None
    """What one run will probably cost and take."""
    view: RunView = msgspec.field(default_factory=RunView)
    live: bool = False
    turn: int = 0
    """Of that run."""
    problem: str = ""
    """Why its runs could not begin."""
    outcomes: list[Outcome] = msgspec.field(default_factory=list)
    judged: Judged = Judged()
    control: Control = msgspec.field(default_factory=Control)

    def at(self, turn: int) -> Outcome | None:
        """What the run of this turn came to."""
        return next((each for each in self.outcomes if each.turn == turn), None)


class Comparing:
    """Systems side by side. Widgets draw from it and change nothing but through its methods."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.lanes: list[Lane] = []
        self.repeats = 1
        self.together = True
        """Whether the systems run at once; else one after the other, so that they do not slow each other."""
        self.id = ""
        """Of the last comparison; its runs carry the tag `compare:<id>`."""
        self.planned = 0
        """Runs of each system that the last comparison was to make."""
        self.ended, self.total = 0, 0
        """Of the last comparison's runs."""
        self.prompt = ""
        self.doing: Doing = "nothing"
        self.problem = ""
        self._task: asyncio.Task[None] | None = None
        self._changes = 0
        self._prices: dict[str, Prices | None] = {}

    @property
    def live(self) -> bool:
        """Whether models are being called."""
        return self.doing != "nothing"

    @property
    def stamp(self) -> tuple[object, ...]:
        """Changes whenever anything that is drawn has changed."""
        return (
            self._changes,
            self.doing,
            self.problem,
            self.repeats,
            self.together,
            *((id(lane.view), lane.view.version, len(lane.outcomes)) for lane in self.lanes),
        )

    @property
    def newest(self) -> int:
        """The turn that is under way, or was last."""
        return max((lane.turn for lane in self.lanes), default=0)

    def frame(self, lane: Lane) -> Frame:
        """A lane's run as it stands now."""
        view = lane.view
        since = self.services.now() - view.started_at if view.started_at else 0
        elapsed = max(view.t, since) if lane.live and not view.finished else view.t
        return Frame(view=view, elapsed=elapsed, live=lane.live, price_of=self.price_of)

    def price_of(self, model: str) -> Prices | None:
        """The model's catalogue price, asked once."""
        if model not in self._prices:
            self._prices[model] = self.services.models.info(model).prices
        return self._prices[model]

    # Which systems, and how often

    def add(self, system: System) -> bool:
        """One system more; False where there are four or runs are under way."""
        if self.live or len(self.lanes) >= MOST:
            return False
        self.lanes.append(self._lane(system))
        self._changes += 1
        return True

    def put(self, index: int, system: System) -> bool:
        """Another system in place of this one; False while runs are under way."""
        if self.live or not 0 <= index < len(self.lanes):
            return False
        self.lanes[index] = self._lane(system)
        self._changes += 1
        return True

    def remove(self, index: int) -> bool:
        """This system is compared no more; False while runs are under way."""
        if self.live or not 0 <= index < len(self.lanes):
            return False
        del self.lanes[index]
        self._changes += 1
        return True

    def _lane(self, system: System) -> Lane:
        forecast = self.services.forecast(system, self.services.config.allow_code)
        return Lane(system, (forecast.low, forecast.high))

    def repeat(self, by: int) -> None:
        """More or fewer runs of each system, from the next comparison on."""
        self.repeats = min(MOST_REPEATS, max(1, self.repeats + by))

    def models(self) -> Iterator[ModelInfo]:
        """What is known of every model that would be called, each once. Raises `WorkbenchError`."""
        names = [name for lane in self.lanes for name in tree.models(self.services.systems.resolve(lane.system))]
        return (self.services.models.info(name) for name in dict.fromkeys(names))

    async def foresee(self, prompt: str) -> None:
        """Estimate a run of each system from prices, the prompt and past calls, off the loop; without them there is no
        estimate."""
        if self.services.past_calls is None:
            return
        try:
            names = tuple(sorted(info.name for info in self.models()))
            past = await asyncio.to_thread(self.services.past_calls, names)
            for lane in self.lanes:
                root = self.services.systems.resolve(lane.system).root
                lane.estimate = estimate(root, prompt, self.price_of, past)
        except WorkbenchError:
            return  # what is wrong is told when they are fired
        self._changes += 1

    # Runs

    def fire(self, prompt: str, instruction: str = "") -> bool:
        """Begin; False where runs are under way or there are fewer than two systems. `instruction`: system prompt."""
        if self.live or len(self.lanes) < LEAST:
            return False
        self.id, self.planned, self.prompt = f"{self.services.new_seed():08x}", self.repeats, prompt
        self.ended, self.total = 0, self.repeats * len(self.lanes)
        self.lanes = [Lane(lane.system, lane.calls, lane.estimate) for lane in self.lanes]
        self.doing, self.problem = "running", ""
        self._task = asyncio.create_task(
            self._go(Task.of(prompt, system=instruction or None), self.services.new_seed())
        )
        return True

    def stop(self) -> None:
        """End all runs: calls under way are cancelled, what has arrived is kept; a second time it is not waited for."""
        if self._task is None or not self.live:
            return
        if self.doing == "stopping":
            self._task.cancel()
            return
        self.doing = "stopping"
        for lane in self.lanes:
            lane.control.stop()

    async def wait(self) -> None:
        """Until nothing goes on. Never raises what went wrong in a run."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _go(self, task: Task, seed: int) -> None:
        """Turn by turn, so that a drift of the machine or a provider meets all systems alike."""
        try:
            for turn in range(self.planned):
                again = (seed + turn) % 2**32
                if self.together:
                    async with asyncio.TaskGroup() as group:
                        for lane in self.lanes:
                            group.create_task(self._run(lane, task, turn, again))
                else:
                    for lane in self.lanes:
                        await self._run(lane, task, turn, again)
        finally:
            self.doing = "nothing"
            self._changes += 1

    async def _run(self, lane: Lane, task: Task, turn: int, seed: int) -> None:
        """One run of one system. What goes wrong stays in its lane."""
        if self.doing == "stopping" or lane.problem:
            return
        view = lane.view = RunView()
        lane.control, lane.live, lane.turn = Control(), True, turn
        try:
            await self._execute(lane, view, task, seed)
        except WorkbenchError as error:
            lane.problem = str(error)
        except Exception as error:
            lane.problem = f"internal error: {error}"
        finally:
            lane.live = False
            if view.id:
                lane.outcomes.append(outcome(view, turn))
                self.ended += 1
        await self._settle()

    async def _execute(self, lane: Lane, view: RunView, task: Task, seed: int) -> None:
        services, config = self.services, self.services.config
        system = services.systems.resolve(lane.system)
        spent = await self._spent()
        if self.doing == "stopping":
            return
        await services.execute(
            system,
            task,
            services.models,
            sinks=self._sinks(view),
            seed=seed,
            budget=budget_of(system, config),
            allow_code=config.allow_code,
            spent_today=spent,
            max_usd_per_day=config.budget.max_usd_per_day,
            limits=services.limits,
            tags=(f"compare:{self.id}",),
            control=lane.control,
        )

    def _sinks(self, view: RunView) -> list[Sink]:
        sinks: list[Sink] = [lambda event: _fold(view, event)]
        if self.services.store is not None:
            try:
                sinks.append(self.services.store.recorder())
            except WorkbenchError as error:
                self.problem = f"These runs are not kept: {error}"
        return sinks

    async def _spent(self) -> int:
        """Real money of the day, ended calls of runs that are still under way included: the ledger has them all once
        what waits is written."""
        store = self.services.store
        if store is None:
            return 0
        try:
            await store.settle()
            return (await asyncio.to_thread(store.today)).spent
        except WorkbenchError as error:
            self.problem = str(error)
            return 0

    async def _settle(self) -> None:
        if self.services.store is not None:
            try:
                await self.services.store.settle()
            except WorkbenchError as error:
                self.problem = f"These runs are not kept: {error}"

    # What the user says of them

    async def grade(self, found: Outcome, grade: Grade) -> None:
        """Whether a run's answer is right, into the ledger. Raises `WorkbenchError`."""
        if self.services.store is not None:
            await asyncio.to_thread(self.services.store.grade, found.run, grade)
        found.grade = grade
        self._changes += 1

    async def tag(self, run: str, tag: str) -> None:
        """A word about a run, into the ledger. Raises `WorkbenchError`."""
        if self.services.store is not None:
            await asyncio.to_thread(self.services.store.tag, run, tag)

    def judge(self, left: Lane, right: Lane, winner: Lane | None) -> None:
        """A blind verdict between two lanes; None is a tie."""
        for lane in (left, right):
            old = lane.judged
            lane.judged = Judged(old.better + (lane is winner), old.ties + (winner is None), old.of + 1)
        self._changes += 1


def _fold(view: RunView, event: AnyEvent) -> None:
    view.apply(event)
