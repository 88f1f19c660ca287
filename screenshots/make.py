"""Makes the pictures in this folder: `python -m screenshots.make`, or `make screenshots`.

They show a real race, `race.jsonl`, replayed in the real app without a terminal; no model is called, so that the same
pictures come out everywhere. `--record` runs the race anew on the embedded model first and replaces that file.
"""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec

from workbench.config import Config
from workbench.engine import events as e
from workbench.engine.run import execute
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.models.catalogue import Catalogue
from workbench.systems import checks, counting, notation
from workbench.systems.library import Library
from workbench.systems.nodes import System
from workbench.tui.app import WorkbenchApp
from workbench.tui.services import Doubt, Forecast, Past, Services, Sink

HERE = Path(__file__).parent
RACE = HERE / "race.jsonl"
SYSTEM = System(name="five replicas", root=notation.parse("race(5*local/smollm2-135m@0.8)"))
PROMPT = "Name the largest planet and say why it is so large."
SIZE = (120, 32)
FONTS = "'Fira Code', 'Cascadia Code', Menlo, Consolas, 'DejaVu Sans Mono', monospace"


class Clock:
    """Time that passes only when someone sleeps, and stops for good at `limit` nanoseconds."""

    def __init__(self, limit: int) -> None:
        self.ns = 0
        self._limit = limit
        self.stopped = asyncio.Event()

    def now(self) -> int:
        """Nanoseconds."""
        return self.ns

    async def sleep(self, seconds: float) -> None:
        """Jump, or stay where the limit lies between."""
        self.ns = min(self._limit, self.ns + round(seconds * 1e9))
        if self.ns < self._limit:
            await asyncio.sleep(0)
        else:
            self.stopped.set()
            await asyncio.Event().wait()


class OneRun:
    """The recorded race in place of a ledger."""

    def __init__(self, events: Sequence[e.AnyEvent]) -> None:
        self._events = events

    ready: ClassVar[bool] = True

    def open(self) -> None:
        """It always is."""

    def recorder(self) -> Sink:
        """Nothing is kept here."""
        return lambda event: None

    def events(self, ref: str) -> Iterator[e.AnyEvent]:
        """The race, whatever is asked for."""
        return iter(self._events)

    async def settle(self) -> None:
        """There is nothing to wait for."""

    def today(self) -> Past:
        """That race and what it cost."""
        return Past(spent=RunView().apply_all(self._events).known_cost(), runs=1)

    def close(self) -> None:
        """There is nothing to close."""


def services(events: Sequence[e.AnyEvent], clock: Clock) -> Services:
    """The app's own services, but for its ledger and its clock."""
    config = Config()
    models = Catalogue(config)

    def forecast(system: System, allow_code: bool) -> Forecast:
        count = counting.count_calls(system.root)
        found = checks.check(system, models, allow_code=allow_code)
        return Forecast(count.low, count.high, tuple(Doubt(problem.severity, problem.message) for problem in found))

    return Services(
        models=models,
        config=config,
        systems=Library(),
        notation=notation,
        execute=execute,
        forecast=forecast,
        store=OneRun(events),
        now=clock.now,
        sleep=clock.sleep,
    )


async def picture(
    events: Sequence[e.AnyEvent], *, share: float = 2.0, theme: str = "workbench-dark", size: tuple[int, int] = SIZE
) -> str:
    """The Bench as SVG at this share of the run's time; above 1 the run is over."""
    clock = Clock(round(events[-1].t * share))
    app = WorkbenchApp(services(events, clock), system=SYSTEM, prompt=PROMPT, replay="last")
    app.theme = theme
    async with app.run_test(size=size) as pilot:
        while app.session.live and not clock.stopped.is_set():
            await pilot.pause(0)
        for _ in range(3):
            await pilot.pause()
        app.bench.tick()
        await pilot.pause()
        return self_contained(app.export_screenshot(title="workbench"))


def self_contained(svg: str) -> str:
    """No font from elsewhere, and spaces that every renderer keeps."""
    svg = re.sub(r"\s*@font-face\s*\{[^}]*\}", "", svg)
    svg = svg.replace("font-family: Fira Code, monospace", f"font-family: {FONTS}")
    return svg.replace("&#160;", " ").replace("<svg ", '<svg xml:space="preserve" ', 1)


async def record(seed: int) -> list[e.AnyEvent]:
    """Run the race on the embedded model; a race before it loads the model."""
    models, events = Catalogue(Config()), list[e.AnyEvent]()
    try:
        await execute(SYSTEM, Task.of(PROMPT), models, seed=0)
        await execute(SYSTEM, Task.of(PROMPT), models, sinks=[events.append], seed=seed)
    finally:
        await models.aclose()
    return events


def load() -> list[e.AnyEvent]:
    """The recorded race."""
    return [e.decode(line) for line in RACE.read_bytes().splitlines()]


PICTURES = {"bench.svg": 2.0, "bench-running.svg": 0.8}
"""File → share of the race's time at which it is taken."""


async def make(*, seed: int | None = None) -> None:
    """Record if a seed is given, then write every picture."""
    if seed is not None:
        RACE.write_bytes(b"".join(msgspec.json.encode(event) + b"\n" for event in await record(seed)))
    events = load()
    for name, share in PICTURES.items():
        (HERE / name).write_text(await picture(events, share=share), encoding="utf-8")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m screenshots.make", description=__doc__)
    parser.add_argument("--record", type=int, metavar="SEED", help="run the race anew with this seed first")
    asyncio.run(make(seed=parser.parse_args().record))


if __name__ == "__main__":
    main()
