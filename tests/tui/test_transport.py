"""The reel and its player: a view at a moment is the fold of what had come by then, whichever way one got there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws import examples
from tests.ledger.streams import SYSTEMS, fired
from tests.tui.scripted import MS, STARTED, FakeClock, long_run
from workbench.engine import events as e
from workbench.engine.view import RunView
from workbench.errors import LedgerError
from workbench.tui.transport import GRAIN, SPEEDS, Player, Reel, copied

RUNS = {line: fired(line) for line in SYSTEMS[1:]}
RUNS["scripted"] = long_run()


def folded(events: Sequence[e.AnyEvent], t: int) -> RunView:
    return RunView().apply_all(event for event in events if event.t <= t)


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(sorted(RUNS)), st.lists(st.floats(-0.1, 1.1), min_size=1, max_size=4), st.integers(1, 200))
def test_at_any_moment_the_view_is_the_fold_of_what_had_come(name: str, shares: list[float], spacing: int) -> None:
    events = RUNS[name]
    reel = Reel(events, spacing=spacing)
    for share in shares:
        t = round(reel.duration * share)
        assert reel.view_at(t) is not reel.view_at(t)
        assert reel.view_at(t).to_json() == folded(events, t).to_json()


@pytest.mark.parametrize("name", RUNS)
def test_at_an_event_s_own_time_it_has_come(name: str) -> None:
    events = RUNS[name]
    reel = Reel(events, spacing=16)
    for event in events[:: max(1, len(events) // 20)]:
        assert reel.view_at(event.t).version == folded(events, event.t).version
    assert reel.view_at(reel.duration).to_json() == RunView().apply_all(events).to_json()


def test_what_comes_later_does_not_reach_a_copy() -> None:
    events = long_run()
    view = RunView().apply_all(events[:900])
    twin, before = copied(view), view.to_json()
    view.apply_all(events[900:])
    assert twin.to_json() == before
    assert twin.apply_all(events[900:]).to_json() == view.to_json()


def test_seeking_in_a_hundred_thousand_events_folds_few_of_them() -> None:
    events = long_run()
    middle = [e.TextDelta(t=500 * MS + i, call=f"c{1 + i % 9}", text="word ") for i in range(100_000)]
    at = next(i for i, event in enumerate(events) if event.t > 500 * MS)
    late = [event for event in events[at:] if not isinstance(event, e.TextDelta)]
    reel = Reel([*events[:at], *middle, *late])
    began = time.process_time()
    for share in (0.99, 0.5, 0.07, 0.0611, 1.0):
        reel.view_at(round(reel.duration * share))
        reel.view_at(500 * MS + round(100_000 * share))
    each = (time.process_time() - began) / 10
    assert each < 0.05
    t = 500 * MS + 54_321
    assert reel.view_at(t).to_json() == folded(reel.events, t).to_json()


def test_events_that_do_not_fit_together_are_told() -> None:
    with pytest.raises(LedgerError, match="do not fit together"):
        Reel([e.FirstToken(t=1, call="nobody")])


def test_a_reel_of_nothing() -> None:
    reel = Reel([])
    assert (reel.duration, reel.next_event(0), reel.view_at(5).id) == (0, 0, "")


class Deck:
    """A player whose time is ours."""

    def __init__(self, events: Sequence[e.AnyEvent], speed: float = 1.0) -> None:
        self.clock = FakeClock()
        self.view = RunView()
        self.player = Player(
            Reel(events),
            take=self.view_take,
            show=self.put,
            now=self.clock.now,
            sleep=self.sleep,
            speed=speed,
        )

    def view_take(self, event: e.AnyEvent) -> None:
        self.view.apply(event)

    def put(self, view: RunView) -> None:
        self.view = view

    async def sleep(self, seconds: float) -> None:
        await self.clock.sleep(seconds)

    async def until(self, ms: int) -> asyncio.Task[None]:
        """Play until the replay stands at a moment, then pause."""
        playing = asyncio.create_task(self.player.play())
        while self.player.position < ms * MS:  # noqa: ASYNC110 (its time is ours)
            await asyncio.sleep(0)
        self.player.pause(True)
        return playing


async def test_a_pause_stops_the_time_and_going_on_loses_none() -> None:
    deck = Deck(long_run())
    playing = await deck.until(3000)
    stood = deck.player.position
    deck.clock.ns += 60_000 * MS
    assert deck.player.position == stood
    assert deck.view.t <= stood + GRAIN
    deck.player.pause(False)
    await playing
    assert deck.view.to_json() == RunView().apply_all(long_run()).to_json()
    assert deck.clock.ns - STARTED < (60_000 + 8105 + 40) * MS


@pytest.mark.parametrize("speed", SPEEDS)
async def test_the_speed_is_what_it_says(speed: float) -> None:
    deck = Deck(long_run(), speed)
    await deck.player.play()
    took = deck.clock.ns - STARTED
    assert abs(took - 8105 * MS / speed) <= 50 * MS


async def test_a_change_of_speed_does_not_jump() -> None:
    deck = Deck(long_run())
    playing = await deck.until(2000)
    deck.player.pause(False)
    before = deck.player.position
    deck.player.faster(1)
    assert (deck.player.speed, deck.player.position) == (2.0, before)
    deck.player.faster(-1)
    deck.player.faster(-1)
    deck.player.faster(-1)
    deck.player.faster(-1)
    assert (deck.player.speed, deck.player.position) == (0.25, before)
    for _ in range(20):
        deck.player.faster(1)
    assert deck.player.speed == 64
    await playing


async def test_seeking_back_and_forth_while_it_pauses() -> None:
    deck = Deck(long_run())
    playing = await deck.until(5000)
    for t in (1234, 6000, 0, 7777):
        deck.player.seek(t * MS)
        assert deck.player.position == t * MS
        assert deck.view.to_json() == folded(long_run(), t * MS).to_json()
    deck.player.seek(2000 * MS)
    deck.player.step(1)
    assert deck.player.position == 3000 * MS
    deck.player.step(-1)
    deck.player.step(-1)
    deck.player.step(-1)
    assert deck.player.position == 0
    deck.player.seek(10**15)
    await playing
    assert deck.player.position == deck.player.reel.duration
    assert deck.view.status == "done"


def test_next_event_passes_text_over() -> None:
    reel = Reel(long_run())
    seen, t = [], 0
    while t < reel.duration:
        t = reel.next_event(t)
        seen.append(t)
    told = sorted({event.t for event in long_run() if not isinstance(event, e.TextDelta) and event.t > 0})
    assert seen == told
