"""Makes pictures of the screens that need many runs: `python -m screenshots.study`, or `make screenshots`.

They show a small study that was really run on the embedded model, `study.jsonl.gz`: three systems, eight sums.
No model is called. `--record` runs the study anew first and replaces that file.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import structs
from msgspec.structs import replace
from textual.pilot import Pilot

from screenshots.make import HERE, Clock, self_contained, services
from workbench.config import Config
from workbench.engine import events as e
from workbench.engine.run import execute
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.errors import InputError
from workbench.ledger import open_ledger
from workbench.models.base import Models
from workbench.models.catalogue import Catalogue
from workbench.systems.nodes import AnyNode, Model, Race, System, Vote
from workbench.tui.app import WorkbenchApp
from workbench.tui.ledger_store import LedgerStore
from workbench.tui.live_catalogue import LiveCatalogue
from workbench.tui.services import Execute
from workbench.tui.widgets.lanes import Lanes

STUDY = HERE / "study.jsonl.gz"
ONE = Model(model="local/smollm2-135m", temperature=0.6, max_tokens=24)
FIVE = structs.replace(ONE, replicas=5)
SYSTEMS: dict[str, AnyNode] = {
    "one call": ONE,
    "race of 5": Race(of=(FIVE,), losers="finish"),
    "vote of 5": Vote(of=(FIVE,), extract="number"),
}
SUMS = ((2, 3), (4, 4), (6, 1), (7, 5), (9, 3), (8, 8), (5, 6), (10, 7))
REPEATS = 1
SIZE = (120, 36)


async def record() -> list[e.AnyEvent]:
    """The study on the embedded model; its runs one after the other."""
    models, events = Catalogue(Config()), list[e.AnyEvent]()
    try:
        for repeat in range(REPEATS):
            for a, b in SUMS:
                for name, root in SYSTEMS.items():
                    system = System(name=name, root=root, extract="number")
                    task = Task.of(f"What is {a} + {b}? Answer with the number only.", target=str(a + b))
                    await execute(system, task, models, sinks=[events.append], seed=repeat)
    finally:
        await models.aclose()
    return events


def load() -> list[e.AnyEvent]:
    """The recorded study."""
    return [e.decode(line) for line in gzip.decompress(STUDY.read_bytes()).splitlines()]


def save(events: Iterable[e.AnyEvent]) -> None:
    """Keep it."""
    STUDY.write_bytes(gzip.compress(b"\n".join(map(msgspec.json.encode, events)), mtime=0))


def runs(events: Iterable[e.AnyEvent]) -> list[list[e.AnyEvent]]:
    """Each run's events."""
    found: list[list[e.AnyEvent]] = []
    for event in events:
        if isinstance(event, e.RunStarted):
            found.append([])
        found[-1].append(event)
    return found


PICTURES = {
    "runs.svg": ("runs", ()),
    "frontier.svg": ("frontier", ("x",)),
    "lab.svg": ("lab", ("right", "w", "enter")),
    "compare.svg": ("compare", ("ctrl+r",)),
    "tabs.svg": ("bench", ()),
    "models.svg": ("models", ()),
}
"""File → the screen, and the keys pressed there."""


def replays(recorded: Sequence[list[e.AnyEvent]]) -> Execute:
    """In place of the engine: the run that was recorded of this system on this prompt, told again."""

    async def execute_again(system: System, task: Task, models: Models, **options: Any) -> RunView:
        for events in recorded:
            view = RunView().apply_all(events)
            if (view.system, view.messages[-1].content) == (system.name, task.query):
                for event in events:
                    told = replace(event, run=f"{event.run}a") if isinstance(event, e.RunStarted) else event
                    for sink in options["sinks"]:
                        sink(told)
                return view
        raise InputError(f"{system.name!r} was never asked {task.query!r}")

    return execute_again


async def pictures() -> dict[str, str]:
    """Every picture as SVG, by its file."""
    events = load()
    with tempfile.TemporaryDirectory() as folder, open_ledger(Path(folder) / "ledger.db") as ledger:
        for run in runs(events):
            sink = ledger.recorder()
            for event in run:
                sink(event)
        ledger.flush()
        last = next(event for event in reversed(events) if isinstance(event, e.RunStarted))
        clock = Clock(0)
        clock.ns = last.started_at + 60_000_000_000
        store = LedgerStore(lambda: ledger, clock.now)
        given = replace(services(events, clock), store=store, execute=replays(runs(events)))
        given = replace(given, catalogue=LiveCatalogue(Catalogue(Config()), Config()))
        prompt = f"What is {SUMS[3][0]} + {SUMS[3][1]}? Answer with the number only."
        app = WorkbenchApp(given, system=System(name="vote of 5", root=SYSTEMS["vote of 5"]), prompt=prompt)
        races = [row.id for row in ledger.runs(limit=1000) if row.system == "race of 5"]
        async with app.run_test(size=SIZE) as pilot:
            return {name: await _picture(app, pilot, *what, races) for name, what in PICTURES.items()}


async def _picture(app: WorkbenchApp, pilot: Pilot[Any], room: str, keys: tuple[str, ...], races: list[str]) -> str:
    if room == "lab":
        await app.open_lab(races)
    elif room == "bench":
        await _in_tabs(app, pilot, races[:3])
    else:
        if room == "compare" and not app.comparing.lanes:
            for name, root in SYSTEMS.items():
                app.comparing.add(System(name=name, root=root, extract="number"))
        app.action_go(room)
    await _quiet(pilot)
    for key in keys:
        await pilot.press(key)
        await _quiet(pilot)
    app.clear_notifications()
    await _quiet(pilot)
    return self_contained(app.export_screenshot(title="workbench"))


async def _in_tabs(app: WorkbenchApp, pilot: Pilot[Any], shown: list[str]) -> None:
    app.action_go("bench")
    for run in shown:
        if app.session.view.id:
            await pilot.press("ctrl+t")
        app.show_run(run)
        await _quiet(pilot)
    app.bench.query_one(Lanes).focus()


async def _quiet(pilot: Pilot[Any]) -> None:
    for _ in range(4):
        await pilot.pause(0.15)
        await pilot.app.workers.wait_for_complete()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m screenshots.study", description=__doc__)
    parser.add_argument("--record", action="store_true", help="run the study anew on the embedded model first")
    if parser.parse_args().record:
        save(asyncio.run(record()))
    for name, drawn in asyncio.run(pictures()).items():
        (HERE / name).write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
