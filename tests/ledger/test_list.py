"""The list of runs: pages, filters, full-text search without a syntax, references."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.laws import examples
from tests.ledger.streams import STARTED_AT, fired, record, short
from workbench.errors import InputError
from workbench.ledger import Ledger, RunQuery, RunRow, open_ledger


def ids(ledger: Ledger, **query: Any) -> list[str]:
    return [row.id for row in ledger.runs(RunQuery(**query))]


@pytest.mark.parametrize("size", [1, 7, 50])
def test_pages_show_each_run_once_where_many_began_at_once(ledger: Ledger, size: int) -> None:
    random_ = random.Random(size)
    made = [(f"run{i:03d}", STARTED_AT + random_.choice((0, 0, 0, 1, 2))) for i in range(60)]
    random_.shuffle(made)
    recorders = []
    for run, at in made:
        recorder = ledger.recorder()
        for event in short(run, started_at=at):
            recorder(event)
        recorders.append(recorder)
    seen: list[RunRow] = []
    after: RunRow | None = None
    while page := ledger.runs(limit=size, after=after):
        assert len(page) <= size
        assert len(seen) <= len(made)
        seen += page
        after = page[-1]
        # A run that begins meanwhile belongs before the first page.
        record(ledger, short(f"late{len(seen)}", started_at=STARTED_AT + 99))
    newest_first = sorted(made, key=lambda pair: (pair[1], pair[0]), reverse=True)
    assert [row.id for row in seen] == [run for run, _ in newest_first]


def test_filters_are_joined(ledger: Ledger) -> None:
    record(ledger, short("a", system="quick", tags=("x", "y"), started_at=1))
    record(ledger, short("b", notation="race(3*lab/one)", tags=("x",), kind="simulated", started_at=2))
    record(ledger, short("c", status="failed", started_at=3))
    record(ledger, short("d", system="quick", started_at=4))
    ledger.grade("a", "right")
    ledger.grade("b", "wrong")
    assert ids(ledger) == ["d", "c", "b", "a"]
    assert ids(ledger, tags=("x",)) == ["b", "a"]
    assert ids(ledger, tags=("x", "y")) == ["a"]
    assert ids(ledger, kind="simulated") == ["b"]
    assert ids(ledger, system="quick") == ["d", "a"]
    assert ids(ledger, system="race(3*lab/one)") == ["b"]
    assert ids(ledger, status="failed") == ["c"]
    assert ids(ledger, grade="right") == ["a"]
    assert ids(ledger, grade="none") == ["d", "c"]
    assert ids(ledger, since_unix_ns=2, until_unix_ns=4) == ["c", "b"]
    assert ids(ledger, system="quick", tags=("x",), grade="right", text="42") == ["a"]
    assert ids(ledger, system="quick", tags=("x",), grade="wrong") == []
    assert ledger.count(RunQuery(system="quick")) == 2


def test_search_finds_words_of_prompts_and_answers(ledger: Ledger) -> None:
    record(ledger, short("a", prompt="Name the largest planet", answer="Jupiter", started_at=1))
    record(ledger, short("b", prompt="Wie heißt die Größe?", answer="Café — crème", started_at=2))
    record(ledger, short("c", prompt="planet", answer="Saturn AND Jupiter", started_at=3))
    assert ids(ledger, text="planet") == ["c", "a"]
    assert ids(ledger, text="PLANET jupiter") == ["c", "a"]
    assert ids(ledger, text="largest saturn") == []
    assert ids(ledger, text="cafe creme") == ["b"]
    assert ids(ledger, text="größe") == ["b"]
    assert ids(ledger, text="AND") == ["c"]
    assert ids(ledger, text="jupiter NOT saturn") == []
    assert ids(ledger, text="  ") == ["c", "b", "a"]
    assert ids(ledger, text="plan*") == []
    ledger.delete("c")
    assert ids(ledger, text="planet") == ["a"]
    assert ids(ledger, text="planet", deleted=True) == ["c"]


def test_search_sees_neither_thoughts_nor_losers(ledger: Ledger) -> None:
    record(ledger, fired("judge[sim/judge](3*sim/thinker)", prompt="unicorn"))
    assert ids(ledger, text="unicorn") == ["run"]
    assert ids(ledger, text="judge") == []


@pytest.fixture(scope="module")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("list") / "ledger.db"
    with open_ledger(path) as ledger:
        record(ledger, short("only", prompt='say "hi" to x:y -z (a OR b)* ^c {d} ²'))
    return path


SIGNS = ("*", "a:b", "NEAR(a b, 3)", "(", ")", "-x", "^x", "{a}", "AND", "'", '"', ";--", "\x00", "\ud800", "²", "+")


@settings(max_examples=examples(60), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    words=st.lists(
        st.one_of(st.sampled_from(SIGNS), st.text(st.characters(exclude_categories=()), max_size=8)), max_size=5
    )
)
@example(["a\ud800", "\ud800"])
def test_no_text_can_fail(one_run: Path, words: list[str]) -> None:
    text = " ".join(words)
    with open_ledger(one_run, read_only=True) as ledger:
        found = ledger.runs(RunQuery(text=text, tags=tuple(words[:1])))
        assert ledger.count(RunQuery(text=text, tags=tuple(words[:1]))) == len(found)
        ledger.runs(RunQuery(system=text, status=text, kind=text))


@pytest.mark.parametrize("text", ['"hi"', "x:y", "-z", "(a OR b)*", "^c", "{d}", "²", "say x:y {d}"])
def test_signs_are_plain_text(one_run: Path, text: str) -> None:
    with open_ledger(one_run, read_only=True) as ledger:
        assert [row.id for row in ledger.runs(RunQuery(text=text))] == ["only"]


def test_references(ledger: Ledger) -> None:
    for at, run in enumerate(("abc1", "abc2", "b3")):
        record(ledger, short(run, started_at=at))
    assert [ledger.resolve(ref) for ref in ("abc1", "b", "last", "last~1", "last~2")] == [
        "abc1",
        "b3",
        "b3",
        "abc2",
        "abc1",
    ]
    with pytest.raises(InputError, match="begins more than one") as caught:
        ledger.resolve("abc")
    assert "abc1" in caught.value.hint
    for missing in ("nope", "last~3", "", "%", "\ud800", "abc1 "):
        with pytest.raises(InputError, match="no such run"):
            ledger.resolve(missing)
    ledger.delete("b3")
    assert ledger.resolve("last") == "abc2"
    with pytest.raises(InputError, match="no such run"):
        ledger.resolve("b3")


def test_an_id_that_begins_another(ledger: Ledger) -> None:
    record(ledger, short("run"))
    record(ledger, short("run2"))
    assert ledger.resolve("run") == "run"


def test_an_empty_ledger_says_so(ledger: Ledger) -> None:
    assert ledger.runs() == []
    assert ledger.count() == 0
    with pytest.raises(InputError, match="nothing is recorded yet"):
        ledger.resolve("last")


def test_a_reader_of_no_file_makes_none(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "ledger.db"
    with open_ledger(path, read_only=True) as ledger:
        assert ledger.runs() == []
        assert ledger.spent_today() == 0
        assert ledger.sql("SELECT count(*) AS n FROM runs") == (["n"], [(0,)])
    assert not path.parent.exists()


def test_a_jump_leaves_out_as_many_as_asked(ledger: Ledger) -> None:
    for index in range(30):
        record(ledger, short(f"run{index:02}", started_at=index // 2, prompt="even" if index % 2 else "odd"))
    everything = ledger.runs(limit=100)
    for skip in (1, 7, 29):
        assert ledger.runs(limit=5, skip=skip) == everything[skip : skip + 5]
    assert ledger.runs(limit=5, skip=30) == []
    assert ledger.runs(limit=4, after=everything[3], skip=6) == everything[10:14]
    even = ledger.runs(RunQuery(text="even"), limit=100)
    assert ledger.runs(RunQuery(text="even"), limit=5, skip=9) == even[9:14]


def test_calls_are_listed_without_their_events(ledger: Ledger) -> None:
    record(ledger, fired("judge[sim/judge](race[take=2](4*sim/thinker))"))
    calls = ledger.calls("run")
    view = ledger.view("run")
    assert {call.id for call in calls} == set(view.calls)
    for row in calls:
        call = view.calls[row.id]
        assert (row.model, row.status, row.cost, row.replica) == (call.model, call.status, call.cost, call.replica)
        assert row.used == (call.id in view.used_calls())
    assert ledger.calls("run", limit=2) == calls[:2]


def test_a_word_that_is_being_typed_may_go_on(ledger: Ledger) -> None:
    record(ledger, short("a", prompt="the largest planet", answer="Jupiter", started_at=1))
    record(ledger, short("b", prompt="a large number", answer="googol", started_at=2))
    assert ids(ledger, text="larg") == []
    assert ids(ledger, text="larg", unfinished=True) == ["b", "a"]
    assert ids(ledger, text="large ", unfinished=True) == ["b"]
    assert ids(ledger, text='jup "', unfinished=True) == ["a"]
    assert ids(ledger, text="larg plan", unfinished=True) == []
    assert ids(ledger, text="* - \x00", unfinished=True) == []
