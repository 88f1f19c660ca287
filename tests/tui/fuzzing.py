"""A user who presses anything: an app in a folder of its own, and what must hold after."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import time
import traceback
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
import pytest
from msgspec import structs
from textual.pilot import Pilot

from tests.tui.catalogues import FakeCatalogue
from tests.tui.fuzz_actions import TEXTS, Action, play
from tests.tui.scripted import PROMPT, FakeModels, services
from workbench.config import Config, DefaultsConfig
from workbench.engine.run import execute
from workbench.engine.view import RunView
from workbench.errors import InputError, WorkbenchError
from workbench.ledger import open_ledger
from workbench.models.base import Chunk, Request
from workbench.models.simulated import SimulatedProvider
from workbench.systems import files
from workbench.systems.library import Library
from workbench.systems.nodes import System
from workbench.tui import external, resuming
from workbench.tui.app import WorkbenchApp
from workbench.tui.drafts import Drafts
from workbench.tui.grafts import parsed
from workbench.tui.ledger_store import LedgerStore
from workbench.tui.memory import Memory
from workbench.tui.screens import drafting, runs_notes
from workbench.tui.screens.compare import Compare
from workbench.tui.screens.dialog import Dialog
from workbench.tui.screens.yaml import Yaml
from workbench.tui.shelf import Shelf
from workbench.tui.widgets.notation_line import NotationLine, NotationText
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.wiring import forecast

Ending: TypeAlias = Literal["quit", "signal", "crash"]
SIZES = ((80, 24), (120, 40), (200, 60))
SYSTEMS = {
    "quick": "# why it is here\nname: quick\ndescription: The quickest of three.\nroot: race(3*a/b)\n",
    "council": "root: judge[sim/judge](race[take=2](4*a/b@0.8), a/stuck)\n",
    "checked": 'root: \'verify[regex("4")](2*a/b, cascade[test=contains("x")](sim/small, a/b))\'\n',
    "nested": "root: vote(3*a/b, $quick)\n",
    "broken": "root: race(\n",
}
LIMIT_S = 10.0


class Scripted(FakeModels):
    """Answers at once, as a simulated model would; `a/stuck` says nothing until it is cancelled."""

    def __init__(self) -> None:
        self._simulated = SimulatedProvider()

    def provider(self, model: str) -> Any:
        return self

    async def stream(self, request: Request) -> AsyncGenerator[Chunk, None]:
        if "stuck" in request.model:
            await asyncio.Event().wait()
        async for chunk in self._simulated.stream(structs.replace(request, model="sim/instant")):
            yield chunk


class Inside(Shelf):
    """Saves nowhere but in the session's folder."""

    def path(self, text: str) -> Path:
        found = super().path(text)
        if not found.resolve().is_relative_to(self.folder.parent.resolve()):
            raise InputError("not here")
        return found


