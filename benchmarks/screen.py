"""The app on a real pseudo-terminal, 120 × 40: key press to repaint and CPU under load, and how soon the first frame.

Under load: 64 replicas at 8,000 tokens/s and 1,000 replicas at 20,000 tokens/s, a token a piece. `j` and `k` are
pressed in the lanes every 150 ms or so; a repaint is the first output after which the highlighted lane is another one,
as a terminal emulator that is fed afterwards tells: redraws that come anyway do not count. The models are simulated,
in the app's process; so the screen's CPU is the app's less that of the same run without a screen, which takes its turn
after it. Every token is looked for in the ledger afterwards.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from benchmarks.common import Figure, end_after, report
from benchmarks.terminal import OnTerminal, Screen
from workbench.ledger import open_ledger
from workbench.systems.files import dumps
from workbench.systems.nodes import Ensemble, Model, System

PROMPT = "hi"
WARM_UP_S = 3.0
"""After the first tokens, before the measurement: connections, caches and layout have settled."""
SECONDS = float(os.environ.get("BENCHMARK_SECONDS", "20"))
"""How long is measured."""
LOOKED_AT = 8
"""Lanes among which the highlight moves."""
BETWEEN_KEYS_S = (0.11, 0.19)
PATIENCE_S = 3.0
"""A repaint that takes longer is missing."""
LANES, RUN, LEAVE = "\x1b[24~", "\x12", "\x11"
"""F12, as the benchmark's config has it; Ctrl+R; Ctrl+Q."""


@dataclass(frozen=True)
class Load:
    """How many replicas, and how many tokens a second in total."""

    replicas: int
    rate: int

    def __str__(self) -> str:
        return f"{self.replicas:,} replicas at {self.rate:,} tok/s"

    @property
    def tokens(self) -> int:
        """Of one replica: enough for the whole measurement."""
        return round(self.rate / self.replicas * (SECONDS + WARM_UP_S + 8))

    @property
    def system(self) -> System:
        """All replicas at once, none cancelled, each as fast as the others and with as much to say."""
        profile = f"tps-{self.rate / self.replicas:g}:tps_spread-0:tokens-{self.tokens}:spread-0:ttft-0.2:chunk-1"
        root = Ensemble(of=(Model(model=f"sim/small:{profile}:ramble-1", replicas=self.replicas),))
        return System(name="load", root=root)


LOADS = (Load(64, 8_000), Load(1_000, 20_000))


@dataclass(frozen=True)
class Measured:
    """What one load did to the app."""

    latencies_ms: list[float]
    missing: int
    ended_ms: list[float]
    """Latencies after the run's end, among answers that are whole."""
    app: float
    """CPU seconds a second."""
    alone: float
    """The same without a screen."""
    kept: int
    sent: int
    rate: float


def configure(home: Path, system: System) -> Path:
    """A home whose default system is this one; its file."""
    (home / "config").mkdir()
    file = home / "load.yaml"
    file.write_text(dumps(system), encoding="utf-8")
    config = f'[defaults]\nsystem = "{file}"\nprompt = "{PROMPT}"\n[keys]\nfocus_lanes = "f12"\n'
    (home / "config" / "config.toml").write_text(config, encoding="utf-8")
    return file


def cursor(screen: Screen, top: int, left: int) -> int | None:
    """The line of the highlighted lane: the only one below the titles with a background of its own."""
    grounds: dict[str, list[int]] = {}
    for y in range(top + 1, top + 1 + LOOKED_AT):
        grounds.setdefault(screen.buffer[y][left].bg, []).append(y)
    alone = [rows[0] for rows in grounds.values() if len(rows) == 1]
    return alone[0] if len(grounds) == 2 and len(alone) == 1 else None


def titles(screen: Screen) -> tuple[int, int]:
    """(line of the lanes' titles, their first column). Raises `ValueError` where there are none."""
    for y, text in enumerate(screen.display):
        if " model " in text and " state " in text:
            return y, text.index("│") + 3
    raise ValueError("no lanes")


def press(program: OnTerminal, seconds: float) -> list[int]:
    """Keys for so long, up and down by turns; when each was pressed."""
    chance = random.Random(1)
    pressed: list[int] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(chance.uniform(*BETWEEN_KEYS_S))
        pressed.append(program.send("jk"[len(pressed) % 2]))
    return pressed


def repaints(program: OnTerminal, pressed: list[int]) -> tuple[list[float], int]:
    """Milliseconds from each key to the output that moved the highlight, and how many keys moved none."""
    place = titles(program.screen)
    moves, last = [], cursor(program.screen, *place)
    for when in program.play():
        now = cursor(program.screen, *place)
        if now is not None and now != last:
            moves.append(when)
            last = now
    found = []
    for key in pressed:
        moves = [when for when in moves if when > key]
        if moves and moves[0] - key < PATIENCE_S * 1e9:
            found.append((moves.pop(0) - key) / 1e6)
    return found, len(pressed) - len(found)


