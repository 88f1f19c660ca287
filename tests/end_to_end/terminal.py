"""A real terminal that a program runs in: tmux, of which no server or setting of the developer's own is used."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

POLL_S = 0.1


def find_tmux() -> str | None:
    """The program, where there is one."""
    return shutil.which("tmux")


class Terminal:
    """One window. `folder` gets a picture, as text, of every step that was waited for."""

    def __init__(self, tmux: str, folder: Path, environ: dict[str, str]) -> None:
        self._command = [tmux, "-u", "-S", str(folder / "tmux.sock"), "-f", os.devnull]
        self._folder, self._environ, self._code = folder, environ, folder / "exit-code"
        self.steps: list[str] = []

    def start(self, words: Sequence[str], size: tuple[int, int]) -> None:
        """Run the program in a window of so many columns and rows, once it has them; it stays when the program ends."""
        width, height = map(str, size)
        sized = f'until [ "$(stty size)" = "{height} {width}" ]; do sleep 0.02; done'
        begun = f"{sized}; {shlex.join(words)}; echo $? > {shlex.quote(str(self._code))}"
        self._tmux("new-session", "-d", "-x", width, "-y", height, begun, ";", "set", "remain-on-exit", "on")

    def press(self, *keys: str) -> None:
        """Keys by tmux's names."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Text as it stands."""
        self._tmux("send-keys", "-l", text)

    def screen(self) -> str:
        """What is to be seen now."""
        return self._tmux("capture-pane", "-p")

    @property
    def ended(self) -> str:
        """The exit code once the program has ended; empty before. tmux itself does not always come to know it."""
        return self._code.read_text().strip() if self._code.exists() else ""

    def until(self, step: str, seen: Callable[[str], bool], limit: float) -> str:
        """Look until it is to be seen, so many seconds at most; returns the screen and keeps it as this step's."""
        end = time.monotonic() + limit
        while not seen(screen := self.screen()):
            if time.monotonic() > end or self.ended:
                self._keep(step, screen)
                raise AssertionError(f"{step}: not seen within {limit:.0f} s, or the app ended ({self.ended or 'no'})")
            time.sleep(POLL_S)
        self._keep(step, screen)
        return screen

    def end(self, limit: float) -> str:
        """Wait for the program's own end; returns its exit code."""
        end = time.monotonic() + limit
        while not (code := self.ended) and time.monotonic() < end:
            time.sleep(POLL_S)
        self._keep("left", self.screen())
        assert code, f"the app did not end within {limit:.0f} s"
        return code

    def close(self) -> None:
        """End whatever is left."""
        subprocess.run([*self._command, "kill-server"], capture_output=True, check=False, env=self._environ)

    def _keep(self, step: str, screen: str) -> None:
        self.steps.append(f"── {step} ──\n{screen}")
        file = self._folder / f"{len(self.steps):02d}-{step.replace(' ', '-')}.txt"
        file.write_text(screen, encoding="utf-8")

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            [*self._command, *words], capture_output=True, text=True, encoding="utf-8", env=self._environ, check=True
        )
        return done.stdout


@contextmanager
def terminal(tmux: str, folder: Path, environ: dict[str, str]) -> Iterator[Terminal]:
    """A terminal that is gone afterwards; where the test fails all its steps are printed."""
    made = Terminal(tmux, folder, environ)
    try:
        yield made
    except BaseException:
        sys.stdout.write("\n".join(made.steps))
        raise
    finally:
        made.close()
