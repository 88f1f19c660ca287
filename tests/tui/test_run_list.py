"""What the Runs screen is made of: the search line, pages, columns."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.many_runs import ROW, LongStore
from tests.tui.scripted import STARTED
from workbench.ledger import RunQuery
from workbench.tui import run_columns
from workbench.tui.run_pages import KEPT, SIZE, RunPages
from workbench.tui.run_query import parse, problem, task_files, toggled


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("", RunQuery()),
        ("largest planet", RunQuery(text="largest planet", unfinished=True)),
        ("largest planet ", RunQuery(text="largest planet")),
        ("kind:real largest", RunQuery(kind="real", text="largest", unfinished=True)),
        ("kind:", RunQuery()),
        ("kind:rea", RunQuery()),
        ("tag:a tag:b", RunQuery(tags=("a", "b"))),
        ('system:"my system" grade:none', RunQuery(system="my system", grade="none")),
        ('system:"my', RunQuery(system="my")),
        ("http://x", RunQuery(text="http://x", unfinished=True)),
    ],
)
def test_the_search_line(line: str, query: RunQuery) -> None:
    assert parse(line) == query


def test_a_task_set_is_the_prompts_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.jsonl").write_text('{"prompt": "one"}\n\n{"prompt": "two", "target": "2"}\n{"prompt": "one"}\n')
    assert task_files() == ["mine.jsonl"]
    assert parse("tasks:mine.jsonl kind:real") == RunQuery(kind="real", tasks="mine.jsonl", prompts=("one", "two"))
    (tmp_path / "mine.jsonl").write_text('{"prompt": "three"}\n')
    assert parse("tasks:mine.jsonl").prompts == ("three",)
    assert not problem(parse("tasks:mine.jsonl"))
    none = parse("tasks:none.jsonl")
    assert none == RunQuery(tasks="none.jsonl", prompts=())
    assert problem(none) == "none.jsonl: there is no such file of tasks"
    os.mkfifo(tmp_path / "pipe")
    assert problem(parse("tasks:pipe")) == "pipe: is no file"
    (tmp_path / "empty.jsonl").write_text("{}")
    assert problem(parse("tasks:empty.jsonl")) == "empty.jsonl: no line has a prompt"
    (tmp_path / "empty.jsonl").write_text('{"prompt": "now"}')
    assert parse("tasks:empty.jsonl").prompts == ("now",)
    assert parse("tasks:") == RunQuery()


def test_a_filter_is_put_in_replaced_and_taken_out() -> None:
    line = toggled("planet", "kind", "real")
    assert line == "kind:real planet"
    line = toggled(line, "kind", "simulated")
    assert line == "kind:simulated planet"
    line = toggled(toggled(line, "tag", "a"), "tag", "b")
    assert line == "tag:b tag:a kind:simulated planet"
    assert toggled(line, "tag", "a") == "tag:b kind:simulated planet"
    assert parse(toggled("", "system", "my system")) == RunQuery(system="my system")
    assert toggled(toggled("", "system", "my system"), "system", "my system") == ""


@given(st.text(max_size=40))
def test_any_line_is_a_query(line: str) -> None:
    parse(line)


@given(st.lists(st.integers(0, 99_999), max_size=40))
def test_any_way_through_the_pages_shows_the_runs_that_stand_there(places: list[int]) -> None:
    store, pages = LongStore(), RunPages(RunQuery())
    pages.total = store.length
    for place in places:
        for number in pages.missing(place - 40, place + 40):
            ask = pages.ask(number)
            pages.put(number, store.runs(ask.query, limit=SIZE, after=ask.after, skip=ask.skip))
        row = pages.row(place)
        assert row is not None
        assert row.id == f"{place:06d}"
        assert len(list(pages.rows())) <= KEPT * SIZE


@pytest.mark.parametrize("width", range(60, 240))
def test_the_columns_fill_the_width(width: int) -> None:
    fitted, gap = run_columns.columns(width), run_columns.gap_of(width)
    row = ROW._replace(tags=("a", "b"), grade="wrong", score=0.5, answer="x" * 300)
    for cells in (
        run_columns.head(fitted, gap),
        run_columns.line(row, fitted, gap, marked=True, now_ns=STARTED),
    ):
        assert sum(len(text) for text, _ in cells) <= max(width, 63)


def test_unknown_and_estimated_costs_are_said() -> None:
    assert run_columns.cost(ROW) == "$0.00231"
    assert run_columns.cost(ROW._replace(estimated=True)) == "~$0.00231"
    assert run_columns.cost(ROW._replace(cost=None, known_cost=0)) == "?"
    assert run_columns.cost(ROW._replace(cost=None)) == "$0.00231 + ?"
    assert run_columns.cost(ROW._replace(cost=None), 10) == ">$0.00231"


def test_of_a_long_answer_the_end_is_shown() -> None:
    fitted = run_columns.columns(120)
    for answer, shown in (
        ("17 × 23 = 391\n\nFinal answer: **391**", "391**"),
        ("one line", "one line"),
        ("a\nb\n", "b"),
    ):
        cells = run_columns.line(ROW._replace(answer=answer), fitted, 2, marked=False, now_ns=STARTED)
        assert shown in [text.strip() for text, _ in cells]


def test_when() -> None:
    hour = 3600 * 10**9
    assert run_columns.when(STARTED, STARTED).startswith("today ")
    assert len(run_columns.when(STARTED - 48 * hour, STARTED)) == 11
    assert len(run_columns.when(STARTED - 500 * 24 * hour, STARTED)) == 10
