"""Memory: 1,000 concurrent streams of 2,000 tokens through engine, RunView and ledger, above the idle process.

The peer is the text itself: what 2,000,000 tokens weigh as bytes.
"""

from __future__ import annotations

import asyncio
import resource
import tempfile
from pathlib import Path

from benchmarks.common import Figure, lab, report
from tests.fakes.process import ServerProcess
from tests.fakes.scripts import Script
from workbench.engine.run import execute
from workbench.engine.task import Task
from workbench.ledger import open_ledger
from workbench.models.catalogue import Catalogue
from workbench.systems.nodes import Ensemble, Model, System

STREAMS = 1000
TOKENS = 2000


def resident_mb() -> float:
    """Resident memory now, MB (Linux), else the peak so far."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def grow(base_url: str, folder: Path) -> tuple[float, float]:
    """(Idle MB, highest MB while 1,000 streams run)."""
    import workbench.tui.app  # noqa: F401  - the idle app is the baseline

    catalogue = Catalogue(lab(base_url))
    ledger = open_ledger(folder / "ledger.db")
    small = System(root=Ensemble(of=(Model(model="lab/small", replicas=2),)))
    await execute(small, Task.of("hi"), catalogue, sinks=[ledger.recorder()], seed=1)
    idle, highest = resident_mb(), 0.0
    system = System(root=Ensemble(of=(Model(model="lab/m", replicas=STREAMS, first_token_timeout=600.0),)))
    run = asyncio.create_task(execute(system, Task.of("hi"), catalogue, sinks=[ledger.recorder()], seed=1))
    while not run.done():
        await asyncio.wait([run], timeout=0.2)
        highest = max(highest, resident_mb())
    view = run.result()
    assert sum(call.deltas for call in view.calls.values()) == STREAMS * TOKENS, view.reason
    ledger.close()
    await catalogue.aclose()
    return idle, highest


def main() -> None:
    """Print the figure."""
    words = tuple(f" w{i:03}" for i in range(100))
    scripts = {"m": Script(chunks=words, repeat=TOKENS // 100), "small": Script(chunks=words)}
    with ServerProcess(scripts) as server, tempfile.TemporaryDirectory() as folder:
        idle, highest = asyncio.run(grow(server.base_url, Path(folder)))
    text = STREAMS * TOKENS * 5 / 2**20
    report(
        Figure(
            "1,000 streams × 2,000 tokens above the idle app",
            highest - idle,
            "MB",
            300,
            "lower",
            f"{(highest - idle) / text:.1f} × the bare text's {text:.0f} MB; idle {idle:.0f} MB",
        )
    )


if __name__ == "__main__":
    main()
