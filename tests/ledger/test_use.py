"""What others do with a ledger: samples for models, copies, exports of odd runs, many threads."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.engine.fakes import Say, says
from tests.ledger.streams import SECOND, STARTED_AT, fired, record, short
from workbench.engine.run import new_run_id
from workbench.engine.view import RunView
from workbench.errors import ErrorKind, InputError, LedgerError, ModelError
from workbench.ledger import Ledger, LedgerSamples, RunQuery, open_ledger
from workbench.ledger.export import Format


def test_samples_are_what_the_generators_said(ledger: Ledger) -> None:
    scripts = {
        "lab/a": [says(42, thinking="so it is", tokens=9), Say(text="cut", finish="length")],
        "lab/b": Say(error=ErrorKind.AUTH),
        "lab/c": Say(text="filtered", finish="content_filter"),
        "lab/judge": says("A"),
    }
    record(ledger, fired("judge[lab/judge](2*lab/a, lab/b, lab/c)", scripts=scripts))
    view = ledger.view("run")
    samples = ledger.samples_of("run")
    calls = [c for c in view.calls.values() if c.role == "generate" and c.status in ("done", "truncated", "failed")]
    assert [(s.text, s.thinking, s.completion_tokens) for s in samples] == [
        (str(call.text), str(call.thinking), call.usage.completion_tokens) for call in calls
    ]
    assert {sample.prompt for sample in samples} == {"What is 6 × 7?"}
    assert [sample.finish_reason for sample in samples if sample.text.startswith("cut")] == ["length"]
    assert [bool(sample.error) for sample in samples].count(True) == 1
    first = calls[0]
    assert first.started_at is not None
    assert first.first_token_at is not None
    assert samples[0].first_token_s == (first.first_token_at - first.started_at) / 1e9
    assert ledger.samples_of("nowhere") == []


def test_samples_of_a_ledger_that_can_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    source = LedgerSamples(path)
    assert source("last") == []
    path.write_text("dear diary " * 100, encoding="utf-8")
    with pytest.raises(ModelError, match="no SQLite database"):
        source("other")


def test_a_copy_is_whole_while_a_run_goes_on(ledger: Ledger, tmp_path: Path) -> None:
    events = fired("race(3*sim/small@0.8)")
    record(ledger, short("done"))
    recorder = ledger.recorder()
    for event in events[:30]:
        recorder(event)
    ledger.copy_to(tmp_path / "copy.db")
    for event in events[30:]:
        recorder(event)
    with open_ledger(tmp_path / "copy.db", read_only=True) as copy:
        assert copy.check() == []
        assert list(copy.events("done")) == short("done")
        assert list(copy.events("run")) == events[:30]
    assert list(ledger.events("run")) == events
    with pytest.raises(LedgerError):
        ledger.copy_to(tmp_path / "nowhere" / "copy.db")


@pytest.mark.parametrize("form", ["jsonl", "csv", "md", "html"])
def test_runs_under_way_and_deleted_ones_can_be_exported(ledger: Ledger, form: Format) -> None:
    recorder = ledger.recorder()
    for event in fired("race(3*sim/small@0.8)")[:30]:
        recorder(event)
    record(ledger, short("thrown-away"))
    ledger.delete("thrown-away")
    under_way = "".join(ledger.export(format=form))
    assert "thrown-away" not in under_way
    assert "race(3*sim/small@0.8)" in under_way
    deleted = "".join(ledger.export(RunQuery(deleted=True), format=form))
    assert "thrown-away" in deleted
    assert "race(3" not in deleted


def test_purged_runs_are_in_no_list(ledger: Ledger) -> None:
    record(ledger, short("gone"))
    ledger.delete("gone")
    assert ledger.count(RunQuery(deleted=True)) == 1
    ledger.vacuum()
    assert ledger.runs(RunQuery(deleted=True)) == []
    assert ledger.count(RunQuery(deleted=True)) == 0
    with pytest.raises(InputError):
        ledger.resolve("gone")


def test_threads_share_a_ledger(ledger: Ledger) -> None:
    problems: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for index in range(6):
                run = f"run{number}-{index}"
                events = short(run, answer=run, started_at=number * 100 + index)
                record(ledger, events)
                ledger.tag(run, f"thread{number}")
                assert list(ledger.events(run)) == events
                assert ledger.runs(RunQuery(text=run.replace("-", " ")))
                assert ledger.sql(f"SELECT count(*) FROM calls WHERE run_id = '{run}'")[1] == [(1,)]
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert ledger.count() == 24
    assert ledger.check() == []


def test_closed_in_another_thread(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path / "ledger.db")
    record(ledger, short("run"))
    closing = threading.Thread(target=ledger.close)
    closing.start()
    closing.join()
    assert not list((tmp_path / "ledger.db.writers").iterdir())
    with open_ledger(tmp_path / "ledger.db") as again:
        assert again.view("run").to_json() == RunView().apply_all(short("run")).to_json()


def test_runs_of_one_second_have_ids_of_their_own() -> None:
    made = [new_run_id(STARTED_AT + index) for index in range(300)]
    assert len(set(made)) == len(made)
    later = [new_run_id(STARTED_AT + index * SECOND) for index in range(300)]
    assert later == sorted(later)
