"""What is drawn goes to the terminal by a thread of Textual's. Where the terminal has gone (a lost connection, a closed
window) that thread ends, and the app waits for ever for a place in its queue: it never ends, nor what it started.
"""

from __future__ import annotations

import importlib
import sys

from textual.drivers._writer_thread import WriterThread


class Output(WriterThread):
    """Textual's, but what can't be written any more goes nowhere."""

    def run(self) -> None:
        """Write until told to stop."""
        try:
            super().run()
        except (OSError, ValueError):
            while self._queue.get() is not None:
                pass


def install() -> None:
    """Let Textual's terminal drivers of this platform write with it."""
    name = "windows_driver" if sys.platform == "win32" else "linux_driver"
    driver = importlib.import_module(f"textual.drivers.{name}")
    if getattr(driver, "WriterThread", None) is WriterThread:
        vars(driver)["WriterThread"] = Output
