"""Made-up comparisons: an engine that tells a different story for each system, and the app around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs
from textual.pilot import Pilot

from tests.tui.idling import MOMENT
from tests.tui.scripted import (
    MS,
    PROMPT,
    REASONER,
    STARTED,
    FakeStore,
    FakeSystems,
    Script,
    long_run,
    race_and_judge,
    services,
)
from workbench.engine import events as e
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.models.base import Models
from workbench.systems.nodes import Model, System
from workbench.tui.app import WorkbenchApp
from workbench.tui.screens.compare import Compare
from workbench.tui.services import Sink
from workbench.tui.widgets.compare_answers import CompareAnswers

SINGLE = System(name="single", description="One call.", root=Model(model=REASONER))
SIMULATED = System(name="pretend", description="Simulated.", root=Model(model="sim/small"))
STORY = "Six groups of seven make forty-three: 7 + 7 = 14, 14 + 14 = 28, 28 + 15 = 43.\n\nFinal answer: **43**"


def one_call(system: System, at: int = 2100, text: str = STORY, key: str | None = "43") -> list[e.AnyEvent]:
    """A single call from start to end; `at` is milliseconds."""
    simulated = system.name == "pretend"
    s = Script(system, "simulated" if simulated else "real")
    s.start()
    s.node(0, "", "model")
    s.call(1, "c1", "", 1, "sim/small" if simulated else REASONER)
    s.first(420, "c1")
    for index, word in enumerate(text.split(" ")):
        s.say(430 + index * 40, "c1", word + " ")
    s.end(at, "c1", "done", 140)
    s.candidate(at + 1, "k1", "", "c1", text, key, completion_tokens=140)
    s.events.append(e.NodeFinished(t=(at + 2) * MS, node="", status="done"))
    s.events.append(e.RunFinished(t=(at + 3) * MS, status="done", answer="k1"))
    return s.events


Tell = Callable[[System, int], Sequence[e.AnyEvent]]


def tell(system: System, turn: int) -> Sequence[e.AnyEvent]:
    """The long run for systems of many calls; a single call takes longer with every repeat."""
    return one_call(system, 2100 + 150 * turn) if isinstance(system.root, Model) else long_run(system)


@dataclass
class Stage:
    """In place of the engine: tells each system's story; `hold` stays in mid-run until the run is stopped."""

    tell: Tell = tell
    hold: bool = False
    until_ms: int | None = None
    fired: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    error: Exception | None = None
    under_way: int = 0
    most_at_once: int = 0
    meet: int = 1
    """So many must once have been under way before any ends: a story takes no time, what comes before it may."""
    met: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(
        self, system: System, task: Task, models: Models, *, sinks: Sequence[Sink], **options: Any
    ) -> RunView:
        turn = sum(name == system.name for name, _ in self.fired)
        self.fired.append((system.name, options))
        self.tasks.append(task)
        if self.error is not None:
            raise self.error
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        if self.most_at_once >= self.meet:
            self.met.set()
        held = _Held()
        options["control"].attach(held)
        told = list(self.tell(system, turn))
        if self.hold:
            told = [event for event in told if event.t <= (self.until_ms or 0) * MS]
        for event in told:
            if isinstance(event, e.RunStarted):
                event = structs.replace(event, run=f"{system.name[:4]}{turn:08d}", tags=tuple(options["tags"]))
            for sink in sinks:
                sink(event)
        await asyncio.sleep(0)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.met.wait(), 5)
        if self.hold:
            await held.stop.wait()
            for sink in sinks:
                sink(e.RunFinished(t=told[-1].t, status="cancelled", reason="stopped by hand"))
        self.under_way -= 1
        return RunView()


class _Held:
    """What a control stops."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.open_calls: dict[str, Any] = {}

    def halt(self, status: str, reason: str) -> None:
        self.stop.set()


@dataclass
class Ledger(FakeStore):
    """Remembers grades and tags, and every run it was told."""

    grades: list[tuple[str, str]] = field(default_factory=list)
    tags: list[tuple[str, ...]] = field(default_factory=list)
    problem: Exception | None = None

    def grade(self, ref: str, grade: Any) -> None:
        if self.problem is not None:
            raise self.problem
        self.grades.append((ref, grade))

    def tag(self, ref: str, *tags: str) -> None:
        if self.problem is not None:
            raise self.problem
        self.tags.append((ref, *tags))

    def events(self, ref: str) -> list[e.AnyEvent]:
        runs: list[list[e.AnyEvent]] = []
        for event in self.recorded:
            if isinstance(event, e.RunStarted):
                runs.append([])
            runs[-1].append(event)
        return next(events for events in runs if isinstance(events[0], e.RunStarted) and events[0].run == ref)


def app_with(stage: Stage | None = None, store: FakeStore | None = None, now_ms: int = 0, **more: Any) -> WorkbenchApp:
    """The app with three systems known and the race on the bench."""
    known: dict[str, Any] = {
        "systems": FakeSystems(race_and_judge(), SINGLE, SIMULATED),
        "store": store if store is not None else Ledger(),
        "now": lambda: STARTED + now_ms * MS,
    }
    given = services(stage or Stage(), **{**known, **more})
    return WorkbenchApp(given, system=race_and_judge(), prompt=PROMPT)


@asynccontextmanager
async def comparing(
    stage: Stage | None = None, *, size: tuple[int, int] = (120, 40), **more: Any
) -> AsyncIterator[Pilot[int]]:
    """A pilot on the Compare screen."""
    app = app_with(stage, **more)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await app.run_action("go('compare')")
        await pilot.pause()
        yield pilot
        if app.comparing.live:
            app.comparing.stop()
            await app.comparing.wait()


def app_of(pilot: Pilot[Any]) -> WorkbenchApp:
    assert isinstance(pilot.app, WorkbenchApp)
    return pilot.app


def screen_of(pilot: Pilot[Any]) -> Compare:
    screen = pilot.app.screen
    assert isinstance(screen, Compare)
    return screen


async def settle(pilot: Pilot[Any]) -> None:
    """Until the screen shows how things stand."""
    for _ in range(3):
        await pilot.pause()
    if isinstance(pilot.app.screen, Compare):
        pilot.app.screen.tick()
        await pilot.pause()


async def fire(pilot: Pilot[Any]) -> None:
    """Ctrl+R, to the end of all runs."""
    await pilot.press("ctrl+r")
    await app_of(pilot).comparing.wait()
    await settle(pilot)


async def begin(pilot: Pilot[Any], stage: Stage, count: int) -> None:
    """Ctrl+R, until so many runs are under way."""
    await pilot.press("ctrl+r")
    for _ in range(200):
        if stage.under_way >= count:
            break
        await pilot.pause(MOMENT)
    await settle(pilot)


def seen(pilot: Pilot[Any], widget: type[Any]) -> str:
    """What a widget shows, as text."""
    found = pilot.app.screen.query_one(widget)
    if isinstance(found, CompareAnswers):
        found = found.query_one("#compare-text")
    return "\n".join("".join(segment.text for segment in found.render_line(y)) for y in range(found.size.height))


def said(pilot: Pilot[Any]) -> str:
    """All toasts."""
    return " ".join(str(notification.message) for notification in pilot.app._notifications)
