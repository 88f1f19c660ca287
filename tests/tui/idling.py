"""When an app has nothing left to do: known from its event loop, not guessed from how busy the processor is.

Textual's pilot sleeps, and takes an app for idle that used little of the processor meanwhile: an app test slept for
longer than it worked, and on a busy machine a key's effect could still come after the look. A loop that has nothing
ready is done with everything that was set off; only what is on another thread or due in a moment needs a sleep.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import wraps
from time import monotonic, process_time
from typing import Any
from weakref import WeakSet

import pytest
from textual import app, pilot
from textual._context import active_app
from textual.app import App
from textual.pilot import Pilot

MOMENT = 1 / 200
"""As long as this a timer is waited for, and a thread that does something."""
LITTLE = MOMENT / 20
PATIENCE = 0.2
"""So long a thread may do nothing, as where it runs a program, before it is taken for one that waits for the test."""
_TURNS = 2
FRAMES = 10
"""As many are drawn at once; what always wants one more is not waited for."""

_wait_for_screen = Pilot._wait_for_screen
_delay_update = App.delay_update
_run_in_executor = asyncio.BaseEventLoop.run_in_executor
_on_threads: set[asyncio.Future[Any]] = set()
_waiting: WeakSet[asyncio.Future[Any]] = WeakSet()


async def _is_done(until: float) -> bool:
    """Nothing is ready for some turns of the loop; False where it never stops."""
    loop: Any = asyncio.get_running_loop()
    turns = 0
    while turns < _TURNS:
        if monotonic() > until:
            return False
        await asyncio.sleep(0)
        turns = 0 if loop._ready else turns + 1
    return True


def _due(loop: Any) -> float | None:
    """How long until the next timer goes off."""
    now = loop.time()
    return min((timer.when() - now for timer in loop._scheduled if not timer.cancelled()), default=None)


def _drawn() -> bool:
    """Whether a frame or a change of the window's size was due: it comes now, in place of 1/60 s later."""
    current = active_app.get(None)
    if current is None or not current._running:
        return False
    resized = current._resize_timer is not None
    if resized:
        current._check_resize()
    due = [screen for screen in current._screen_stack if _wants_frame(screen)]
    for screen in due:
        screen._on_timer_update()
    return resized or bool(due)


def _wants_frame(screen: Any) -> bool:
    timer = vars(screen).get("_Screen__update_timer")
    return timer is not None and timer._active.is_set()


async def idle(min_sleep: float = 1 / 50, max_sleep: float = 1) -> None:
    """In place of `textual._wait.wait_for_idle`."""
    loop = asyncio.get_running_loop()
    start = monotonic()
    until = start + max_sleep
    frames = FRAMES
    while await _is_done(until):
        due = _due(loop)
        if frames and _drawn():
            frames -= 1
            continue
        if under_way := {future for future in _on_threads if future.get_loop() is loop}:
            used = process_time()
            await asyncio.sleep(MOMENT)
            works = process_time() - used >= LITTLE or not under_way <= _on_threads
            known = all(one in _waiting for one in under_way)
            if not works and monotonic() - start > (min_sleep if known else max(min_sleep, PATIENCE)):
                _waiting.update(under_way)
                return  # threads that wait for something
        elif due is not None and due < MOMENT:
            await asyncio.sleep(max(0.0, due))
        elif (left := start + min_sleep - monotonic()) > 0:
            await asyncio.sleep(left)
        else:
            return


async def _screen_is_done(self: Pilot[Any], timeout: float = 30.0) -> bool:
    """In place of `Pilot._wait_for_screen`, which has every widget called back."""
    return await _is_done(monotonic() + MOMENT) or await _wait_for_screen(self, timeout)


@wraps(_delay_update)
def _delay_little(self: App[Any], delay: float = 0.05) -> None:
    """For so long nothing is drawn of another screen."""
    _delay_update(self, min(delay, MOMENT / 5))


@wraps(_run_in_executor)
def _counted(self: asyncio.BaseEventLoop, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
    future: asyncio.Future[Any] = _run_in_executor(self, executor, func, *args)
    _on_threads.add(future)
    future.add_done_callback(_on_threads.discard)
    return future


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pilot and its keys wait as long as there is something to do, and no longer."""
    _on_threads.clear()
    monkeypatch.setattr(asyncio.BaseEventLoop, "run_in_executor", _counted)
    monkeypatch.setattr(App, "delay_update", _delay_little)
    monkeypatch.setattr(Pilot, "_wait_for_screen", _screen_is_done)
    for module in (app, pilot):
        monkeypatch.setattr(module, "wait_for_idle", idle)
