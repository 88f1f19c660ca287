"""A program on a pseudo-terminal: keys in, what it draws out, each with its time.

A thread reads what comes as it comes and notes when; nothing is looked at meanwhile. Only afterwards, or between two
measurements, the bytes are played to a terminal emulator (pyte), which then says what stood on the screen after each.
"""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil
import pyte

ROOT = Path(__file__).parents[1]
COLUMNS, LINES = 120, 40
LOOKS_EVERY_S = 0.05
PATIENCE_S = 60.0


class Screen(pyte.Screen):
    """pyte's screen, without the answers that it would give to a program's questions."""

    def write_process_input(self, data: str) -> None:
        """A question of the program: a terminal that knows less than most stays silent."""


class OnTerminal:
    """`with OnTerminal(command) as program:` starts it on a terminal of its own, and ends it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.screen = Screen(COLUMNS, LINES)
        self.reads: list[tuple[int, bytes]] = []
        """(when, what) of all that the program wrote."""
        self.started = 0
        self._stream = pyte.ByteStream(self.screen)
        self._played = 0
        self._command = list(command)
        self._environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
        self._environment.pop("NO_COLOR", None)
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.started = time.perf_counter_ns()
        self._process = subprocess.Popen(
            self._command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env=self._environment,
            start_new_session=True,
        )
        os.close(slave)
        self._thread.start()
        self.process = psutil.Process(self._process.pid)
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=10)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._thread.join(timeout=5)
        os.close(self._master)

    def send(self, keys: str) -> int:
        """Press keys; returns when."""
        now = time.perf_counter_ns()
        os.write(self._master, keys.encode())
        return now

    def play(self) -> Iterator[int]:
        """What has come since the last time to the emulator, piece by piece: after each, when it came."""
        while self._played < len(self.reads):
            when, data = self.reads[self._played]
            self._played += 1
            self._stream.feed(data)
            yield when

    def wait(self, shown: Callable[[Screen], bool], what: str, patience_s: float = PATIENCE_S) -> None:
        """Until the screen is so. Raises `AssertionError` with the screen where it never is."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            list(self.play())
            if shown(self.screen):
                return
            assert self._process.poll() is None, f"ended before {what}:\n{self.text}"
            time.sleep(LOOKS_EVERY_S)
        raise AssertionError(f"{what} never came:\n{self.text}")

    def wait_for(self, *texts: str, patience_s: float = PATIENCE_S) -> None:
        """Until all these texts stand on the screen."""
        self.wait(lambda screen: all(text in self.text for text in texts), " + ".join(texts), patience_s)

    def rewind(self) -> None:
        """What was read is let go of."""
        self._played = 0

    def leave(self, keys: str, stay: str = "\x1b", patience_s: float = PATIENCE_S) -> int:
        """Press the keys that end it; where it asks first, because something is still being written, stay, and try
        again. Returns its exit code."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until:
            self.send(keys)
            with suppress(subprocess.TimeoutExpired):
                return self._process.wait(timeout=3)
            self.send(stay)
            time.sleep(1)
        list(self.play())
        raise AssertionError(f"it never left:\n{self.text}")

    @property
    def text(self) -> str:
        """The screen as it has been played so far."""
        return "\n".join(self.screen.display)

    def cpu_s(self) -> float:
        """CPU seconds that the program, without its children, has used."""
        used = self.process.cpu_times()
        return float(used.user + used.system)

    def resident_mb(self) -> float:
        """Memory that is resident now."""
        return float(self.process.memory_info().rss) / 2**20

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:  # the program has gone
                return
            if not data:
                return
            self.reads.append((time.perf_counter_ns(), data))
