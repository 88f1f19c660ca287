"""Where a terminal has gone (its window was closed, a connection broke) not always a signal tells. It can then be read
at once, again and again, and nothing is there: Textual's thread would read it as fast as it can, for ever."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

MANY = 50
"""So often in a row it is read in vain before it is taken for gone."""
SOON_S = 0.05
"""A living terminal that says nothing is waited for longer than this."""
PAUSE_S = 0.1


def hang_up() -> None:
    """What the system does where it knows: the app leaves, and keeps what it has. Whoever ignores that signal wants the
    process to go on."""
    number = getattr(signal, "SIGHUP", None)
    if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
        os.kill(os.getpid(), number)


class Silence:
    """Tells when a terminal has gone, once, and slows its reader down from then on."""

    def __init__(
        self,
        gone: Callable[[], None] = hang_up,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gone, self._clock, self._wait = gone, clock, wait
        self._empty, self._last = 0, float("-inf")

    def broken(self) -> None:
        """Something was read."""
        self._empty = 0

    def goes_on(self) -> None:
        """Nothing was, this time."""
        self._empty = self._empty + 1 if self._clock() - self._last < SOON_S else 0
        if self._empty == MANY:
            self._gone()
        if self._empty >= MANY:
            self._wait(PAUSE_S)
        self._last = self._clock()
