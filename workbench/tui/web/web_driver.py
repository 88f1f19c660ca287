"""Textual's driver for a browser, with pastes as our own parser reads them, and an end when the server is gone."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from textual.drivers import web_driver

from workbench.tui.pasting import PasteParser

vars(web_driver)["XTermParser"] = PasteParser


class WebDriver(web_driver.WebDriver):
    """What it draws and reads goes through pipes; once nobody is at their other end, the app leaves as when it is told
    to: the run is ended and kept."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._write = partial(_write, self.fileno)

    def run_input_thread(self) -> None:
        """Read until the input ends."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._loop.call_soon_threadsafe(self._app.exit)


def _write(fileno: int, data: bytes) -> int:
    """To the server. Once that is gone the input has ended too, which ends the app."""
    try:
        return os.write(fileno, data)
    except OSError:
        return len(data)
