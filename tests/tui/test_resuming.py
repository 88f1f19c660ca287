"""The app comes back as it was left, and never fails over what it finds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import structs
from textual.widgets import Input

from tests.tui.idling import MOMENT
from tests.tui.piloting import Bench, app_of, fire, said, settle
from tests.tui.scripted import PROMPT, FakeStore, FakeSystems, Puppet, long_run, race_and_judge, services
from workbench.config import Config, DefaultsConfig
from workbench.systems import files
from workbench.systems.library import Library
from workbench.systems.nodes import Model, Race, System
from workbench.tui.app import WorkbenchApp
from workbench.tui.drafts import Drafts
from workbench.tui.memory import VERSION, Left, Memory
from workbench.tui.screens.compare import Compare
from workbench.tui.screens.runs import Runs
from workbench.tui.widgets.lanes import Lanes
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.widgets.transport import TransportBar

OWN = System(name="own", root=Race(of=(Model(model="a/b", replicas=3),)))
DEFAULTS = DefaultsConfig(system="single", prompt="What now?")


@asynccontextmanager
async def app(
    folder: Path, *, defaults: DefaultsConfig = DEFAULTS, store: Any = None, leave: bool = True, **options: Any
) -> AsyncIterator[Bench]:
    """The app around a folder, opened with nothing named, and left by Ctrl+Q."""
    single = System(name="single", root=Model(model="local/smollm2-135m"))
    given = services(
        Puppet(long_run(race_and_judge())),
        memory=Memory(folder / "data" / "session.json"),
        drafts=Drafts(folder / "drafts", is_alive=lambda _: False),
        systems=options.pop("systems", None) or FakeSystems(single, race_and_judge(), OWN),
        config=Config(defaults=defaults),
        store=store or FakeStore(),
    )
    made = WorkbenchApp(given, **options)
    async with made.run_test(size=(120, 40)) as pilot:
        for _ in range(200):
            await pilot.pause(MOMENT)
            if made.resuming._open:
                break
        await settle(pilot)
        yield pilot
        if made.session.live:
            made.session.stop()
            await made.session.wait()
        if leave:
            made.exit(0)


def left(folder: Path) -> Left:
    return msgspec.json.decode((folder / "data" / "session.json").read_bytes(), type=Left)


def prompt(pilot: Bench) -> PromptText:
    return app_of(pilot).bench.query_one(PromptText)


# What comes back


async def test_the_first_start_is_as_config_says(tmp_path: Path) -> None:
    async with app(tmp_path) as pilot:
        assert app_of(pilot).session.system.name == "single"
        assert prompt(pilot).text == "What now?"
        assert not said(pilot)


async def test_system_prompt_and_its_wording_come_back(tmp_path: Path) -> None:
    async with app(tmp_path) as pilot:
        app_of(pilot).session.open(OWN)
        app_of(pilot).bench.changed()
        prompt(pilot).text = "Where is {city}?\nSay it."
        app_of(pilot).session.wording.instruction = "Be brief."
        app_of(pilot).session.wording.values["city"] = "Ulm"
    async with app(tmp_path) as pilot:
        session = app_of(pilot).session
        assert session.system == OWN
        assert not session.kept.unsaved(session.system)
        assert not session.history.can_undo
        assert prompt(pilot).text == "Where is {city}?\nSay it."
        assert (session.wording.instruction, session.wording.values) == ("Be brief.", {"city": "Ulm"})
        assert not said(pilot)


async def test_a_draft_comes_back_over_the_system_it_came_from(tmp_path: Path) -> None:
    async with app(tmp_path) as pilot:
        app_of(pilot).session.open(OWN)
        app_of(pilot).bench.change(structs.replace(OWN, root=Race(of=(Model(model="a/b", replicas=9),))))
    async with app(tmp_path) as pilot:
        session = app_of(pilot).session
        assert "replicas=9" in repr(session.system)
        session.history.undo()
        assert session.system == OWN


async def test_what_stands_in_the_systems_file_now_comes_first(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    files.save(OWN, own / "own.yaml")
    library = Library([own])
    defaults = structs.replace(DEFAULTS, system="own")
    async with app(tmp_path, systems=library, defaults=defaults) as pilot:
        assert app_of(pilot).session.system == OWN
    files.save(structs.replace(OWN, description="Worked on."), own / "own.yaml")
    async with app(tmp_path, systems=library, defaults=defaults) as pilot:
        session = app_of(pilot).session
        assert session.system.description == "Worked on."
        assert session.kept.file(session.system) == own / "own.yaml"
    (own / "own.yaml").write_text("name: own\nroot: {")
    async with app(tmp_path, systems=library, defaults=defaults) as pilot:
        assert "The system is as you left it." in said(pilot)
        assert app_of(pilot).session.system.root == OWN.root
        assert app_of(pilot).session.kept.file(OWN) is None, "saving asks for a name first"
    (own / "own.yaml").unlink()
    async with app(tmp_path, systems=library, defaults=defaults) as pilot:
        assert app_of(pilot).session.system.root == OWN.root


async def test_the_run_that_was_shown_is_there_at_its_end_and_nothing_is_called(tmp_path: Path) -> None:
    store = FakeStore(kept={"7f3a91c2": long_run(race_and_judge())})
    async with app(tmp_path, store=store) as pilot:
        await fire(pilot)
        assert app_of(pilot).session.view.id == "7f3a91c2"
    async with app(tmp_path, store=store) as pilot:
        session = app_of(pilot).session
        for _ in range(100):
            await pilot.pause(MOMENT)
            if session.view.finished:
                break
        assert session.view.id == "7f3a91c2"
        assert not session.running
        await settle(pilot)
        assert pilot.app.screen.query_one(TransportBar).display
        assert session.system.name == "single", "the bench keeps its own system"
        assert prompt(pilot).text == "What now?"
        assert prompt(pilot).has_focus
        assert not said(pilot)


async def test_a_run_that_is_gone_is_not_missed(tmp_path: Path) -> None:
    async with app(tmp_path) as pilot:
        await fire(pilot)
    async with app(tmp_path) as pilot:
        assert not app_of(pilot).session.view.id
        assert not said(pilot)


async def test_screen_search_and_systems_that_were_compared(tmp_path: Path) -> None:
    async with app(tmp_path) as pilot:
        await pilot.press("alt+l", "2")
        await settle(pilot)
        app_of(pilot).comparing.add(OWN)
        await pilot.press("3", "slash", *"moon")
        await settle(pilot)
    async with app(tmp_path) as pilot:
        assert isinstance(pilot.app.screen, Runs)
        assert pilot.app.screen.query_one(Input).value == "moon"
        await pilot.press("2")
        await settle(pilot)
        assert isinstance(pilot.app.screen, Compare)
        assert [lane.system.name for lane in app_of(pilot).comparing.lanes] == ["single", "own"]


async def test_order_columns_and_theme(tmp_path: Path) -> None:
    async with app(tmp_path) as pilot:
        await pilot.press("alt+l", "s", "s", "c")
        pilot.app.theme = "workbench-light"
        await settle(pilot)
        sort = pilot.app.screen.query_one(Lanes).sort
    async with app(tmp_path) as pilot:
        assert pilot.app.screen.query_one(Lanes).sort == sort != "replica"
        assert pilot.app.screen.has_class("-columns")
        assert pilot.app.theme == "workbench-light"


async def test_what_is_not_gone_to_again_is_not_forgotten(tmp_path: Path) -> None:
    async with app(tmp_path) as pilot:
        await pilot.press("alt+l", "3", "slash", *"moon", "enter", "1")
        await settle(pilot)
    async with app(tmp_path):
        pass
    assert left(tmp_path).search == "moon"


# What comes before it


async def test_what_is_named_wins(tmp_path: Path) -> None:
    async with app(tmp_path) as pilot:
        prompt(pilot).text = "Old."
        await pilot.press("alt+l", "3")
        await settle(pilot)
    async with app(tmp_path, system="own", prompt="New.", leave=False) as pilot:
        assert app_of(pilot).session.system == OWN
        assert prompt(pilot).text == "New."
        assert app_of(pilot).current_mode == "bench"
    store = FakeStore(kept={"older": long_run(race_and_judge())})
    async with app(tmp_path, replay="older", store=store, leave=False) as pilot:
        assert app_of(pilot).current_mode == "bench"
        assert app_of(pilot).session.doing == "replaying"


@pytest.mark.parametrize("how", ["fresh", "config"])
async def test_a_clean_start(tmp_path: Path, how: str) -> None:
    async with app(tmp_path) as pilot:
        prompt(pilot).text = "Old."
        app_of(pilot).session.open(OWN)
    off = structs.replace(DEFAULTS, restore=how == "fresh")
    async with app(tmp_path, fresh=how == "fresh", defaults=off) as pilot:
        assert prompt(pilot).text == "What now?"
        assert app_of(pilot).session.system.name == "single"


async def test_a_fresh_start_leaves_the_draft_for_the_next_time(tmp_path: Path) -> None:
    changed = structs.replace(OWN, root=Race(of=(Model(model="a/b", replicas=9),)))
    async with app(tmp_path) as pilot:
        app_of(pilot).bench.change(changed)
    (tmp_path / "drafts").joinpath("1.json").write_bytes(next((tmp_path / "drafts").glob("*.json")).read_bytes())
    async with app(tmp_path, fresh=True) as pilot:
        assert app_of(pilot).session.system.name == "single"
        assert (tmp_path / "drafts" / "1.json").exists()


async def test_defaults_that_were_changed_since_are_heeded(tmp_path: Path) -> None:
    async with app(tmp_path) as pilot:
        prompt(pilot).text = "Old."
        app_of(pilot).session.open(OWN)
        pilot.app.theme = "workbench-light"
    new = DefaultsConfig(system="laconic-then-judge", prompt="And now?", theme="workbench-dark")
    async with app(tmp_path, defaults=new) as pilot:
        assert app_of(pilot).session.system.name == "laconic-then-judge"
        assert prompt(pilot).text == "And now?"
        assert pilot.app.theme == "workbench-light", "the theme of config.toml is the one it was"


# The file


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "damaged"),
        (b"\x00\xff not json", "damaged"),
        (b"[" * 100_000, "damaged"),
        (b'{"version": 1, "room": 7}', "damaged"),
        (b'{"version": %d, "room": "elsewhere"}' % (VERSION + 1), "newer workbench"),
        (b'{"some": "other program"}', "damaged"),
    ],
    ids=["empty", "noise", "deep", "wrong", "newer", "foreign"],
)
async def test_a_file_that_can_not_be_read_is_told_of_once_and_kept_aside(
    tmp_path: Path, data: bytes, words: str
) -> None:
    file = tmp_path / "data" / "session.json"
    file.parent.mkdir()
    file.write_bytes(data)
    async with app(tmp_path) as pilot:
        assert len(pilot.app._notifications) == 1
        assert words in said(pilot)
        assert prompt(pilot).text == "What now?"
    assert file.with_suffix(".aside.json").read_bytes() == data
    async with app(tmp_path) as pilot:
        assert not said(pilot)


async def test_a_screen_that_there_is_not_is_the_bench(tmp_path: Path) -> None:
    Memory(tmp_path / "data" / "session.json").write(Left(room="nowhere"))
    async with app(tmp_path) as pilot:
        assert app_of(pilot).current_mode == "bench"


async def test_a_place_that_can_not_be_read_or_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "data" / "session.json").mkdir(parents=True)
    async with app(tmp_path) as pilot:
        assert "nothing is remembered" in said(pilot)
    assert (tmp_path / "data" / "session.json").is_dir()


async def test_it_is_kept_on_the_way_too(tmp_path: Path) -> None:
    async with app(tmp_path, leave=False) as pilot:
        prompt(pilot).text = "Typed."
        await app_of(pilot).resuming.keep(app_of(pilot))
        assert left(tmp_path).prompt == "Typed."
        stamp = (tmp_path / "data" / "session.json").stat().st_mtime_ns
        await app_of(pilot).resuming.keep(app_of(pilot))
        assert (tmp_path / "data" / "session.json").stat().st_mtime_ns == stamp
        await pilot.press("alt+l", "3")
        for _ in range(100):
            await pilot.pause(MOMENT)
            if left(tmp_path).room == "runs":
                return
        raise AssertionError("a change of screen was not kept")


def test_no_half_of_it_is_ever_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(tmp_path / "session.json")
    memory.write(Left(prompt="one"))
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        memory.write(Left(prompt="two"))
    assert memory.read()[0] == Left(prompt="one")
    assert [file.name for file in tmp_path.iterdir()] == ["session.json"]


def test_hints_that_another_app_is_done_with_stay_done_with(tmp_path: Path) -> None:
    Memory(tmp_path / "session.json").write(Left(seen=("run",)))
    Memory(tmp_path / "session.json").write(Left(seen=("lanes",)))
    found, _ = Memory(tmp_path / "session.json").read()
    assert found is not None
    assert found.seen == ("lanes", "run")


def test_prompts_are_not_for_others_to_read(tmp_path: Path) -> None:
    Memory(tmp_path / "session.json").write(Left(prompt=PROMPT))
    assert (tmp_path / "session.json").stat().st_mode & 0o077 == 0