def watched(home: Path, load: Load) -> tuple[list[float], int, list[float], float]:
    """(latencies, keys without a repaint, latencies after the run, CPU share) of the app."""
    with OnTerminal([sys.executable, "-m", "workbench"], {"WORKBENCH_HOME": str(home)}) as program:
        program.wait_for("1 Bench", "palette", "load")
        program.send(RUN)
        program.wait_for("streaming")
        program.send(LANES + "jj")
        program.wait(lambda screen: cursor(screen, *titles(screen)) is not None, "the highlighted lane")
        time.sleep(WARM_UP_S)
        list(program.play())
        began, before = time.perf_counter(), program.cpu_s()
        pressed = press(program, SECONDS)
        used = (program.cpu_s() - before) / (time.perf_counter() - began)
        time.sleep(0.5)
        found, missing = repaints(program, pressed)
        program.wait(lambda screen: any(" run " in line and "✓ done" in line for line in screen.display), "the end")
        time.sleep(2)
        list(program.play())
        pressed = press(program, SECONDS / 3)
        time.sleep(0.5)
        ended, lost = repaints(program, pressed)
        program.leave(LEAVE)
    return found, missing + lost, ended, used


def unwatched(home: Path, system: Path) -> float:
    """CPU share of the same run without a screen, over as long a time."""
    command = [sys.executable, "-m", "benchmarks.headless", str(system), PROMPT]
    with subprocess.Popen(command, env={**os.environ, "WORKBENCH_HOME": str(home)}, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the first token
        time.sleep(WARM_UP_S)
        twin = psutil.Process(process.pid)
        began, before = time.perf_counter(), sum(twin.cpu_times()[:2])
        time.sleep(SECONDS)
        used = (sum(twin.cpu_times()[:2]) - before) / (time.perf_counter() - began)
        process.wait(timeout=600)
    return float(used)


def kept(home: Path) -> tuple[int, float]:
    """(tokens of the newest run in the ledger, each a delta, and how many a second came)."""
    from workbench import paths
    from workbench.engine.events import FirstToken, TextDelta

    os.environ["WORKBENCH_HOME"] = str(home)
    with open_ledger(paths.ledger_file(), read_only=True) as ledger:
        events = list(ledger.events("last"))
    times = [event.t for event in events if isinstance(event, TextDelta)]
    assert any(isinstance(event, FirstToken) for event in events)
    return len(times), len(times) / ((max(times) - min(times)) / 1e9)


def measure(load: Load) -> Measured:
    """The app under this load, then the same run without a screen."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        system = configure(home, load.system)
        latencies, missing, ended, app = watched(home, load)
        tokens, rate = kept(home)
        alone = unwatched(home, system)
    return Measured(latencies, missing, ended, app, alone, tokens, load.replicas * load.tokens, rate)


FRAMES = 5
EMPTY = "from textual.app import App; App().run()"


FIRST = ("1 Bench", "smollm2-135m", "What is 6 × 7?", "palette")
"""The screens' names, the system, the prompt, the keys."""
EVERY = (*FIRST, "notation", "thinking", "agreement")
"""The other panes too."""


def first_frame(command: list[str], *texts: str) -> float:
    """Milliseconds from the start of the process to the output after which these texts are on the screen, and every
    line is cleared to the app's background."""
    with tempfile.TemporaryDirectory() as home, OnTerminal(command, {"WORKBENCH_HOME": home}) as program:
        until = time.monotonic() + PATIENCE_S * 5
        while time.monotonic() < until:
            for when in program.play():
                if all(text in program.text for text in texts) and program.screen.buffer[39][0].bg != "default":
                    program.leave(LEAVE)
                    return (when - program.started) / 1e6
            time.sleep(0.005)
    raise AssertionError("no first frame")


def frames() -> Figure:
    """The app's first frame against an empty Textual app's, by turns; medians. All find their bytecode, as installed
    programs do. The app's is its header, the system, the prompt and the keys; every pane comes with the next."""
    ours, whole, empty = [], [], []
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        for _ in range(FRAMES + 1):
            ours.append(first_frame([sys.executable, "-m", "workbench"], *FIRST))
            whole.append(first_frame([sys.executable, "-m", "workbench"], *EVERY))
            empty.append(first_frame([sys.executable, "-c", EMPTY]))
        del os.environ["PYTHONPYCACHEPREFIX"], ours[0], whole[0], empty[0]
    every = f"every pane after {median(whole):.0f} ms ({median(whole) / median(empty):.2f} ×)"
    said = f"{median(ours):.0f} against {median(empty):.0f} ms, imports included; {every}"
    return Figure("first frame ÷ an empty Textual app's", median(ours) / median(empty), "×", 1.5, "lower", said)


def percentile(values: list[float], share: float) -> float:
    """The value below which this share lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    """Print the figures."""
    report(frames())
    for load in LOADS:
        found = measure(load)
        keys = found.latencies_ms
        said = f"median {median(keys):.0f}, max {max(keys):.0f} ms of {len(keys)} keys, {found.missing} without one"
        report(
            Figure(f"key to repaint p95, {load}", percentile(keys, 0.95), "ms", 50, "lower", said),
            Figure(f"the same after its end, {load}", percentile(found.ended_ms, 0.95), "ms", 50, "lower"),
            Figure(
                f"screen's CPU, {load}",
                (found.app - found.alone) * 100,
                "% of a core",
                50,
                "lower",
                f"the app's {found.app:.0%} less the same run's without a screen, {found.alone:.0%}",
            ),
            Figure(
                f"tokens in the ledger, {load}",
                found.kept / found.sent,
                "of those sent",
                1,
                "higher",
                f"{found.kept:,} of {found.sent:,}; {found.rate:,.0f} a second came",
            ),
        )


if __name__ == "__main__":
    end_after(main)
