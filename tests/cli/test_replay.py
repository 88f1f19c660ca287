"""A replay keeps the run's own times, divided by the speed, and draws while nothing happens."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli import scripted
from workbench.cli.replay import play
from workbench.engine.events import AnyEvent
from workbench.engine.view import RunView


class Clock:
    """Time that passes only in `sleep`."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= 1 / 12
        self.now += seconds


@given(st.floats(min_value=0.1, max_value=64))
def test_every_event_comes_at_its_time(speed: float) -> None:
    clock, seen = Clock(), list[tuple[float, AnyEvent]]()
    events = scripted.race(3)
    play(events, speed, lambda event: seen.append((clock.now, event)), lambda: None, clock=clock, sleep=clock.sleep)
    assert [event for _, event in seen] == events
    for when, event in seen:
        assert when - 100.0 == pytest.approx(event.t / 1e9 / speed, abs=1e-6)


def test_speed_zero_does_not_wait() -> None:
    clock, view = Clock(), RunView()
    play(scripted.race(3), 0, view.apply, lambda: None, clock=clock, sleep=clock.sleep)
    assert clock.now == 100.0
    assert view.finished


def test_it_draws_while_nothing_arrives() -> None:
    clock, ticks = Clock(), list[float]()
    play(scripted.race(1), 0.1, lambda _: None, lambda: ticks.append(clock.now), clock=clock, sleep=clock.sleep)
    assert max(b - a for a, b in pairwise(ticks)) <= 1 / 12 + 1e-6
