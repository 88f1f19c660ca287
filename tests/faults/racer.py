"""A process that fires simulated runs, records them, and says on stdout at once what has happened.

`python -m tests.faults.racer LEDGER SEED COUNT`: COUNT runs in simulated time, then the end; with 0, runs in real time,
three at once, until it is killed. A line is `what run call monotonic_ns figure`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from workbench.engine import events as e
from workbench.engine.clock import run_virtual
from workbench.engine.run import execute
from workbench.engine.task import Task
from workbench.ledger import Ledger, open_ledger
from workbench.models.base import ModelInfo, Provider
from workbench.models.simulated import SimulatedProvider
from workbench.systems.notation import parse_system

MODEL = "sim/small:tps-150:ttft-0.05:tokens-40:fail-0.1"
SYSTEMS = (f"race(3*{MODEL}@0.8)", f"vote(4*{MODEL}@0.8)", f"judge[{MODEL}](race[take=2](3*{MODEL}@0.8))")


class Simulated:
    """Simulated models only."""

    def __init__(self) -> None:
        self._provider: Provider = SimulatedProvider()

    def info(self, model: str) -> ModelInfo:
        return self._provider.info(model)

    def provider(self, model: str) -> Provider:
        return self._provider

    async def aclose(self) -> None:
        return None


def say(what: str, run: str, call: str, figure: int) -> None:
    """One line, in one write: a killed process leaves no half of one."""
    os.write(1, f"{what} {run} {call or '-'} {time.monotonic_ns()} {figure}\n".encode())


class Teller:
    """A sink that stands behind the recorder: it tells what the recorder has been given."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._count = 0

    def __call__(self, event: e.AnyEvent) -> None:
        self._count += 1
        match event:
            case e.RunStarted():
                say("started", self._run, "", 0)
            case e.TextDelta():
                say("text", self._run, event.call, len(event.text))
            case e.CallFinished():
                say("finished", self._run, event.call, event.cost or 0)
            case e.RunFinished():
                say("ended", self._run, "", self._count)
            case _:
                pass


async def fire(ledger: Ledger, seed: int) -> None:
    """One run."""
    run = f"run-{os.getpid()}-{seed}"
    system = parse_system(SYSTEMS[seed % len(SYSTEMS)])
    sinks: list[Callable[[e.AnyEvent], None]] = [ledger.recorder(), Teller(run)]
    await execute(system, Task.of(f"What is {seed} × 7?"), Simulated(), sinks=sinks, seed=seed, run_id=run)


async def _lane(ledger: Ledger, seed: int) -> None:
    while True:
        await fire(ledger, seed)
        seed += 3


async def _lanes(ledger: Ledger, seed: int) -> None:
    await asyncio.gather(*(_lane(ledger, seed + lane) for lane in range(3)))


def main() -> None:
    """See the module."""
    path, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    say("ready", "-", "", 0)
    with open_ledger(path) as ledger:
        if not count:
            asyncio.run(_lanes(ledger, seed))
        for index in range(count):
            run_virtual(fire(ledger, seed + index))


if __name__ == "__main__":
    main()
