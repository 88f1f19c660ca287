"""Memory: 1,000 concurrent streams of 2,000 tokens in the app, with ledger and screen, above the idle app.

The peer is the text itself: what 2,000,000 tokens weigh as bytes.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import tempfile
from pathlib import Path

from benchmarks.common import Figure, end_after, report
from tests.fakes.process import ServerProcess
from tests.fakes.scripts import Script
from workbench.engine.view import RunView
from workbench.systems.nodes import Ensemble, Model, System
from workbench.tui.app import WorkbenchApp
from workbench.tui.wiring import services

STREAMS = 1000
TOKENS = 2000
CONFIG = """[endpoints.lab]
base_url = "{url}"
billing_on_cancel = "stops"
max_concurrency = 2000
prices."*" = {{ input = 1.0, output = 2.0 }}
"""
PATIENCE_S = 600.0
"""The server in the other process needs its time to write two million chunks."""


def resident_mb() -> float:
    """Resident memory now, MB (Linux), else the peak so far."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def system(model: str, replicas: int) -> System:
    """All replicas at once, none cancelled."""
    patient = Model(
        model=model, replicas=replicas, first_token_timeout=PATIENCE_S, idle_timeout=PATIENCE_S, timeout=PATIENCE_S
    )
    return System(root=Ensemble(of=(patient,)))


async def fire(app: WorkbenchApp, fired: System) -> tuple[float, RunView]:
    """(Highest MB seen during the run, the run)."""
    app.session.open(fired)
    assert app.session.run("hi")
    highest = resident_mb()
    while app.session.live:
        await asyncio.sleep(0.1)
        highest = max(highest, resident_mb())
    view = app.session.view
    assert view.status == "done", f"{view.reason} {app.session.problem}"
    assert not app.session.problem
    return highest, view


async def grow() -> tuple[float, float, int]:
    """(Idle MB, highest MB while 1,000 streams run, how many of them ran at once)."""
    app = WorkbenchApp(services())
    async with app.run_test(size=(120, 40)) as pilot:
        await fire(app, system("lab/small", 2))
        await pilot.pause()
        gc.collect()
        idle = resident_mb()
        highest, view = await fire(app, system("lab/m", STREAMS))
        assert sum(call.deltas for call in view.calls.values()) == STREAMS * TOKENS
        return idle, highest, overlapping(view)


def overlapping(view: RunView) -> int:
    """Streams that were open when the first one ended."""
    times = [(call.started_at or 0, call.finished_at or 0) for call in view.calls.values()]
    first_end = min(end for _, end in times)
    return sum(begin <= first_end for begin, _ in times)


def main() -> None:
    """Print the figure."""
    words = tuple(f" w{i:03}" for i in range(100))
    scripts = {"m": Script(chunks=words, repeat=TOKENS // 100), "small": Script(chunks=words)}
    with ServerProcess(scripts) as server, tempfile.TemporaryDirectory() as home:
        os.environ["WORKBENCH_HOME"] = home
        (Path(home) / "config").mkdir()
        (Path(home) / "config" / "config.toml").write_text(CONFIG.format(url=server.base_url), encoding="utf-8")
        idle, highest, at_once = asyncio.run(grow())
    text = STREAMS * TOKENS * 5 / 2**20
    report(
        Figure(
            "1,000 streams × 2,000 tokens above the idle app",
            highest - idle,
            "MB",
            300,
            "lower",
            f"{(highest - idle) / text:.1f} × the bare text's {text:.0f} MB; idle app {idle:.0f} MB",
        ),
        Figure("of them open at once", at_once / STREAMS, "of all streams", 1.0, "higher", f"{at_once}"),
    )


if __name__ == "__main__":
    end_after(main)
