"""SIGTERM and SIGHUP end a command as Ctrl-C does: what is under way is cancelled, what is known is kept."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

INTERRUPTED = 130
NAMES = ("SIGTERM", "SIGHUP")


class Signals:
    """What came; `code` is the exit code for it."""

    def __init__(self) -> None:
        self.code = INTERRUPTED
        self.name = ""

    def listen(self, stop: Callable[[], object], *names: str) -> None:
        """From the running loop: call `stop` at each of these signals. One that the caller has the process ignore
        (`nohup`) stays ignored; where there are no such handlers (Windows, a thread) nothing happens."""
        loop = asyncio.get_running_loop()
        for name in names:
            number = getattr(signal, name, None)
            if number is None or signal.getsignal(number) is signal.SIG_IGN:
                continue
            with suppress(NotImplementedError, RuntimeError, ValueError):
                loop.add_signal_handler(number, self._came, number, stop)

    def _came(self, number: signal.Signals, stop: Callable[[], object]) -> None:
        self.code, self.name = 128 + number, number.name
        stop()
