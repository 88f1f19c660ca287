"""A recorded run as a reel: shown from any moment, at any speed, forward and back.

A view at a moment is the fold of the events up to then and nothing else, so that a replay looks as the live run did.
Seeking does not fold from the start: copies of the view are kept every few thousand events.
"""

from __future__ import annotations

import asyncio
import copy
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterable

from workbench.engine.events import AnyEvent, RunStarted, TextDelta
from workbench.engine.view import CallView, RunView, Text
from workbench.errors import LedgerError

GRAIN = 20_000_000
"""Nanoseconds: waits shorter than this are not waited for one by one."""
NAP = 0.05
"""Seconds of the longest wait in one piece: a change of speed is felt by then."""
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
SPACING, MOST = 2048, 48
"""Events between two kept views, and how many are kept at most."""
STEP = 1_000_000_000
"""Nanoseconds of the shortest seek by key."""


class Reel:
    """A run's events, and its view at any moment. Raises `LedgerError` where the events do not fit together."""

    def __init__(self, events: Iterable[AnyEvent], *, spacing: int = SPACING) -> None:
        self.events = list(events)
        self._times = [event.t for event in self.events]
        self._spacing = max(spacing, -(-len(self.events) // MOST))
        self._kept = [RunView()]
        view = RunView()
        try:
            for start in range(0, len(self.events), self._spacing):
                for event in self.events[start : start + self._spacing]:
                    view.apply(event)
                self._kept.append(copied(view))
        except KeyError as error:
            raise LedgerError(f"its events do not fit together: there is no {error}", where=f"run {view.id}") from error
        started = next((event for event in self.events if isinstance(event, RunStarted)), None)
        self.started = started
        """The run's first event, which says what ran."""

    @property
    def duration(self) -> int:
        """Nanoseconds from the run's start to its last event."""
        return self._times[-1] if self._times else 0

    def index_at(self, t: int) -> int:
        """How many events had come by then."""
        return bisect_right(self._times, t)

    def view_at(self, t: int) -> RunView:
        """The run as it stood then: a view of its own, folded from the nearest one kept before."""
        end = self.index_at(t)
        nearest = end // self._spacing
        view = copied(self._kept[nearest])
        return view.apply_all(self.events[nearest * self._spacing : end])

    def next_event(self, t: int) -> int:
        """When something happens next that is more than a piece of text; the end where nothing does."""
        for event in self.events[self.index_at(t) :]:
            if not isinstance(event, TextDelta):
                return event.t
        return self.duration


def copied(view: RunView) -> RunView:
    """A view that further events do not reach: texts share what they have said so far."""
    twin = copy.copy(view)
    for name in view.__struct_fields__:
        value = getattr(view, name)
        if isinstance(value, dict | list):
            setattr(twin, name, value.copy())
    twin.calls = {name: _copied_call(call) for name, call in view.calls.items()}
    twin.nodes = {name: copy.copy(node) for name, node in view.nodes.items()}
    return twin


def _copied_call(call: CallView) -> CallView:
    twin = copy.copy(call)
    twin.text, twin.thinking = _copied_text(call.text), _copied_text(call.thinking)
    return twin


def _copied_text(text: Text) -> Text:
    twin = Text()
    if text.length:
        twin.append(str(text))
    return twin


class Player:
    """Where a replay stands, how fast it goes, whether it pauses. `take` gets each event as its time comes, `show` a
    view where the replay jumps."""

    def __init__(
        self,
        reel: Reel,
        *,
        take: Callable[[AnyEvent], None],
        show: Callable[[RunView], None],
        now: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]],
        speed: float = 1.0,
    ) -> None:
        self.reel = reel
        self.speed = speed
        self.paused = False
        self._take, self._show, self._now, self._sleep = take, show, now, sleep
        self._index = 0
        self._from, self._since = 0, now()
        self._awake = asyncio.Event()

    @property
    def at_end(self) -> bool:
        """Whether every event has come."""
        return self._index >= len(self.reel.events)

    @property
    def position(self) -> int:
        """Nanoseconds since the run's start; not past an event that has not been taken yet."""
        if self.at_end:
            return self.reel.duration
        t = self._from if self.paused else self._from + round((self._now() - self._since) * self.speed)
        return max(0, min(t, self.reel.events[self._index].t))

    async def play(self) -> None:
        """Take events as their times come, until the end; while paused, wait."""
        while not self.at_end:
            if self.paused:
                self._awake.clear()
                await self._awake.wait()
                continue
            events = self.reel.events
            wait = (events[self._index].t - self._from) / self.speed - (self._now() - self._since)
            if wait > GRAIN:
                await self._sleep(min(wait / 1e9, NAP))
                continue
            self._index += 1
            self._take(events[self._index - 1])
            if self._index % 1000 == 0:
                await asyncio.sleep(0)

    def pause(self, on: bool) -> None:
        """Stop the time, or let it go on."""
        self._hold()
        self.paused = on
        self._awake.set()

    def set_speed(self, speed: float) -> None:
        """How many seconds of the run pass in one."""
        self._hold()
        self.speed = speed

    def faster(self, by: int) -> None:
        """The next speed, or the one before."""
        nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - self.speed))
        self.set_speed(SPEEDS[min(len(SPEEDS) - 1, max(0, nearest + by))])

    def seek(self, t: int) -> None:
        """Show the run as it stood then, and go on from there."""
        t = min(self.reel.duration, max(0, t))
        self._index = self.reel.index_at(t)
        self._from, self._since = t, self._now()
        self._show(self.reel.view_at(t))
        self._awake.set()

    def step(self, by: int) -> None:
        """Seek by a twentieth of the run, or by a second where that is more."""
        self.seek(self.position + by * max(STEP, self.reel.duration // 20))

    def _hold(self) -> None:
        self._from, self._since = self.position, self._now()
