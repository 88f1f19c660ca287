"""Events come back as they were recorded: exactly, in order, with their times."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.laws import examples
from tests.ledger.streams import QUERY, STARTED_AT, SYSTEMS, fired, record, runs, short
from workbench.engine import events as e
from workbench.engine.grammar import Validator
from workbench.engine.view import RunView
from workbench.errors import LedgerError
from workbench.ledger import Ledger, open_ledger
from workbench.ledger.blobs import Lines, pack, unpack_lines
from workbench.ledger.texts import MARK, storable
from workbench.models.base import Message, Request


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with open_ledger(tmp_path_factory.mktemp("events") / "ledger.db") as opened:
        yield opened


@pytest.mark.parametrize("line", SYSTEMS)
def test_a_run_reads_back_exactly(ledger: Ledger, line: str) -> None:
    events = fired(line)
    record(ledger, events)
    read = list(ledger.events("run"))
    assert read == events
    assert [event.t for event in read] == [event.t for event in events]
    Validator().feed_all(read).close()


@pytest.mark.parametrize("line", SYSTEMS)
def test_the_view_read_is_the_live_one(ledger: Ledger, line: str) -> None:
    events = fired(line, tags=("a", "b"), target="42")
    record(ledger, events)
    live = RunView().apply_all(events)
    assert ledger.view("run").to_json() == live.to_json()
    assert ledger.view("run").tags == ("a", "b")


@settings(max_examples=examples(40), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(events=runs(), cuts=st.lists(st.integers(0, 80), max_size=4))
def test_any_run_reads_back_exactly_however_it_was_cut(
    shared: Ledger, events: list[e.AnyEvent], cuts: list[int]
) -> None:
    Validator().feed_all(events).close()
    record(shared, events, stretches=cuts)
    assert isinstance(events[0], e.RunStarted)
    run = events[0].run
    assert list(shared.events(run)) == events
    live = RunView().apply_all(events)
    assert shared.view(run).to_json() == live.to_json()
    _, rows = shared.sql(f"SELECT call_id, answer, coalesce(thinking, '') FROM call_costs WHERE run_id = '{run}'")
    assert sorted(rows) == sorted((c.id, storable(str(c.text)), storable(str(c.thinking))) for c in live.calls.values())


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=runs(), cuts=st.lists(st.integers(0, 200), max_size=8))
def test_many_random_runs(shared: Ledger, events: list[e.AnyEvent], cuts: list[int]) -> None:
    record(shared, events, stretches=cuts)
    assert isinstance(events[0], e.RunStarted)
    assert list(shared.events(events[0].run)) == events


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00 in \x00 the middle",
        "\ud83d lone \udc80",
        "👩‍🚀 é ﷽",
        "line\nline\r\n\u2028\u2029",
        MARK + "0" * 64,
        MARK + "\ud800",
        "\\u0002text:" + "0" * 64,
        "\x1b[2J\x9b31m",
        "long " * 210_000,
        "long \ud800" * 1_000,
    ],
    ids=lambda text: ascii(text[:16]),
)
def test_any_text_in_every_place(ledger: Ledger, text: str) -> None:
    events = [
        *short("texts", prompt=text, answer=text, system=text, notation=text, system_json=text, target=text)[:-1],
        e.Warned(t=5, message=text),
        e.VerdictGiven(t=5, node="", candidate="k1", verdict="rejected", by=text, reason=text),
        e.Selected(t=5, node="", winners=("k1",), because=text),
        e.RunFinished(t=5, status="done", answer="k1", reason=text),
    ]
    record(ledger, events)
    assert list(ledger.events("texts")) == events
    assert ledger.check() == []


def test_a_text_that_only_thinks_and_one_that_says_nothing(ledger: Ledger) -> None:
    request = Request(model="lab/one", messages=(Message("user", "?"),))
    events: list[e.AnyEvent] = [*short("quiet")[:1]]
    for call in ("thinks", "silent"):
        events += [
            e.CallQueued(
                t=1, call=call, node="", replica=1, role="generate", request=request, endpoint="lab", kind="real"
            ),
            e.CallStarted(t=1, call=call),
        ]
    events += [
        e.FirstToken(t=2, call="thinks"),
        e.TextDelta(t=2, call="thinks", text="hmm", channel="thinking"),
        e.CallFinished(t=3, call="thinks", status="empty"),
        e.CallFinished(t=3, call="silent", status="empty"),
        e.RunFinished(t=4, status="failed", reason="nobody answered"),
    ]
    record(ledger, events, stretches=[6])
    assert list(ledger.events("quiet")) == events
    _, rows = ledger.sql("SELECT call_id, answer, thinking FROM call_costs ORDER BY call_id")
    assert rows == [("silent", "", None), ("thinks", "", "hmm")]


def test_only_the_last_attempts_text_is_the_answer(ledger: Ledger) -> None:
    first = short("again", answer="right")
    retry: list[e.AnyEvent] = [
        e.FirstToken(t=2, call="c1"),
        e.TextDelta(t=2, call="c1", text="wro"),
        e.CallRetried(t=2, call="c1", attempt=1, error_kind="connection", error="cut", wait_s=0.5, cost=7),
        e.CallStarted(t=2, call="c1", attempt=2),
    ]
    events = [*first[:3], *retry, *first[3:]]
    record(ledger, events, stretches=[5])
    assert list(ledger.events("again")) == events
    _, rows = ledger.sql("SELECT answer FROM call_costs")
    assert rows == [("right",)]
    _, rows = ledger.sql("SELECT attempts, retried_cost_pico_usd FROM calls")
    assert rows == [(2, 7)]


def test_runs_recorded_at_once_stay_apart(ledger: Ledger) -> None:
    streams = {f"run{i}": fired(SYSTEMS[i], run=f"run{i}", seed=i) for i in range(len(SYSTEMS))}
    recorders = {run: ledger.recorder() for run in streams}
    longest = max(map(len, streams.values()))
    for index in range(longest):
        for run, events in streams.items():
            if index < len(events):
                recorders[run](events[index])
    for run, events in streams.items():
        assert list(ledger.events(run)) == events


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Change the events of the run `hurt` where they lie."""
    where = "WHERE run_id = 'hurt' AND call_id = ''"
    other = sqlite3.connect(path)
    with other:
        (data,) = other.execute(f"SELECT data FROM event_blobs {where}").fetchone()
        lines = unpack_lines(data)
        other.execute(f"UPDATE event_blobs SET data = ? {where}", (pack(Lines(lines.seqs, change(lines.text))),))
    other.close()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("call_finished", "call_vanished"),
        lambda text: text.replace('"t":4', '"t":"four"'),
        lambda text: text[:-5],
        lambda text: text.replace('"call":"c1"', '"call":"c9"', 1),
        lambda text: text.replace(QUERY, "\\u0002text:" + "0" * 64, 1),
        lambda text: text + "\n{}",
    ],
    ids=["unknown event", "wrong type", "cut", "call that is not there", "text that is not there", "one too many"],
)
def test_damaged_events_are_told_and_the_rows_stay(ledger: Ledger, change: Callable[[str], str]) -> None:
    record(ledger, short("good"))
    record(ledger, short("hurt", started_at=STARTED_AT + 1))
    _rewrite(ledger.path, change)
    with pytest.raises(LedgerError, match="run hurt: its events are damaged") as caught:
        ledger.view("hurt")
    assert "ledger check" in caught.value.hint
    with pytest.raises(LedgerError, match="run hurt: its events are damaged"):
        list(ledger.export(format="md"))
    assert ledger.view("good").status == "done"
    assert [row.id for row in ledger.runs()] == ["hurt", "good"]
    assert [problem.startswith("run hurt: ") for problem in ledger.check()] == [True]


def test_a_damaged_blob_is_told(ledger: Ledger) -> None:
    record(ledger, short("hurt"))
    for data in ("x'789c0000'", "x'00'", "x''", "'text'"):
        with sqlite3.connect(ledger.path) as other:
            other.execute(f"UPDATE event_blobs SET data = {data}")
        other.close()
        with pytest.raises(LedgerError, match="its events are damaged"):
            ledger.view("hurt")
        assert len(ledger.check()) == 1
