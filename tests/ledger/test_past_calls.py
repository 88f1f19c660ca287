"""What recent calls came to, by model."""

from __future__ import annotations

from tests.ledger.streams import STARTED_AT, record, short
from workbench.ledger import Ledger
from workbench.ledger.past_calls import RUNS, PastCalls


def test_calls_that_ended_by_themselves_count_deleted_runs_do_not(ledger: Ledger) -> None:
    for name in ("a", "b", "gone"):
        record(ledger, short(name))
    ledger.delete("gone")
    assert ledger.past_calls(["lab/one", "lab/other"]) == {"lab/one": PastCalls((2, 2), (2, 2))}
    assert ledger.past_calls([]) == {}


def test_only_the_newest_runs_are_looked_at(ledger: Ledger) -> None:
    for number in range(RUNS + 5):
        record(ledger, short(f"run{number}", started_at=STARTED_AT + number))
    assert len(ledger.past_calls(["lab/one"])["lab/one"].tokens) == RUNS
