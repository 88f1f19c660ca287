"""Ledgers with many runs, for the tests of the Runs screen."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import ClassVar

from textual.app import App

from tests.ledger.streams import SECOND, fired, record, short
from tests.tui.scripted import STARTED, FakeStore, race_and_judge, services
from workbench.engine.events import AnyEvent
from workbench.errors import LedgerError
from workbench.ledger import Ledger, RunQuery, RunRow, open_ledger
from workbench.ledger.queries import CallRow
from workbench.tui import theme
from workbench.tui.screens.runs import Runs
from workbench.tui.services import Store
from workbench.tui.session import Session

UI = Path(theme.__file__).parent

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
        return [self.made(n) for n in range(first, min(self.length, first + limit))]

    def row(self, ref: str) -> RunRow:
        return self.made(int(ref))

    def made(self, number: int) -> RunRow:
        """The run in this place."""
        return ROW._replace(id=f"{number:06d}", prompt=f"question {number}", started_at=STARTED - number * SECOND)

    def count(self, query: RunQuery) -> int:
        return self.length

    def calls(self, ref: str, *, limit: int) -> list[CallRow]:
        return []


class Alone(App[int]):
    """The Runs screen without the rest of the app, which takes most of the time to start."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [UI / "app.tcss", UI / "screens" / "runs.tcss"]

    def __init__(self, store: Store | None) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-compact"), (100, "-roomy"), (150, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-middle"), (38, "-tall")]
        self.session = Session(services(store=store, now=lambda: STARTED), race_and_judge())
        self.shown: list[tuple[str, bool]] = []

    def get_css_variables(self) -> dict[str, str]:
        return theme.complete(super().get_css_variables())

    def on_mount(self) -> None:
        self.push_screen(Runs(self.session))

    def show_run(self, ref: str, *, replay: bool = False) -> None:
        """What the app would show on the Bench."""
        self.shown.append((ref, replay))
