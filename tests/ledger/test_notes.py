"""What a user says of runs: grades, tags, deletion and its end; and what today has cost."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.ledger.streams import SECOND, fired, record, short
from workbench.engine import events as e
from workbench.errors import InputError
from workbench.ledger import Ledger, RunQuery, open_ledger

SECRET = "xylophone-4711"


def test_a_grade_is_replaced_by_the_same_grader_only(ledger: Ledger) -> None:
    record(ledger, short("a"))
    assert ledger.runs()[0].grade is None
    ledger.grade("a", "wrong", note="no")
    ledger.grade("last", "right", note="after all")
    ledger.grade("a", "skip", by="regex")
    _, rows = ledger.sql("SELECT run_id, graded_by, grade, note FROM grades ORDER BY graded_by")
    assert rows == [("a", "regex", "skip", ""), ("a", "user", "right", "after all")]
    assert ledger.runs()[0].grade == "skip"
    ledger.grade("a", "right", by="a\ud800\x00", note="💥\ud800")
    assert ledger.runs()[0].grade == "right"
    with pytest.raises(InputError, match="is no grade"):
        ledger.grade("a", "perfect")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no such run"):
        ledger.grade("b", "right")


def test_tags(ledger: Ledger) -> None:
    record(ledger, short("a", tags=("first", "first")))
    ledger.tag("a", "b c", "ünï", "first")
    assert ledger.runs()[0].tags == ("b c", "first", "ünï")
    ledger.untag("a", "first", "never there")
    assert ledger.runs()[0].tags == ("b c", "ünï")
    for wrong in ("", " ", "two\nlines", "\x1b[31m", "\x1f"):
        with pytest.raises(InputError, match="is no tag"):
            ledger.tag("a", "fine", wrong)
    assert ledger.runs()[0].tags == ("b c", "ünï")
    with pytest.raises(InputError, match="no such run"):
        ledger.tag("b", "x")


def test_tags_and_grades_given_while_a_run_goes_on_stay(ledger: Ledger) -> None:
    events = fired("race(3*sim/small@0.8)", tags=("own",))
    recorder = ledger.recorder()
    for event in events[:30]:
        recorder(event)
    ledger.tag("run", "seen")
    ledger.grade("run", "right")
    for event in events[30:]:
        recorder(event)
    (row,) = ledger.runs()
    assert (row.status, row.tags, row.grade) == ("done", ("own", "seen"), "right")


def test_deleted_runs_come_back_whole(ledger: Ledger) -> None:
    events = fired("race(3*sim/small@0.8)")
    record(ledger, events)
    record(ledger, short("b"))
    ledger.tag("run", "x")
    before = ledger.runs(RunQuery(tags=("x",)))
    assert ledger.delete("run", "b") == ["run", "b"]
    assert ledger.runs() == []
    assert (ledger.count(), ledger.count(RunQuery(deleted=True))) == (0, 2)
    assert (ledger.stats()["runs"], ledger.stats()["deleted_runs"]) == (0, 2)
    assert ledger.sql("SELECT * FROM run_costs")[1] == []
    assert ledger.sql("SELECT * FROM call_costs")[1] == []
    ledger.restore("run")
    assert ledger.runs() == before
    assert list(ledger.events("run")) == events
    with pytest.raises(InputError, match="not there any more"):
        ledger.restore("nope\ud800")


def test_one_wrong_reference_deletes_nothing(ledger: Ledger) -> None:
    record(ledger, short("a"))
    with pytest.raises(InputError):
        ledger.delete("a", "nope")
    assert ledger.count() == 1


def test_vacuum_takes_the_content_and_leaves_the_money(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_ledger(path) as ledger:
        for run in range(30):
            prompt = f"{SECRET} {run} " * 200
            record(ledger, short(f"gone{run}", prompt=prompt, answer=prompt, system=SECRET, cost=7, started_at=run))
        record(ledger, short("kept", prompt="shared prompt " * 50, started_at=100))
        record(ledger, short("gone", prompt="shared prompt " * 50, started_at=101))
        money = ledger.sql("SELECT * FROM daily_costs")
        ledger.grade("gone1", "right", note=SECRET)
        ledger.tag("gone1", SECRET)
        ledger.delete("gone", *(f"gone{run}" for run in range(30)))
        before, after = ledger.vacuum()
        assert after < before
        assert ledger.sql("SELECT * FROM daily_costs") == money
        assert ledger.check() == []
        assert list(ledger.events("kept")) == short("kept", prompt="shared prompt " * 50, started_at=100)
        assert [row.id for row in ledger.runs(RunQuery(text="shared"))] == ["kept"]
        assert ledger.runs(RunQuery(text="xylophone", deleted=True)) == []
        with pytest.raises(InputError, match="not there any more"):
            ledger.restore("gone1")
    left = b"".join(file.read_bytes() for file in sorted(tmp_path.rglob("*")) if file.is_file())
    assert SECRET.encode() not in left
    assert b"shared prompt" in left


def test_vacuum_leaves_a_deleted_run_that_still_goes_on(ledger: Ledger) -> None:
    events = fired("race(3*sim/small@0.8)")
    recorder = ledger.recorder()
    for event in events[:-10]:
        recorder(event)
    ledger.delete("run")
    ledger.vacuum()
    for event in events[-10:]:
        recorder(event)
    ledger.flush()
    assert recorder.error is None
    assert ledger.runs() == []
    ledger.restore("run")
    assert list(ledger.events("run")) == events


def _noon() -> datetime:
    return datetime(2026, 3, 14, 12)


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND


def test_today_begins_at_local_midnight(ledger: Ledger) -> None:
    midnight = _noon().replace(hour=0)
    record(ledger, short("yesterday", cost=1, started_at=_ns(midnight) - 1))
    record(ledger, short("midnight", cost=10, started_at=_ns(midnight)))
    record(ledger, short("noon", cost=100, started_at=_ns(_noon())))
    assert ledger.spent_today(_ns(_noon())) == 110
    assert ledger.spent_today(_ns(midnight - timedelta(seconds=1))) == 111
    assert ledger.spent_today(_ns(_noon() + timedelta(days=1))) == 0


def test_today_counts_real_money_whatever_became_of_the_run(ledger: Ledger) -> None:
    noon = _ns(_noon())
    record(ledger, short("sim", cost=1, kind="simulated", started_at=noon))
    record(ledger, short("unknown", cost=None, started_at=noon))
    record(ledger, short("failed", cost=10, status="failed", started_at=noon))
    record(ledger, short("deleted", cost=100, started_at=noon))
    ledger.delete("deleted")
    assert ledger.spent_today(noon) == 110
    ledger.vacuum()
    assert ledger.spent_today(noon) == 110


def test_today_counts_a_run_under_way_and_failed_attempts_of_its_open_calls(ledger: Ledger) -> None:
    noon = _ns(_noon())
    events = short("open", cost=100, started_at=noon)
    recorder = ledger.recorder()
    for event in events[:3]:
        recorder(event)
    assert ledger.spent_today(noon) == 0
    recorder(e.CallRetried(t=2, call="c1", attempt=1, error_kind="timeout", error="late", wait_s=1.0, cost=30))
    assert ledger.spent_today(noon) == 30
    recorder(e.CallStarted(t=2, call="c1", attempt=2))
    for event in events[3:6]:
        recorder(event)
    # A call's cost is the sum over its attempts.
    assert ledger.spent_today(noon) == 100
    ledger.close()
    with open_ledger(ledger.path) as again:
        assert again.spent_today(noon) == 100


def test_today_counts_the_real_calls_of_a_mixed_run(ledger: Ledger) -> None:
    noon = _ns(_noon())
    events = short("mixed", cost=5, kind="simulated", started_at=noon)
    real = [_as_real(event) for event in short("mixed", cost=7)[1:6]]
    record(ledger, [*events[:6], *real, *events[6:]])
    assert ledger.spent_today(noon) == 7


def _as_real(event: e.AnyEvent) -> e.AnyEvent:
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    made: e.AnyEvent = type(event)(**{**fields, "call": "c2", "t": 4})
    return made
