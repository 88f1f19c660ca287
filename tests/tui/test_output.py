"""The app ends where its terminal has gone."""

from __future__ import annotations

import errno
import io
import threading
from collections.abc import Callable

import pytest

from workbench.tui import output
from workbench.tui.output import Output


class Gone(io.StringIO):
    """A terminal that has gone after the first frame."""

    def write(self, text: str) -> int:
        if self.getvalue():
            raise OSError(errno.EIO, "Input/output error")
        return super().write(text)


def ends(work: Callable[[], object]) -> bool:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(10)
    return not thread.is_alive()


def test_what_is_drawn_on_a_terminal_that_has_gone_goes_nowhere() -> None:
    terminal = Gone()
    shown = Output(terminal)
    shown.start()

    def draw() -> None:
        for number in range(500):
            shown.write(f"frame {number}\n")

    assert ends(draw)
    assert ends(shown.stop)
    assert terminal.getvalue() == "frame 0\n"


def test_the_terminal_s_driver_writes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = pytest.importorskip("textual.drivers.linux_driver")
    monkeypatch.setattr(driver, "WriterThread", driver.WriterThread)
    output.install()
    assert driver.WriterThread is Output
