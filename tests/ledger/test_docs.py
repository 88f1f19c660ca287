"""docs/ledger.md names every table, view and column there is, and each of its queries answers."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.engine.fakes import Say, says
from tests.ledger.streams import fired, record, short
from workbench.engine import events as e
from workbench.errors import ErrorKind
from workbench.ledger import Grade, open_ledger
from workbench.models.base import Usage

DOC = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")
QUERIES: dict[str, str] = dict(re.findall(r"^### \d+\. (.+?)\n\n```sql\n(.+?)```", DOC, re.M | re.S))
COLUMNS = {
    "Cost per system": "kind what runs known_cost_usd mean_cost_usd runs_of_unknown_cost",
    "Share of the money that was wasted": "kind what runs waste_share",
    "What judges cost beside generators": "kind role calls known_cost_usd share",
    "Time to the first token, by model": "model calls p50_s p90_s p99_s",
    "Errors by endpoint": "endpoint calls failed_share retried_share error_kinds",
    "Prompts that models disagree on most": "prompt score_name mean_score runs",
    "Cost of an answer that was graded right": "kind what graded right_answers usd_per_right_answer",
    "How often each model wins its races": "model entered won win_rate",
    "Share of prompt tokens that came from a cache": "model calls prompt_tokens cached_tokens cached_share",
    "Calls whose cost is unknown, and why": "run_id call_id model status why",
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with runs of each sort that the queries ask for."""
    path = tmp_path_factory.mktemp("docs") / "ledger.db"
    failing = Say(error=ErrorKind.AUTH, error_after=0)
    again = [Say(error=ErrorKind.OVERLOADED, error_after=0), says(7)]
    with open_ledger(path) as ledger:
        for seed in range(6):
            record(ledger, fired("race(3*sim/small@0.8, sim/large)", run=f"race{seed}", seed=seed, started_at=seed))
        record(ledger, fired("judge[sim/judge](5*sim/coin@0.9)", run="judged", started_at=10))
        record(ledger, fired("race(lab/a, lab/b)", run="paid", scripts={"lab/a": says(42), "lab/b": says(1, gap=1.0)}))
        record(ledger, fired("lab/a", run="free", scripts={"lab/a": says(42)}, info={"prices": None}))
        record(ledger, fired("race(lab/a, lab/b)", run="failed", scripts={"lab/a": failing, "lab/b": again}))
        record(ledger, _cached())
        record(ledger, short("deleted", cost=10**12))
        ledger.delete("deleted")
        grades: tuple[tuple[str, Grade], ...] = (
            ("race0", "right"),
            ("race1", "wrong"),
            ("paid", "right"),
            ("free", "right"),
            ("judged", "skip"),
        )
        for run, grade in grades:
            ledger.grade(run, grade)
        ledger.grade("race2", "wrong", by="check")
    return path


def _cached() -> list[e.AnyEvent]:
    events = short("cached")
    usage = Usage(prompt_tokens=100, cached_tokens=75, completion_tokens=2, source="reported")
    events[5] = e.CallFinished(t=4, call="c1", status="done", finish_reason="stop", usage=usage, cost=5)
    return events


def ask(path: Path, query: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute(query)]
    finally:
        connection.close()


def test_there_are_ten() -> None:
    assert list(QUERIES) == list(COLUMNS)


@pytest.mark.parametrize("title", COLUMNS)
def test_each_query_answers(filled: Path, title: str) -> None:
    rows = ask(filled, QUERIES[title])
    assert rows
    assert list(rows[0]) == COLUMNS[title].split()
    assert not any("deleted" in row.values() for row in rows)
    with open_ledger(filled, read_only=True) as ledger:
        names, same = ledger.sql(QUERIES[title])
    assert [dict(zip(names, row, strict=True)) for row in same] == rows


def by(filled: Path, title: str, *keys: str) -> dict[Any, dict[str, Any]]:
    rows = ask(filled, QUERIES[title])
    return {row[keys[0]] if len(keys) == 1 else tuple(row[key] for key in keys): row for row in rows}


def test_costs_are_those_of_the_runs(filled: Path) -> None:
    rows = by(filled, "Cost per system", "kind", "what")
    with open_ledger(filled, read_only=True) as ledger:
        races = [ledger.view(f"race{seed}") for seed in range(6)]
    row = rows["simulated", "race(3*sim/small@0.8, sim/large)"]
    assert row["runs"] == 6
    assert row["known_cost_usd"] == pytest.approx(sum(view.known_cost() for view in races) / 1e12)
    assert rows["real", "lab/a"]["mean_cost_usd"] is None
    assert rows["real", "lab/a"]["runs_of_unknown_cost"] == 1
    wasted = by(filled, "Share of the money that was wasted", "what")["race(3*sim/small@0.8, sim/large)"]
    waste, cost = sum(view.waste() or 0 for view in races), sum(view.cost() or 0 for view in races)
    assert wasted["waste_share"] == pytest.approx(waste / cost)
    assert 0 < wasted["waste_share"] < 1


