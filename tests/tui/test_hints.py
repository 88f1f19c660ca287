"""The hints of the first starts: one at a time, gone for good when they have done their work, never in the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from textual.geometry import Size

from tests.tui.idling import MOMENT
from tests.tui.piloting import Bench, app_of, fire, settle
from tests.tui.scripted import PROMPT, STARTED, FakeStore, Puppet, long_run, race_and_judge, services
from workbench.config import Config, DefaultsConfig
from workbench.ledger.queries import RunQuery
from workbench.tui.app import WorkbenchApp
from workbench.tui.memory import Left, Memory
from workbench.tui.screens.help import Help
from workbench.tui.widgets.hint_line import HintLine
from workbench.tui.widgets.prompt_box import PromptText


@dataclass
class Clock:
    ns: int = STARTED

    def now(self) -> int:
        return self.ns


@dataclass
class Used(FakeStore):
    """A ledger with runs in it."""

    queries: list[RunQuery] = field(default_factory=list)

    def count(self, query: RunQuery) -> int:
        return 12


@asynccontextmanager
async def first(
    folder: Path, *, size: tuple[int, int] = (120, 40), clock: Clock | None = None, leave: bool = False, **changes: Any
) -> AsyncIterator[Bench]:
    """The app at its first start."""
    clock = clock or Clock()
    given = services(
        changes.pop("execute", None) or Puppet(long_run(race_and_judge())),
        memory=Memory(folder / "session.json"),
        now=clock.now,
        **changes,
    )
    app = WorkbenchApp(given, system="laconic-then-judge", prompt=PROMPT)
    async with app.run_test(size=size) as pilot:
        await begun(pilot)
        yield pilot
        if app.session.live:
            app.session.stop()
            await app.session.wait()
        if leave:
            app.exit(0)


async def begun(pilot: Bench) -> None:
    """Until all is back and the first hint had its chance."""
    app = app_of(pilot)
    for _ in range(200):
        await pilot.pause(MOMENT)
        if app.resuming._open and (app.bench.query(HintLine) or app.hints._seen):
            break
    await look(pilot)


async def look(pilot: Bench) -> None:
    await settle(pilot)
    app_of(pilot).hints.look()
    await pilot.pause()


def hint(pilot: Bench) -> str:
    """What stands above the keys."""
    found = app_of(pilot).bench.query(HintLine)
    return str(found.first().render()) if found and found.first().display else ""


async def test_the_tour_from_start_to_end(tmp_path: Path) -> None:
    async with first(tmp_path, leave=True) as pilot:
        assert hint(pilot).startswith("Enter runs the prompt")
        assert app_of(pilot).bench.query_one(PromptText).has_focus
        await fire(pilot)
        await look(pilot)
        assert "came first; the verdict says why" in hint(pilot)
        await pilot.press("alt+l", "home", "enter")
        await look(pilot)
        assert "^P finds any command" in hint(pilot)
        await pilot.press("f1")
        await look(pilot)
        assert isinstance(pilot.app.screen, Help)
        await pilot.press("escape")
        await look(pilot)
        assert hint(pilot) == ""
    async with first(tmp_path) as pilot:
        assert hint(pilot) == ""
        assert not app_of(pilot).bench.query(HintLine), "no line is kept free for what never comes again"


async def test_between_two_hints_there_is_none(tmp_path: Path) -> None:
    async with first(tmp_path, execute=Puppet(long_run(race_and_judge())[:30], ends=False)) as pilot:
        await fire(pilot)
        await look(pilot)
        assert hint(pilot) == ""


async def test_one_key_hides_it_and_it_stays_away(tmp_path: Path) -> None:
    async with first(tmp_path, leave=True) as pilot:
        await pilot.press("f9")
        await look(pilot)
        assert hint(pilot) == ""
        assert app_of(pilot).bench.query_one(PromptText).text == PROMPT
    async with first(tmp_path) as pilot:
        assert hint(pilot) == ""
        await fire(pilot)
        await look(pilot)
        assert "came first" in hint(pilot)


async def test_a_click_hides_it(tmp_path: Path) -> None:
    async with first(tmp_path) as pilot:
        await pilot.click(HintLine)
        await look(pilot)
        assert hint(pilot) == ""
        assert app_of(pilot).bench.query_one(PromptText).has_focus


async def test_what_stood_there_long_enough_was_seen(tmp_path: Path) -> None:
    clock = Clock()
    async with first(tmp_path, clock=clock) as pilot:
        clock.ns += 119 * 10**9
        await look(pilot)
        assert hint(pilot)
        clock.ns += 2 * 10**9
        await look(pilot)
        assert hint(pilot) == ""


@pytest.mark.parametrize(("seconds", "again"), [(2, True), (20, False)])
async def test_what_was_hardly_there_comes_once_more(tmp_path: Path, seconds: int, again: bool) -> None:
    clock = Clock()
    async with first(tmp_path, clock=clock, leave=True):
        clock.ns += seconds * 10**9
    async with first(tmp_path) as pilot:
        assert bool(hint(pilot)) is again


async def test_going_about_before_it_is_told_is_enough(tmp_path: Path) -> None:
    async with first(tmp_path) as pilot:
        await pilot.press("alt+l", "3")
        await settle(pilot)
        await pilot.press("1")
        await fire(pilot)
        await pilot.press("alt+l", "home", "enter")
        await look(pilot)
        assert hint(pilot) == ""


@pytest.mark.parametrize("why", ["config", "no memory", "used before", "seen"])
async def test_no_hints(tmp_path: Path, why: str) -> None:
    changes: dict[str, Any] = {}
    if why == "config":
        changes["config"] = Config(defaults=DefaultsConfig(hints=False))
    if why == "used before":
        changes["store"] = Used()
    if why == "seen":
        Memory(tmp_path / "session.json").write(Left(seen=("more", "read", "run")))
    if why == "no memory":
        app = WorkbenchApp(services(), system="laconic-then-judge", prompt=PROMPT)
        async with app.run_test(size=(120, 40)) as pilot:
            await settle(pilot)
            assert hint(pilot) == ""
        return
    async with first(tmp_path, **changes) as pilot:
        assert hint(pilot) == ""


async def test_they_name_the_keys_as_they_are(tmp_path: Path) -> None:
    config = Config(keys={"hide_hint": "f11", "submit": "ctrl+r"})
    async with first(tmp_path, config=config) as pilot:
        assert hint(pilot).startswith("^R runs the prompt")
        assert "F11 hides" in hint(pilot)


async def test_all_three_fit_a_small_window(tmp_path: Path) -> None:
    async with first(tmp_path, size=(80, 24)) as pilot:
        for steps in ((), ("ctrl+r",), ("f9",)):
            await pilot.press(*steps)
            await look(pilot)
            assert hint(pilot).endswith("F9 hides"), hint(pilot)
            assert app_of(pilot).bench.query_one(HintLine).size == Size(76, 1)


async def test_an_app_that_is_left_before_its_first_hint_ends_cleanly(tmp_path: Path) -> None:
    async with first(tmp_path) as pilot:
        hints = app_of(pilot).hints
    await hints.start()
