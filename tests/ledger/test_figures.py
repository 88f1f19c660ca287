"""Figures in the tables are the view's: integers, summed once, NULL where they are unknown."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest

from tests.engine.fakes import Say, says
from tests.ledger.streams import QUERY, SYSTEMS, fired, record, short
from workbench import paths
from workbench.engine import events as e
from workbench.engine.view import RunView
from workbench.ledger import Ledger

MIXED = "judge[sim/judge](3*lab/a@0.7)"


def cell(ledger: Ledger, query: str) -> object:
    """The one value of a query."""
    _, rows = ledger.sql(query)
    assert len(rows) == 1
    assert len(rows[0]) == 1
    return rows[0][0]


@pytest.mark.parametrize("line", SYSTEMS)
def test_a_row_says_what_the_view_says(ledger: Ledger, line: str) -> None:
    events = fired(line, tags=("b", "a"))
    record(ledger, events)
    view = RunView().apply_all(events)
    (row,) = ledger.runs()
    told = view.to_json()
    shown = row.to_json()
    for name in shown.keys() & told.keys() - {"calls"}:
        assert shown[name] == told[name], name
    assert row.calls == len(view.calls)
    assert (row.cost, row.known_cost, row.waste) == (view.cost(), view.known_cost(), view.waste())
    assert row.estimated == view.estimated()
    assert row.tags == ("a", "b")
    assert (row.score_name, row.score) == (told["scores"].get("headline"), _headline(told["scores"]))


def _headline(scores: dict[str, float]) -> float | None:
    name = str(scores.get("headline", ""))
    return scores.get(name)


@pytest.mark.parametrize("line", SYSTEMS)
def test_a_run_costs_the_sum_of_its_calls(ledger: Ledger, line: str) -> None:
    events = fired(line)
    record(ledger, events, stretches=range(0, len(events), 17))
    view = RunView().apply_all(events)
    assert cell(ledger, "SELECT sum(cost_pico_usd) FROM calls") == view.known_cost()
    assert cell(ledger, "SELECT sum(cost_pico_usd) FROM calls WHERE used = 0") == (view.waste() or None)
    assert cell(ledger, "SELECT known_waste_usd FROM daily_costs") == (view.waste() or 0) / 1e12
    _, used = ledger.sql("SELECT id FROM calls WHERE used")
    assert {call for (call,) in used} == view.used_calls()
    assert ledger.check() == []


def test_a_calls_times_tokens_and_prices_are_in_its_row(ledger: Ledger) -> None:
    events = fired("race(3*lab/a@0.8)", scripts={"lab/a": [says(1), Say(text="slow one", gap=1.0)]})
    record(ledger, events)
    view = RunView().apply_all(events)
    names = "id, queued_ns, started_ns, first_token_ns, finished_ns, prompt_tokens, completion_tokens, cost_pico_usd"
    _, rows = ledger.sql(f"SELECT {names}, price_output_pico_usd, price_source, status FROM calls ORDER BY id")
    for row, call in zip(rows, sorted(view.calls.values(), key=lambda call: call.id), strict=True):
        times = (call.queued_at, call.started_at, call.first_token_at, call.finished_at)
        assert row[:5] == (call.id, *times)
        assert row[5:8] == (call.usage.prompt_tokens, call.usage.completion_tokens, call.cost)
        assert row[8:] == (10_000, "test", call.status)
    assert {row[-1] for row in rows} == {"done", "cancelled"}


def test_unknown_is_null_and_never_zero(ledger: Ledger) -> None:
    events = fired("lab/a", scripts={"lab/a": says(42)}, info={"prices": None})
    record(ledger, events)
    (row,) = ledger.runs()
    assert (row.cost, row.known_cost, row.waste) == (None, 0, 0)
    assert row.to_json()["cost_usd"] is None
    assert cell(ledger, "SELECT cost_usd FROM run_costs") is None
    assert cell(ledger, "SELECT cost_usd FROM call_costs") is None
    assert cell(ledger, "SELECT price_output_pico_usd FROM calls") is None
    assert cell(ledger, "SELECT cached_tokens FROM calls") is None
    assert cell(ledger, "SELECT calls_of_unknown_cost FROM daily_costs") == 1
    (text,) = ledger.export(format="csv", refs=["run"])
    assert '"cost_usd"' not in text
    header, values = text.splitlines()
    assert dict(zip(header.split(","), values.split(","), strict=True))["cost_usd"] == ""


def test_one_unknown_call_makes_the_sum_unknown_and_keeps_what_is_known(ledger: Ledger) -> None:
    known, unknown = short("run", cost=5), short("run", cost=None)
    other = [_renamed(event) for event in unknown[1:6]]
    record(ledger, [*known[:6], *other, *known[6:]])
    (row,) = ledger.runs()
    assert (row.cost, row.known_cost, row.waste) == (None, 5, None)
    _, rows = ledger.sql("SELECT known_cost_usd, calls_of_unknown_cost FROM daily_costs")
    assert rows == [(5e-12, 1)]


def _renamed(event: e.AnyEvent) -> e.AnyEvent:
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    made: e.AnyEvent = type(event)(**{**fields, "call": "c2", "t": 4})
    return made


def test_real_and_simulated_money_are_never_added(ledger: Ledger) -> None:
    events = fired(MIXED, scripts={"lab/a": says(42)})
    record(ledger, events)
    view = RunView().apply_all(events)
    (row,) = ledger.runs()
    assert (row.kind, row.cost) == ("real", view.cost())
    _, rows = ledger.sql("SELECT kind, known_cost_usd FROM daily_costs ORDER BY kind")
    assert [kind for kind, _ in rows] == ["real", "simulated"]
    assert rows[0][1] == row.cost / 1e12 if row.cost else None
    assert ledger.check() == []


def test_a_prompt_is_stored_once(ledger: Ledger) -> None:
    prompt = "Tell me of Jupiter. " * 100
    for run in range(5):
        record(ledger, fired("race(4*sim/instant)", run=f"run{run}", prompt=prompt, started_at=run))
    sha = hashlib.sha256(prompt.encode()).hexdigest()
    assert cell(ledger, f"SELECT count(*) FROM texts WHERE sha256 = '{sha}'") == 1
    assert cell(ledger, "SELECT count(*) FROM texts WHERE content LIKE 'Tell me of Jupiter.%'") == 1
    assert cell(ledger, "SELECT count(*) FROM texts") == cell(ledger, "SELECT count(DISTINCT content) FROM texts")
    (stored,) = {str(prompt) for (prompt,) in ledger.sql("SELECT prompt FROM call_costs")[1]}
    assert stored == prompt
    assert all(len(bytes(data)) < len(prompt) for (data,) in ledger.sql("SELECT data FROM event_blobs")[1])


def test_judges_carry_the_hash_of_their_prompt(ledger: Ledger) -> None:
    record(ledger, fired("judge[sim/judge](3*sim/small@0.7)"))
    _, rows = ledger.sql("SELECT prompt_name, prompt_sha256 FROM calls WHERE role = 'judge'")
    ((name, sha),) = set(rows)
    shipped = {file.stem: file for file in (Path(paths.__file__).parent / "prompts").iterdir()}
    assert hashlib.sha256(shipped[name].read_text(encoding="utf-8").strip().encode()).hexdigest() == sha
    _, rows = ledger.sql("SELECT DISTINCT prompt_name, prompt_sha256 FROM calls WHERE role = 'generate'")
    assert rows == [("", "")]


def test_candidates_verdicts_selections_and_scores_have_rows(ledger: Ledger) -> None:
    events = fired("judge[sim/judge](3*sim/small@0.7)")
    record(ledger, events)
    view = RunView().apply_all(events)
    query = "SELECT c.id, t.content, c.answer_key FROM candidates c JOIN texts t ON t.id = c.text_id ORDER BY c.made_ns"
    _, rows = ledger.sql(query)
    assert sorted(rows) == sorted((c.id, c.text, c.key) for c in view.candidates.values())
    _, rows = ledger.sql("SELECT node, candidate_id, verdict, given_by, reason FROM verdicts ORDER BY seq")
    assert rows == [(v.node, v.candidate, v.verdict, v.by, v.reason) for v in view.verdicts]
    _, rows = ledger.sql("SELECT s.node, w.value FROM selections s, json_each(s.winners_json) w ORDER BY seq")
    assert rows == [(s.node, winner) for s in view.selections for winner in s.winners]
    _, rows = ledger.sql("SELECT node, name, score FROM scores WHERE is_headline")
    assert rows == [(d.node, d.headline, d.score) for d in view.disagreements.values()]


def test_a_run_under_way_can_be_read(ledger: Ledger) -> None:
    events = fired("race(3*sim/small@0.8)")
    recorder = ledger.recorder()
    for event in events[:-20]:
        recorder(event)
    (row,) = ledger.runs()
    assert (row.status, row.wall_ns, row.answer, row.waste) == (None, None, None, None)
    assert list(ledger.events("last")) == events[:-20]
    for event in events[-20:]:
        recorder(event)
    assert list(ledger.events("last")) == events
    assert ledger.runs()[0].status == "done"


def test_writing_a_run_again_changes_nothing(ledger: Ledger) -> None:
    events = fired("vote(5*sim/flaky)")
    record(ledger, events)
    before = _dump(ledger)
    record(ledger, events)
    assert _dump(ledger) == before


def _dump(ledger: Ledger) -> list[list[tuple[object, ...]]]:
    tables = ("calls", "candidates", "verdicts", "selections", "scores", "texts", "tags", "run_texts", "event_blobs")
    with sqlite3.connect(ledger.path) as plain:
        dumped = [sorted(plain.execute(f"SELECT * FROM {table}"), key=repr) for table in tables]
    plain.close()
    return dumped


def test_the_question_is_the_last_user_message(ledger: Ledger) -> None:
    record(ledger, fired("sim/small", system_prompt="Be brief."))
    assert ledger.runs()[0].prompt == QUERY
    query = "SELECT t.content FROM calls c JOIN texts t ON t.id = c.system_text_id"
    assert cell(ledger, query) == "Be brief."


def test_integers_of_more_than_64_bits_are_kept_in_events(ledger: Ledger) -> None:
    events = fired("race(2*sim/small@0.8)", seed=10**30)
    record(ledger, events)
    assert list(ledger.events("run")) == events
    assert cell(ledger, "SELECT seed FROM runs") is None
    assert ledger.runs()[0].cost == RunView().apply_all(events).cost()
    assert ledger.check() == []
