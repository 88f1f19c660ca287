"""What systems came to on tasks, by SQL, against the same runs added up one by one."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from sqlite_utils import Database

from tests.ledger.streams import STARTED_AT, fired, record, short
from workbench.analysis.measures import Cell, Measured
from workbench.engine import events as e
from workbench.ledger import Ledger, Measures, RunQuery, migrations, open_ledger, schema
from workbench.models.base import Usage


@pytest.fixture
def ledger(tmp_path: Path) -> Any:
    with open_ledger(tmp_path / "ledger.db") as opened:
        yield opened


def task(prompt: str) -> str:
    return hashlib.sha256(prompt.encode()).hexdigest()


def by_name(found: Measures) -> dict[str, Measured]:
    return {each.system or each.notation: each for each in found.measured}


def keyed(events: list[e.AnyEvent], key: str | None) -> list[e.AnyEvent]:
    """With this answer key."""
    return [
        structs.replace(each, candidate=structs.replace(each.candidate, key=key))
        if isinstance(each, e.CandidateMade)
        else each
        for each in events
    ]


def test_a_cell_is_the_mean_of_its_repeats(ledger: Ledger) -> None:
    for i, cost in enumerate((5, 8, 9)):
        record(ledger, short(f"r{i}", system="s", cost=cost, started_at=STARTED_AT + i))
    ledger.grade("r0", "right")
    ledger.grade("r1", "wrong")
    found = ledger.measures()
    assert (found.kind, found.runs, found.unfinished, found.other_kinds) == ("real", 3, 0, {})
    (measured,) = found.measured
    assert (measured.system, measured.notation, measured.runs) == ("s", "lab/one", ("r2", "r1", "r0"))
    assert measured.cells == {
        task("What is 6 × 7?"): Cell(repeats=3, graded=2, right=1, cost=22 / 3, latency=5.0, tokens=5.0)
    }


def test_the_newest_grade_counts_and_a_skip_counts_for_nothing(ledger: Ledger) -> None:
    record(ledger, short("a"))
    ledger.grade("a", "right", by="check")
    ledger.grade("a", "wrong", by="user")
    assert ledger.measures().measured[0].cells[task("What is 6 × 7?")].accuracy == 0
    ledger.grade("a", "skip", by="user")
    assert ledger.measures().measured[0].cells[task("What is 6 × 7?")].accuracy is None


def test_without_a_grade_the_target_decides(ledger: Ledger) -> None:
    record(ledger, keyed(short("same", prompt="p1", target="1,000"), "1000"))
    record(ledger, keyed(short("other", prompt="p2", target="1,000"), "999"))
    record(ledger, keyed(short("silent", prompt="p3", target="1,000"), None))
    record(ledger, keyed(short("failed", prompt="p4", target="1,000", status="failed"), None))
    record(ledger, keyed(short("graded", prompt="p5", target="1,000"), "999"))
    record(ledger, keyed(short("skipped", prompt="p6", target="1,000"), "999"))
    ledger.grade("graded", "right")
    ledger.grade("skipped", "skip")
    cells = ledger.measures().measured[0].cells
    assert [cells[task(f"p{i}")].accuracy for i in range(1, 7)] == [1, 0, 0, 0, 1, None]


def test_kinds_are_never_mixed_and_what_is_left_out_is_told(ledger: Ledger) -> None:
    record(ledger, short("real", cost=5))
    record(ledger, short("sim", cost=7, kind="simulated"))
    record(ledger, short("cut", status="cancelled"))
    record(ledger, short("going")[:-1])
    real, simulated = ledger.measures(), ledger.measures(RunQuery(kind="simulated"))
    assert (real.runs, real.unfinished, real.other_kinds) == (1, 2, {"simulated": 1})
    assert (simulated.kind, simulated.runs, simulated.other_kinds) == ("simulated", 1, {"real": 3})
    assert simulated.measured[0].kind == "simulated"
    assert simulated.measured[0].cells[task("What is 6 × 7?")].cost == 7


def test_what_one_repeat_does_not_know_is_unknown(ledger: Ledger) -> None:
    record(ledger, short("known", cost=5))
    record(ledger, short("unknown", cost=None))
    (cell,) = ledger.measures().measured[0].cells.values()
    assert (cell.cost, cell.tokens, cell.disagreement) == (None, 5.0, None)


def test_tokens_may_be_unknown_where_the_cost_is_known(ledger: Ledger) -> None:
    record(ledger, short("known", cost=5))
    events = [
        structs.replace(each, usage=Usage()) if isinstance(each, e.CallFinished) else each for each in short("un")
    ]
    record(ledger, events)
    (cell,) = ledger.measures().measured[0].cells.values()
    assert (cell.cost, cell.tokens, cell.latency) == (5, None, 5)


def test_a_run_of_unknown_wall_time_makes_the_latency_unknown_and_not_shorter(ledger: Ledger) -> None:
    record(ledger, short("a", cost=5))
    record(ledger, short("b", cost=5))
    with closing(sqlite3.connect(ledger.path)) as connection, connection:
        connection.execute("UPDATE runs SET wall_ns = NULL WHERE id = 'b'")
    (cell,) = ledger.measures().measured[0].cells.values()
    assert (cell.latency, cell.cost, cell.repeats) == (None, 5, 2)


def test_of_two_runs_one_of_which_has_no_score_the_disagreement_is_unknown(ledger: Ledger) -> None:
    record(ledger, fired("vote(5*sim/coin@0.9)", run="v"))
    record(ledger, fired("vote(5*sim/coin@0.9)", run="w", seed=2))
    with closing(sqlite3.connect(ledger.path)) as connection, connection:
        connection.execute("UPDATE runs SET score = NULL WHERE id = 'w'")
    (cell,) = ledger.measures(RunQuery(kind="simulated")).measured[0].cells.values()
    assert (cell.disagreement, cell.repeats) == (None, 2)
    assert cell.cost is not None


def test_estimated_counts_are_marked(ledger: Ledger) -> None:
    events = [
        structs.replace(each, usage=Usage(prompt_tokens=1, completion_tokens=1, source="estimated"))
        if isinstance(each, e.CallFinished)
        else each
        for each in short("a")
    ]
    record(ledger, events)
    assert next(iter(ledger.measures().measured[0].cells.values())).estimated


def test_disagreement_is_the_runs_headline(ledger: Ledger) -> None:
    record(ledger, fired("vote(5*sim/coin@0.9)", run="v"))
    found = ledger.measures(RunQuery(kind="simulated"))
    (cell,) = found.measured[0].cells.values()
    assert cell.disagreement == ledger.row("v").score
    assert found.score_names == (ledger.row("v").score_name,)


def test_filters(ledger: Ledger) -> None:
    for i in range(4):
        record(ledger, short(f"r{i}", system=f"s{i % 2}", prompt=f"p{i}", started_at=STARTED_AT + i))
    ledger.tag("r0", "study")
    ledger.tag("r3", "study")
    ledger.delete("r2")

    def names(**given: Any) -> list[tuple[str, int]]:
        return [(each.system, len(each.cells)) for each in ledger.measures(RunQuery(**given)).measured]

    assert names() == [("s0", 1), ("s1", 2)]
    assert names(tags=("study",)) == [("s0", 1), ("s1", 1)]
    assert names(since_unix_ns=STARTED_AT + 1) == [("s1", 2)]
    assert names(until_unix_ns=STARTED_AT + 1) == [("s0", 1)]
    assert names(system="s0") == [("s0", 1)]
    assert names(kind="recorded") == []


def test_a_system_recorded_with_another_description_is_the_same(ledger: Ledger) -> None:
    record(ledger, short("a", system="s", cost=2, system_json='{"name":"s","description":"old"}'))
    record(ledger, short("b", system="s", cost=4, system_json='{"name":"s"}'))
    (measured,) = ledger.measures().measured
    (cell,) = measured.cells.values()
    assert (cell.repeats, cell.cost) == (2, 3)
    assert sorted(measured.runs) == ["a", "b"]


def test_sums_are_those_of_the_runs_one_by_one(ledger: Ledger) -> None:
    dice = random.Random(5)
    for i in range(120):
        record(
            ledger,
            short(
                f"r{i:03d}",
                prompt=f"p{dice.randrange(4)}",
                system=f"s{dice.randrange(3)}",
                cost=dice.choice((1, 2**55, 7)),
                status=dice.choice(("done", "done", "failed", "cancelled")),
                kind=dice.choice(("real", "real", "simulated")),
            ),
        )
        if dice.random() < 0.5:
            ledger.grade(f"r{i:03d}", dice.choice(("right", "wrong")))
    rows = [row for row in ledger.runs(limit=999) if row.kind == "real" and row.status in ("done", "failed")]
    found = by_name(ledger.measures())
    for name, measured in found.items():
        for prompt in range(4):
            own = [row for row in rows if row.system == name and row.prompt == f"p{prompt}"]
            if not own:
                assert task(f"p{prompt}") not in measured.cells
                continue
            cell = measured.cells[task(f"p{prompt}")]
            assert cell.repeats == len(own)
            assert cell.cost == sum(row.cost or 0 for row in own) / len(own)
            assert cell.right == sum(row.grade == "right" for row in own)
            assert cell.graded == sum(row.grade is not None for row in own)
    assert sum(cell.repeats for each in found.values() for cell in each.cells.values()) == len(rows)


def test_one_index_answers(ledger: Ledger, tmp_path: Path) -> None:
    record(ledger, short("a"))
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        from workbench.ledger import measuring

        measuring.select(connection, RunQuery())
        plan = connection.execute(f"EXPLAIN QUERY PLAN {asked[0]}").fetchall()
    assert [row[3] for row in plan] == ["SEARCH r USING COVERING INDEX runs_measured (kind=? AND deleted_unix_ns=?)"]


def test_an_older_ledger_learns_its_grades_and_targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrations.m001_tables(Database(connection))
        connection.execute("CREATE TABLE _sqlite_migrations (migration_set TEXT, name TEXT, applied_at TEXT)")
        connection.execute("INSERT INTO _sqlite_migrations VALUES ('workbench', 'm001_tables', '2026-01-01')")
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        connection.execute("INSERT INTO texts (id, sha256, content) VALUES (1, 'x', 'What?')")
        for run, key, target in (("a", "1000", "1,000"), ("b", None, "7"), ("c", "9", None)):
            connection.execute(
                "INSERT INTO runs (id, kind, system, notation, system_text_id, prompt_text_id, status, answer_key, "
                "target, started_unix_ns, wall_ns) VALUES (?, 'real', 's', ?, 1, 1, 'done', ?, ?, 1, 1)",
                (run, run, key, target),
            )
        connection.execute("INSERT INTO grades VALUES ('c', 'user', 'right', '', 1)")
        connection.execute("INSERT INTO grades VALUES ('c', 'check', 'wrong', '', 2)")
    with open_ledger(path, read_only=True) as ledger:
        _, rows = ledger.sql("SELECT id, meets_target, grade FROM runs ORDER BY id")
    assert rows == [("a", 1, None), ("b", 0, None), ("c", None, "wrong")]


def test_grades_taken_away_are_gone(ledger: Ledger, tmp_path: Path) -> None:
    record(ledger, short("a"))
    ledger.grade("a", "right", by="user")
    ledger.grade("a", "wrong", by="check")
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection, connection:
        connection.execute("DELETE FROM grades WHERE graded_by = 'check'")
    assert ledger.sql("SELECT grade FROM runs")[1] == [("right",)]
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection, connection:
        connection.execute("UPDATE grades SET grade = 'skip'")
    assert ledger.sql("SELECT grade FROM runs")[1] == [("skip",)]