def test_shares_of_roles_sum_to_one(filled: Path) -> None:
    rows = ask(filled, QUERIES["What judges cost beside generators"])
    assert {row["role"] for row in rows if row["kind"] == "simulated"} == {"generate", "judge"}
    assert sum(row["share"] for row in rows if row["kind"] == "simulated") == pytest.approx(1)


def test_percentiles_are_of_the_calls(filled: Path) -> None:
    row = by(filled, "Time to the first token, by model", "model")["sim/large"]
    with open_ledger(filled, read_only=True) as ledger:
        calls = [call for run in ledger.runs(limit=99) for call in ledger.view(run.id).calls.values()]
    waits = sorted(
        (call.first_token_at - call.started_at) / 1e9
        for call in calls
        if call.model == "sim/large" and call.first_token_at is not None and call.started_at is not None
    )
    assert row["calls"] == len(waits)
    assert row["p50_s"] == pytest.approx(waits[(len(waits) - 1) // 2])
    assert row["p99_s"] == pytest.approx(waits[-1])


def test_errors_wins_and_unknowns(filled: Path) -> None:
    endpoints = by(filled, "Errors by endpoint", "endpoint")
    assert endpoints["test"]["failed_share"] > 0
    assert "auth" in endpoints["test"]["error_kinds"]
    assert endpoints["test"]["retried_share"] > 0
    assert endpoints["sim"]["failed_share"] == 0
    models = by(filled, "How often each model wins its races", "model")
    assert (models["lab/a"]["entered"], models["lab/a"]["won"]) == (2, 1)
    assert sum(row["won"] for row in models.values()) == 8
    assert models["sim/small"]["entered"] == 18
    unknown = by(filled, "Calls whose cost is unknown, and why", "run_id")
    assert unknown["free"]["why"] == "price unknown"
    cached = by(filled, "Share of prompt tokens that came from a cache", "model")["lab/one"]
    assert cached["cached_share"] == 0.75


def test_right_answers_and_disagreement(filled: Path) -> None:
    rows = by(filled, "Cost of an answer that was graded right", "kind", "what")
    with open_ledger(filled, read_only=True) as ledger:
        graded = [ledger.view(f"race{seed}").cost() or 0 for seed in (0, 1, 2)]
        scored = [ledger.view(row.id) for row in ledger.runs(limit=99) if row.score is not None]
    row = rows["simulated", "race(3*sim/small@0.8, sim/large)"]
    assert (row["graded"], row["right_answers"]) == (3, 1)
    assert row["usd_per_right_answer"] == pytest.approx(sum(graded) / 1e12)
    assert rows["real", "lab/a"]["usd_per_right_answer"] is None
    assert ("simulated", "judge[sim/judge](5*sim/coin@0.9)") not in rows
    shown = ask(filled, QUERIES["Prompts that models disagree on most"])
    assert sum(row["runs"] for row in shown) == len(scored) > 0


@pytest.mark.parametrize("name", ["run_costs", "call_costs", "daily_costs"])
def test_every_column_of_a_view_is_documented(filled: Path, name: str) -> None:
    entry = re.search(rf"^- `{name}`:(.+?)(?=\n-|\n\n)", DOC, re.M | re.S)
    assert entry is not None
    there = {row["name"] for row in ask(filled, f"SELECT name FROM pragma_table_info('{name}')")}
    assert set(re.findall(r"`(\w+)`", entry[1])) == there


def test_every_column_of_a_table_is_documented(filled: Path) -> None:
    tables = [row["name"] for row in ask(filled, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        if table.startswith(("text_search", "sqlite_")):
            continue
        if table.startswith("_"):
            assert f"`{table}`" in DOC
            continue
        there = {row["name"] for row in ask(filled, f"SELECT name FROM pragma_table_info('{table}')")}
        assert there - _documented(table) == set(), table


def _documented(table: str) -> set[str]:
    """Columns in the first cells of the section whose heading names the table."""
    heading = re.search(rf"^### ([\w, ]*\b{table}\b[\w, ]*)\n(.+?)(?=^##)", DOC, re.M | re.S)
    assert heading is not None, f"{table} has no section"
    section = heading[2]
    rows = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| ")]
    return set(re.findall(r"`(\w+)`", "\n".join(rows)))
