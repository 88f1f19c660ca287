"""An app whose terminal has gone without a word ends, and does not use up the processor until then."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from workbench.tui.hangup import MANY, PAUSE_S, Silence


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now, self.gone, self.waited = 0.0, 0, 0.0

    def leave(self) -> None:
        self.gone += 1

    def wait(self, seconds: float) -> None:
        self.waited += seconds
        self.now += seconds

    @property
    def silence(self) -> Silence:
        return Silence(self.leave, lambda: self.now, self.wait)


def test_a_terminal_that_is_read_in_vain_without_end_has_gone_and_is_told_of_once() -> None:
    hand = Hand()
    silence = hand.silence
    for _ in range(4 * MANY):
        silence.goes_on()
    assert hand.gone == 1
    assert hand.waited == pytest.approx(PAUSE_S * (3 * MANY))


def test_a_terminal_that_says_nothing_for_long_has_not_gone() -> None:
    hand = Hand()
    silence = hand.silence
    for _ in range(4 * MANY):
        hand.now += 0.1
        silence.goes_on()
    assert (hand.gone, hand.waited) == (0, 0.0)


def test_nor_has_one_from_which_much_comes_at_once() -> None:
    hand = Hand()
    silence = hand.silence
    for _ in range(4 * MANY):
        silence.broken()
        silence.goes_on()
    assert (hand.gone, hand.waited) == (0, 0.0)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is needed")
@pytest.mark.parametrize("size", [(40, 120), (0, 0)], ids=["sized", "of no size"])
def test_the_app_leaves_when_its_terminal_goes_and_no_signal_comes(tmp_path: Path, size: tuple[int, int]) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, size)
    environ = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environ |= {"WORKBENCH_HOME": str(tmp_path), "TERM": "xterm-256color"}
    command = [sys.executable, "-m", "workbench", "--fresh"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ) as app:
        os.close(theirs)
        seen, until = b"", time.monotonic() + 30
        while b"palette" not in seen and time.monotonic() < until:
            seen += os.read(ours, 65536)
        assert b"palette" in seen
        os.close(ours)
        assert app.wait(timeout=30) == 129  # as for a signal: 128 + SIGHUP
