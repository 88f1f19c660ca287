"""Ledgers with many runs, for the tests of the Runs screen."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from tests.ledger.streams import SECOND, fired, record, short
from tests.tui.scripted import STARTED, FakeStore
from workbench.engine.events import AnyEvent
from workbench.errors import LedgerError
from workbench.ledger import Ledger, RunQuery, RunRow, open_ledger
from workbench.ledger.queries import CallRow

QUESTIONS = (
    ("What is the capital of Australia?", "Canberra"),
    ("Name the largest planet.", "Jupiter is the largest planet of our system."),
    ("What is 17 × 23? Think step by step, then give a final answer.", "17 × 23 = 391\n\nFinal answer: **391**"),
    ("Which metal melts at 1085 °C?", "Copper"),
    ("Translate “good evening” into Finnish.", "Hyvää iltaa"),
)
SYSTEMS = ("single", "laconic-then-judge", "majority-of-five", "")
JUDGED = fired("judge[sim/judge](race[take=2](4*sim/thinker))", run="judged00", started_at=STARTED - SECOND)
STATUSES = ("done",) * 8 + ("failed", "degraded", "cancelled", "stopped")


def filled(path: Path, count: int) -> Ledger:
    """A real ledger with so many short runs, a minute apart, the newest an hour before `STARTED`."""
    ledger, draw = open_ledger(path), random.Random(7)
    for number in range(count):
        recorder = ledger.recorder()
        for event in _run(number, count, draw):
            recorder(event)
    ledger.flush()
    return ledger


def _run(number: int, count: int, draw: random.Random) -> list[AnyEvent]:
    prompt, answer = draw.choice(QUESTIONS)
    return short(
        f"{number:05d}abc",
        prompt=prompt,
        answer=answer,
        system=draw.choice(SYSTEMS),
        started_at=STARTED - (count - number) * 60 * SECOND,
        cost=draw.choice((0, 2_310_000_000, 42_000_000, None)),
        kind=draw.choice(("real", "real", "simulated")),
        status=draw.choice(STATUSES),
    )


def judged(ledger: Ledger) -> None:
    """One whole run of a race and a judge, the newest."""
    record(ledger, JUDGED)


ROW = RunRow(
    id="", kind="real", system="single", notation="a", prompt="What is 6 × 7?", answer="42", status="done",
    started_at=STARTED, wall_ns=1_200_000_000, first_token_ns=1, calls=1, prompt_tokens=1, completion_tokens=1,
    estimated=False, cost=2_310_000_000, known_cost=2_310_000_000, waste=0, score_name=None, score=None, grade=None,
    tags=(),
)  # fmt: skip


@dataclass
class LongStore(FakeStore):
    """A hundred thousand runs that are made up as they are asked for; remembers what was asked."""

    length: int = 100_000
    asked: list[tuple[int, int]] = field(default_factory=list)
    """(first, how many) of each page."""
    broken: bool = False

    def runs(self, query: RunQuery, *, limit: int, after: RunRow | None = None, skip: int = 0) -> list[RunRow]:
        if self.broken:
            raise LedgerError("can't read the ledger: the disk is gone")
        first = (int(after.id) + 1 if after is not None else 0) + skip
        self.asked.append((first, limit))
        return [self.row(n) for n in range(first, min(self.length, first + limit))]

    def row(self, number: int) -> RunRow:
        """The run in this place."""
        return ROW._replace(id=f"{number:06d}", prompt=f"question {number}", started_at=STARTED - number * SECOND)

    def count(self, query: RunQuery) -> int:
        return self.length

    def calls(self, ref: str, *, limit: int) -> list[CallRow]:
        return []
