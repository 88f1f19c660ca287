"""A long day at once: ten million tokens through one session on a real terminal; memory after one and after ten.

Simulated models that send many tokens a piece; run after run is fired by its key in one app, and lanes are walked
through between them. Every token is looked for in the ledger at the end. `BENCHMARK_TOKENS` takes another number.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.common import Figure, end_after, report
from benchmarks.screen import LANES, LEAVE, PROMPT, RUN, configure
from benchmarks.terminal import OnTerminal
from workbench.ledger import open_ledger
from workbench.systems.nodes import Ensemble, Model, System

TOKENS = int(os.environ.get("BENCHMARK_TOKENS", "10000000"))
REPLICAS, EACH = 50, 2_000
MODEL = f"sim/small:tps-50000:tps_spread-0:tokens-{EACH}:spread-0:ttft-0.05:chunk-20:ramble-1"
PATIENCE_S = 120.0


def ended(home: Path) -> tuple[int, int]:
    """(runs that have ended, tokens of their calls) in the ledger."""
    with open_ledger(home / "data" / "ledger.db", read_only=True) as ledger:
        rows = ledger.runs(limit=100_000)
    return sum(row.status == "done" for row in rows), sum(row.completion_tokens or 0 for row in rows)


def fire(program: OnTerminal, home: Path, number: int) -> None:
    """One run to its end, and a walk through its lanes. Raises `AssertionError` where it never ends."""
    program.send(RUN)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        time.sleep(0.3)
        list(program.play())
        program.reads.clear()
        program.rewind()
        if ended(home)[0] >= number:
            program.send(LANES + "jjjkk")
            time.sleep(0.3)
            return
    raise AssertionError(f"run {number} never ended:\n{program.text}")


def soak(home: Path) -> tuple[float, float, int, int]:
    """(MB after a tenth, MB at the end, tokens kept, runs)."""
    root = Ensemble(of=(Model(model=MODEL, replicas=REPLICAS),))
    configure(home, System(name="load", root=root))
    runs = max(10, TOKENS // (REPLICAS * EACH))
    early = 0.0
    with OnTerminal([sys.executable, "-m", "workbench"], {"WORKBENCH_HOME": str(home)}) as program:
        program.wait_for("1 Bench", "palette", "load")
        for number in range(1, runs + 1):
            fire(program, home, number)
            if number == runs // 10:
                early = program.resident_mb()
        late = program.resident_mb()
        program.leave(LEAVE)
    return early, late, ended(home)[1], runs


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        early, late, kept, runs = soak(Path(folder))
    sent = runs * REPLICAS * EACH
    said = f"{PROMPT!r} × {runs} runs, {sent:,} tokens: {early:.0f} MB after a tenth, {late:.0f} MB at the end"
    report(
        Figure("memory at the end against after a tenth", late / early, "×", 1.1, "lower", said),
        Figure("tokens in the ledger", kept / sent, "of those sent", 1, "higher", f"{kept:,} of {sent:,}"),
    )


if __name__ == "__main__":
    end_after(main)
