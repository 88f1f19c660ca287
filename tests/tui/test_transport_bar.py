"""The transport bar on the Bench: every key and click of a replay, and what is to be seen then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from tests.tui.idling import MOMENT
from tests.tui.piloting import app_of, seen, settle
from tests.tui.scripted import MS, PROMPT, STARTED, FakeStore, Puppet, long_run, race_and_judge, services
from tests.tui.test_transport import folded
from workbench.engine.view import RunView
from workbench.tui.app import WorkbenchApp
from workbench.tui.transport import Player
from workbench.tui.widgets.lanes import Lanes
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.widgets.run_bar import RunBar
from workbench.tui.widgets.transport import TransportBar

Bench = Pilot[int]


class Hands:
    """A clock that we turn: sleepers wake when its time has come."""

    def __init__(self) -> None:
        self.ns = STARTED
        self.turned = asyncio.Event()

    def now(self) -> int:
        return self.ns

    async def sleep(self, seconds: float) -> None:
        until = self.ns + round(seconds * 1e9)
        while self.ns < until:
            await self.turned.wait()
            self.turned.clear()

    async def turn(self, pilot: Bench, ms: int) -> None:
        for _ in range(ms // 50):
            self.ns += 50 * MS
            self.turned.set()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        app_of(pilot).bench.tick()
        await settle(pilot)


@asynccontextmanager
async def replayed(hands: Hands, *, size: tuple[int, int] = (120, 40), **changes: Any) -> AsyncIterator[Bench]:
    store = FakeStore(kept={"7f3a": long_run(), "last": long_run()})
    given = {"store": store, "now": hands.now, "sleep": hands.sleep, **changes}
    app = WorkbenchApp(services(**given), system="laconic-then-judge", prompt=PROMPT, replay="7f3a")
    async with app.run_test(size=size) as pilot:
        await loaded(pilot)
        yield pilot


async def loaded(pilot: Bench) -> None:
    for _ in range(200):
        await pilot.pause(MOMENT)
        if app_of(pilot).session.player is not None:
            break
    app_of(pilot).bench.tick()
    await settle(pilot)


def player(pilot: Bench) -> Player:
    found = app_of(pilot).session.player
    assert found is not None
    return found


async def press(pilot: Bench, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await settle(pilot)


async def test_a_replay_has_a_bar_with_the_focus_and_it_goes_with_the_clock() -> None:
    hands = Hands()
    async with replayed(hands) as pilot:
        assert isinstance(pilot.app.focused, TransportBar)
        await hands.turn(pilot, 2000)
        bar = seen(pilot, TransportBar)
        assert "▶ plays" in bar
        assert "2.0 s" in bar
        assert "8.1 s" in bar
        assert "1×" in bar
        assert "replay" in seen(pilot, RunBar)


async def test_space_pauses_and_goes_on() -> None:
    hands = Hands()
    async with replayed(hands) as pilot:
        await hands.turn(pilot, 1000)
        await press(pilot, "space")
        await hands.turn(pilot, 5000)
        assert "‖ paused" in seen(pilot, TransportBar)
        assert player(pilot).position == 1000 * MS
        assert "streaming" in seen(pilot, RunBar), "a paused replay looks as the run did then"
        await press(pilot, "space")
        await hands.turn(pilot, 1000)
        assert player(pilot).position == 2000 * MS


async def test_arrows_home_and_end_seek() -> None:
    hands = Hands()
    async with replayed(hands) as pilot:
        await press(pilot, "space", "right", "right", "left", "right", "l", "h")
        session = app_of(pilot).session
        assert player(pilot).position == 2000 * MS
        assert session.view.to_json() == folded(long_run(), 2000 * MS).to_json()
        await press(pilot, "end")
        assert session.view.to_json() == RunView().apply_all(long_run()).to_json()
        assert "✓ done" in seen(pilot, RunBar)
        assert "■ end" in seen(pilot, TransportBar)
        await press(pilot, "home")
        assert player(pilot).position == 0
        assert session.view.to_json() == folded(long_run(), 0).to_json()


async def test_it_can_be_taken_back_from_its_end_and_played_again() -> None:
    hands = Hands()
    async with replayed(hands) as pilot:
        await hands.turn(pilot, 9000)
        session = app_of(pilot).session
        assert session.doing == "nothing"
        assert "■ end" in seen(pilot, TransportBar)
        await press(pilot, "left")
        assert player(pilot).position == 7105 * MS
        await hands.turn(pilot, 2000)
        assert "■ end" in seen(pilot, TransportBar)
        await press(pilot, "space")
        assert player(pilot).position == 0
        await hands.turn(pilot, 500)
        assert player(pilot).position == 500 * MS


async def test_firing_lets_go_of_the_replay() -> None:
    puppet = Puppet(long_run())
    async with replayed(Hands(), execute=puppet) as pilot:
        await press(pilot, "space", "ctrl+r")
        await settle(pilot)
        assert len(puppet.fired) == 1
        assert app_of(pilot).session.player is None
        assert not pilot.app.screen.query_one(TransportBar).display


async def test_a_run_that_is_opened_stands_at_its_end_and_another_takes_its_place() -> None:
    async with replayed(Hands()) as pilot:
        app = app_of(pilot)
        first = app.session.player
        app.show_run("last")
        await settle(pilot)
        await loaded(pilot)
        assert app.session.player is not first
        assert "■ end" in seen(pilot, TransportBar)
        assert not app.session.live
        assert isinstance(app.focused, Lanes)
        assert app.session.view.to_json() == RunView().apply_all(long_run()).to_json()


async def test_no_run_no_bar() -> None:
    app = WorkbenchApp(services(Puppet(long_run())), system="laconic-then-judge", prompt=PROMPT)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert not app.screen.query_one(TransportBar).display
        app.show_run("nope")
        await settle(pilot)
        assert not app.screen.query_one(TransportBar).display
        assert any("no run 'nope'" in toast.message for toast in app._notifications)


async def test_another_run_of_the_same_shape_does_not_keep_the_first_one_s_text() -> None:
    from textual.widgets import Markdown

    from tests.ledger.streams import short

    store = FakeStore(kept={"a": short("a", answer="42"), "b": short("b", answer="17")})
    async with replayed(Hands(), store=FakeStore(kept={**store.kept, "7f3a": short("7f3a")})) as pilot:
        app = app_of(pilot)
        for ref, answer in (("a", "42"), ("b", "17")):
            app.show_run(ref)
            for _ in range(200):
                await pilot.pause(MOMENT)
                if app.session.view.id == ref and app.session.doing == "nothing":
                    break
            app.bench.tick()
            await settle(pilot)
            assert app.screen.query_one(Markdown).source == answer


async def test_the_run_s_system_and_prompt_come_along_and_undo_brings_the_others_back() -> None:
    other = race_and_judge(4)
    store = FakeStore(kept={"7f3a": long_run(other)})
    app = WorkbenchApp(services(store=store), system="single", prompt="mine")
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        mine = app.session.system
        app.show_run("7f3a")
        await loaded(pilot)
        assert app.session.system.root == other.root
        box = app.screen.query_one(PromptText)
        assert box.text == PROMPT
        await press(pilot, "alt+t", "ctrl+z")
        assert app.session.system == mine
        await press(pilot, "f2", "ctrl+z")
        assert box.text == "mine"


async def test_full_stop_goes_to_the_next_event_and_brackets_change_the_speed() -> None:
    hands = Hands()
    async with replayed(hands) as pilot:
        await press(pilot, "space", "home", "full_stop")
        assert player(pilot).position == 1 * MS
        await press(pilot, "full_stop")
        assert player(pilot).position == 410 * MS
        await press(pilot, "home", "space", "right_square_bracket", "right_square_bracket")
        assert "4×" in seen(pilot, TransportBar)
        await hands.turn(pilot, 1000)
        assert player(pilot).position == 4000 * MS
        await press(pilot, *["left_square_bracket"] * 9)
        assert "0.25×" in seen(pilot, TransportBar)
        await press(pilot, *["right_square_bracket"] * 12)
        assert "64×" in seen(pilot, TransportBar)


async def test_keys_in_other_panes_clicks_and_esc() -> None:
    async with replayed(Hands()) as pilot:
        await press(pilot, "f2", "space")
        assert not player(pilot).paused
        assert pilot.app.screen.query_one(PromptText).text == PROMPT + " "
        await press(pilot, "alt+l", "space", "full_stop")
        assert isinstance(pilot.app.focused, Lanes)
        assert player(pilot).paused
        assert player(pilot).position == 1 * MS
        bar = pilot.app.screen.query_one(TransportBar)
        text = seen(pilot, TransportBar)
        await pilot.click(TransportBar, offset=(bar.gutter.left + text.rindex("─"), 0))
        await settle(pilot)
        assert player(pilot).position == player(pilot).reel.duration
        await pilot.click(TransportBar, offset=(bar.gutter.left + text.index("●"), 0))
        await settle(pilot)
        assert player(pilot).position == 0
        await press(pilot, "space", "escape")
        app_of(pilot).bench.tick()
        await settle(pilot)
        assert "✓ done" in seen(pilot, RunBar)
        assert "■ end" in seen(pilot, TransportBar)