@dataclass
class World:
    """A folder that apps come and go in; what happens outside of it is pretended."""

    folder: Path
    started: list[str] = field(default_factory=list)
    opened: int = 0
    wrong: list[str] = field(default_factory=list)
    """What went wrong where nobody waits for it."""

    def prepare(self, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
        """Files to open; nothing leaves the app. Drafts and memory are written at once."""
        shipped = self.folder / "shipped"
        shipped.mkdir(parents=True)
        for name, text in SYSTEMS.items():
            (shipped / f"{name}.yaml").write_text(text)
        (self.folder / "notes.txt").write_text("some notes")
        chance = random.Random(seed)

        def change(file: Path) -> None:
            if file.is_file() and chance.random() < 0.5:
                with suppress(OSError):
                    file.write_text(chance.choice(TEXTS))

        async def aside(app: Any, words: list[str], **_: Any) -> int:
            if words[0] == "edit":
                change(Path(words[-1]))
            return chance.choice((0, 0, 1))

        def write(path: Path, pieces: Any) -> None:
            "".join(pieces)

        monkeypatch.chdir(self.folder)
        monkeypatch.setenv("HOME", str(self.folder))
        monkeypatch.setenv("EDITOR", "edit")
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setattr(external, "aside", aside)
        monkeypatch.setattr(runs_notes, "write_whole", write)
        monkeypatch.setattr(drafting, "DRAFT_AFTER", 0.05)
        monkeypatch.setattr(resuming, "SECONDS", 0.1)

    @asynccontextmanager
    async def app(
        self, size: tuple[int, int], folder: Path | None = None
    ) -> AsyncIterator[tuple[Pilot[int], WorkbenchApp]]:
        """The app with all that it keeps in `folder`, in the one of the session by default."""
        kept = folder or self.folder
        self.opened += 1
        library = Library([self.folder / "own", self.folder / "shipped"])
        models, ledger = Scripted(), open_ledger(kept / "ledger.db")

        async def fire(*args: Any, **options: Any) -> RunView:
            run = f"{self.opened:04x}{len(self.started):08x}"
            self.started.append(run)
            return await execute(*args, **{**options, "run_id": run, "allow_code": False})

        store = LedgerStore(lambda: ledger)
        given = services(
            fire,
            models=models,
            systems=library,
            shelf=Inside(self.folder / "own", self.folder / "shipped", library.file_of),
            drafts=Drafts(kept / "drafts", pid=self.opened, is_alive=lambda _: False),
            memory=Memory(kept / "session.json"),
            store=store,
            past_calls=store.past_calls,
            catalogue=FakeCatalogue(),
            forecast=lambda system, allow_code: forecast(system, models, allow_code=allow_code),
            config=Config(defaults=DefaultsConfig(system="quick", prompt=PROMPT)),
            now=time.time_ns,
        )
        app = WorkbenchApp(given)
        asyncio.get_running_loop().set_exception_handler(self._note)
        try:
            async with app.run_test(size=size) as pilot:
                await until(lambda: app.resuming._open or app._exception is not None)
                yield pilot, app
        finally:
            ledger.close()
            for task in (*(one._task for one in app.session.tabs.items), app.comparing._task):
                if task is not None and task.done() and not task.cancelled() and task.exception() is not None:
                    self.wrong.append(repr(task.exception()))

    def _note(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.wrong.append(f"{context['message']}: {context.get('exception')!r}")

    def unended(self) -> list[str]:
        """Runs that were started and have no end in the ledger."""
        with sqlite3.connect(self.folder / "ledger.db") as database:
            ended = dict(database.execute("SELECT id, status FROM runs"))
        return [run for run in self.started if ended.get(run) in (None, "", "running")]


async def until(done: Callable[[], bool], limit: float = LIMIT_S) -> bool:
    """Whether it came in time."""
    end = time.monotonic() + limit
    while not done():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.005)
    return True


@dataclass(frozen=True)
class Standing:
    """What a person would miss."""

    system: System
    yaml: str
    """Text of the YAML view that does not read."""
    notation: str
    """Text of the notation line that does not parse."""
    prompt: str
    compared: str | None
    """The prompt on the Compare screen; None where that was never opened."""
    buried: frozenset[str]
    """What was put aside unsaved for another system, as YAML."""
    tabs: tuple[str, ...]
    """The runs that are open."""
    typed: dict[str, dict[str, str]]
    """What is typed in dialogs and applied nowhere, by the dialog."""


def standing(app: WorkbenchApp, *, open_too: bool = True) -> Standing:
    """As it stands on the screens; text in an open YAML view counts as if the view were left. `open_too`: what is
    typed in an open dialog too."""
    bench = app.bench
    system, yaml = app.session.system, bench.broken_yaml
    line = bench.query_one(NotationLine)
    notation = line.text if line.broken else ""
    view = open_yaml(app)
    if view is not None:
        found = parsed(view.text)
        yaml = "" if isinstance(found, System) else view.text
        if isinstance(found, System):
            notation = notation if bench.named(found).root == system.root else ""
            system = bench.named(found)
    compares = [screen for stack in app._screen_stacks.values() for screen in stack if isinstance(screen, Compare)]
    compared = compares[0].query_one(PromptText).whole if compares else None
    buried = frozenset(files.dumps(each) for each in bench._buried() if each.name != system.name)
    for screen in app.screen_stack:
        if isinstance(screen, Dialog):
            screen.touched()
    typed = {f"{each.dialog} {each.at}": each.texts for each in bench.typed.values() if open_too or not each.open}
    tabs = tuple(one.id for one in app.session.tabs.items)
    return Standing(system, yaml, notation, bench.query_one(PromptText).whole, compared, buried, tabs, typed)


def open_yaml(app: WorkbenchApp) -> Yaml | None:
    """The YAML view, where it is open."""
    return next((screen for screen in app.screen_stack if isinstance(screen, Yaml)), None)


async def lost(before: Standing, pilot: Pilot[int], app: WorkbenchApp) -> list[str]:
    """What an app that was opened afterwards does not have."""
    await pilot.pause()
    typed = standing(app).typed
    if isinstance(app.screen, Dialog):
        app.screen.dismiss()
        await pilot.pause()
    if before.compared is not None:
        app.action_go("compare")
        await until(lambda: isinstance(app.screen, Compare) and bool(app.screen.query(PromptText)))
    there = tuple(run for run in before.tabs if not run or recorded(app, run))
    before, after = replace(before, tabs=there if any(there) else ("",)), replace(standing(app), typed=typed)
    return [
        f"{name}: {getattr(before, name)!r:.300} became {getattr(after, name)!r:.300}"
        for name in Standing.__dataclass_fields__
        if getattr(before, name) != getattr(after, name)
    ]


def recorded(app: WorkbenchApp, run: str) -> bool:
    """Whether the ledger has it, and it was not deleted."""
    assert app.services.store is not None
    with suppress(WorkbenchError):
        return app.services.store.row(run).id == run
    return False


def disagreeing(app: WorkbenchApp) -> list[str]:
    """Where two views of the same thing say different things."""
    bench = app.bench
    if app._exit or not bench.query(NotationText):
        return []
    line, system = bench.query_one(NotationLine), app.session.system
    found = []
    if not line.broken and app.session.services.notation.parse(line.text) != system.root:
        found.append(f"the notation says {line.text!r}, the system is {files.dumps(system)!r}")
    return found


def drafted(app: WorkbenchApp) -> bool:
    """Whether the files say what is in memory."""
    drafts, memory = app.services.drafts, app.services.memory
    assert drafts is not None
    assert memory is not None
    wanted, left, view = app.bench.draft(), memory.read()[0], open_yaml(app)
    if view is not None and view.text not in (app.bench._shown_yaml, app.bench._open_yaml):
        return False  # the keys have not rested yet
    there = drafts.file.read_bytes() if drafts.file.exists() else None
    remembered = left is not None and structs.replace(app.resuming.note(app), seen=left.seen) == left
    return remembered and there == (None if wanted is None else msgspec.json.encode(wanted))


async def session(
    folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int, does: list[Action], size: tuple[int, int], ending: Ending
) -> list[str]:
    """Play it in a fresh folder; returns what is wrong after it, each with the action that it came with."""
    world = World(folder)
    world.prepare(monkeypatch, seed)
    after, wrong, number = folder, list[str](), -1
    try:
        async with world.app(size) as (pilot, app):
            for number, action in enumerate(does):
                await play(pilot, action)
                if app._exception is not None:
                    raise app._exception
                if wrong := [*world.wrong, *disagreeing(app)]:
                    return [f"after action {number}, {action}: {problem}" for problem in wrong]
                if app._exit:
                    break
            before = standing(app, open_too=ending != "quit")
            after = await end(pilot, app, ending)
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        at = f"{where.filename}:{where.lineno}"
        return [f"after action {number}, {does[number]}: {type(error).__name__} in {at}: {error}"]
    wrong += world.wrong + [f"run {run} has no end" for run in world.unended()]
    async with world.app(size, after) as (pilot, app):
        wrong += await lost(before, pilot, app)
    return wrong + world.wrong


async def end(pilot: Pilot[int], app: WorkbenchApp, ending: Ending) -> Path:
    """End it; returns the folder that the next app is opened on."""
    assert app.services.memory is not None
    folder = app.services.memory.file.parent
    if ending == "quit":
        await leave(pilot, app)
    elif ending == "signal":
        app.exit(return_code=143)
    elif not app._exit:
        assert await until(lambda: drafted(app)), "the draft was never written"
        (folder / "crashed" / "drafts").mkdir(parents=True)
        for file in (folder / "drafts").glob("*.json"):
            shutil.copy(file, folder / "crashed" / "drafts")
        return Path(shutil.copy(folder / "session.json", folder / "crashed")).parent
    return folder


async def leave(pilot: Pilot[int], app: WorkbenchApp) -> None:
    """Ctrl+Q, and yes to what it asks."""
    for _ in range(4):
        if app._exit:
            return
        await pilot.press("ctrl+q")
    assert await until(lambda: app._exit), f"{app.screen} does not let go"
