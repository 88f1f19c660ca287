"""How long commands and the app's first frame take, against the floor that Python and the command line library set.

The peer of `workbench --help` is a bare interpreter plus the start of the command line library, in turns in the same
run; the peer of the first frame is the import of LiteLLM, which must come after it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

from benchmarks.common import Figure, end_after, report

ROUNDS = 9

START = "from cyclopts import App; App(name='floor', help_format='plaintext')(['--help'], result_action='return_value')"
COMMANDS = {
    "pass": (sys.executable, "-c", "pass"),
    "library": (sys.executable, "-c", START),
    "help": (sys.executable, "-m", "workbench", "--help"),
    "locate": (sys.executable, "-m", "workbench", "locate"),
}


def once(command: tuple[str, ...]) -> float:
    """Wall seconds of one process."""
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def measure() -> dict[str, float]:
    """Median wall seconds of every command; the commands take turns, so that noise meets them alike."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            times[name].append(once(command))
    return {name: median(values) for name, values in times.items()}


FIRST_FRAME = """
import asyncio, sys, time
started = time.perf_counter()
from workbench.tui.app import WorkbenchApp
from workbench.tui.wiring import services
async def main():
    async with WorkbenchApp(services()).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        print(f"{time.perf_counter() - started:.3f} {'litellm' in sys.modules}")
asyncio.run(main())
"""
OFFLINE = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}
"""LiteLLM's import without a request for its price map and without reading `.env`."""


def first_frame() -> tuple[float, float]:
    """Seconds until the app's first frame, imports included, and those of LiteLLM's import beside it.

    Raises `AssertionError` where LiteLLM was loaded before the frame.
    """
    with tempfile.TemporaryDirectory() as home:
        fresh = {**os.environ, "WORKBENCH_HOME": home}
        command = (sys.executable, "-c", FIRST_FRAME)
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=fresh)
    seconds, loaded = done.stdout.split()
    assert loaded == "False", "LiteLLM was imported before the first frame"
    started = time.perf_counter()
    code = f"import os; os.environ.update({OFFLINE!r}); import litellm"
    subprocess.run((sys.executable, "-c", code), capture_output=True, check=True)
    return float(seconds), time.perf_counter() - started


def main() -> None:
    """Print the ratios."""
    times = measure()
    floor = times["library"]
    detail = "python -c pass {pass:.0f} ms, library {library:.0f} ms, --help {help:.0f} ms, locate {locate:.0f} ms"
    spelt = detail.format(**{name: seconds * 1e3 for name, seconds in times.items()})
    report(Figure("`workbench --help` ÷ (python + library start)", times["help"] / floor, "×", 3, "lower", spelt))
    frame, litellm = first_frame()
    spelt = f"first frame {frame:.2f} s with LiteLLM not loaded, its import alone {litellm:.2f} s"
    report(Figure("first frame ÷ import of LiteLLM", frame / litellm, "×", 1, "lower", spelt))


if __name__ == "__main__":
    end_after(main)
