"""`workbench replay`: the events of a past run, timed, through the same live view; no model is called."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import Annotated

from workbench.cli.live import FRAME_S, LiveView
from workbench.cli.options import FLAG
from workbench.cli.output import console, note, print_json, write
from workbench.cli.services import Services
from workbench.cli.summary import summary
from workbench.engine.events import AnyEvent
from workbench.engine.view import RunView
from workbench.errors import InputError


def replay(
    run: str = "last",
    /,
    *,
    speed: float = 1.0,
    json: Annotated[bool, FLAG] = False,
    events: Annotated[bool, FLAG] = False,
) -> int:
    """Show a past run again as it happened.

    Parameters
    ----------
    run
        Id, the beginning of one, or `last`.
    speed
        How much faster than it was; 0 shows only the end.
    json
        Print the run as JSON at its end, at once.
    events
        Print its events as lines of JSON, at their times.
    """
    if speed < 0:
        raise InputError("must be 0 or more", where="--speed")
    if json and events:
        raise InputError("--json and --events both want stdout", hint="Choose one.")
    view = RunView()
    with Services().ledger(read_only=True) as ledger:
        past = list(ledger.events(run))
    if json:
        print_json(view.apply_all(past).to_json())
        return 0
    if events:
        from workbench.engine.events import encode

        play(past, speed, lambda event: write(encode(event).decode() + "\n"), lambda: None)
        return 0
    if sys.stderr.isatty():
        with LiveView(console(sys.stderr), view) as live:
            play(past, speed, view.apply, live.tick)
    else:
        play(past, speed, view.apply, lambda: None)
    if view.answer is not None:
        write(view.answer.text.rstrip("\n") + "\n")
    note(f"workbench: replayed: {summary(view)}")
    return 0


def play(
    events: Iterable[AnyEvent],
    speed: float,
    take: Callable[[AnyEvent], object],
    tick: Callable[[], None],
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Hand every event to `take` when its time has come (`t / speed` after the first call), `tick` at least 12 times a
    second. `speed` 0 does not wait."""
    started = clock()
    for event in events:
        due = started + event.t / 1e9 / speed if speed else started
        while (wait := due - clock()) > 0:
            sleep(min(wait, FRAME_S))
            tick()
        take(event)
        tick()
