"""Runs as training data: what was chosen, over what, and what is left out."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from openai.types.chat import ChatCompletionMessageParam
from pydantic import TypeAdapter

from tests.laws import examples
from tests.ledger.streams import record, short
from workbench.cli.main import main
from workbench.engine import events as e
from workbench.errors import InputError
from workbench.ledger import RunQuery, open_ledger
from workbench.ledger.distil import SHAPES, Wanted

MESSAGES = TypeAdapter(list[ChatCompletionMessageParam])


def chosen(run: str, answer: str, *others: tuple[str, str | None, str], score: float = 0.2, **fields: Any) -> list[Any]:
    """A run that chose `answer` (key 42); `others`: (text, key, verdict)."""
    events: list[e.AnyEvent] = []
    for event in short(run, answer=answer, **fields):
        if isinstance(event, e.CandidateMade):
            events.append(structs.replace(event, candidate=structs.replace(event.candidate, key="42")))
            for number, (text, key, verdict) in enumerate(others, 2):
                made = e.Candidate(id=f"k{number}", node="", status="done", text=text, key=key, calls=("c1",))
                events.append(e.CandidateMade(t=4, candidate=made))
                if verdict:
                    given = e.VerdictGiven(t=4, node="", candidate=made.id, verdict=verdict, by="lab/judge")  # type: ignore[arg-type]
                    events.append(given)
            told = e.DisagreementScored(
                t=4, node="", headline="entropy", score=score, scores={"entropy": score}, clusters=(), n=3
            )
            events.append(told)
        else:
            events.append(event)
    return events


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "home" / "data" / "ledger.db"
    path.parent.mkdir(parents=True)
    with open_ledger(path) as ledger:
        record(ledger, chosen("good", "It is 42.", ("It is 41.", "41", ""), ("Maybe 7.", "7", "rejected"), prompt="a"))
        ledger.grade("good", "right")
        record(ledger, chosen("same", "It is 42.", prompt="a"))
        record(ledger, chosen("open", "Open.", ("Refused.", "42", "rejected"), prompt="b", score=0.9))
        record(ledger, chosen("bad", "Wrong.", prompt="c"))
        ledger.grade("bad", "wrong")
        record(ledger, chosen("cut", "Cut.", prompt="d", status="cancelled"))
        record(ledger, chosen("sim", "Simulated.", prompt="e", kind="simulated"))
        record(ledger, chosen("met", "=HYPERLINK(42)", ("No \x1b[31m9", "9", ""), prompt="f", target="42"))
    return path


def drawn(path: Path, **wanted: Any) -> tuple[list[dict[str, Any]], Any]:
    query = RunQuery(kind=wanted.pop("kind", None))
    with open_ledger(path, read_only=True) as ledger:
        pieces, tally = ledger.distil(query, wanted=Wanted(**wanted))
        return [json.loads(piece) for piece in pieces], tally


def answers(rows: list[dict[str, Any]]) -> set[str]:
    return {row["messages"][-1]["content"] for row in rows}


def test_chat_is_prompt_and_chosen_answer_each_once(home: Path) -> None:
    rows, tally = drawn(home)
    assert answers(rows) == {"It is 42.", "Open.", "=HYPERLINK(42)"}
    assert all(set(row) == {"messages"} for row in rows)
    for row in rows:
        MESSAGES.validate_python(row["messages"])  # the OpenAI client's own types, strict about roles
        assert [message["role"] for message in row["messages"]] == ["user", "assistant"]
    assert (tally.lines, tally.runs, tally.kind) == (3, 3, "real")
    assert tally.left_out == {"said already": 1, "graded wrong": 1, "no whole answer": 1}


def test_filters(home: Path) -> None:
    assert answers(drawn(home, right=True)[0]) == {"It is 42.", "=HYPERLINK(42)"}
    assert answers(drawn(home, disagreement=0.5)[0]) == {"It is 42.", "=HYPERLINK(42)"}
    assert drawn(home, accepted=True)[0] == []
    assert answers(drawn(home, kind="simulated")[0]) == {"Simulated."}


def test_pairs_are_what_was_chosen_over_what_a_verdict_or_the_right_answer_rejects(home: Path) -> None:
    rows, tally = drawn(home, shape="dpo")
    pairs = {(row["chosen"][0]["content"], row["rejected"][0]["content"]) for row in rows}
    assert pairs == {
        ("It is 42.", "It is 41."),
        ("It is 42.", "Maybe 7."),
        ("Open.", "Refused."),
        ("=HYPERLINK(42)", "No ␛[31m9"),
    }
    for row in rows:
        assert set(row) == {"prompt", "chosen", "rejected"}
        MESSAGES.validate_python([*row["prompt"], *row["chosen"]])
        assert row["chosen"][0]["role"] == row["rejected"][0]["role"] == "assistant"
    assert tally.left_out["nothing was rejected"] == 1
    other, _ = drawn(home, shape="openai-dpo")
    assert [row["preferred_output"] for row in other] == [row["chosen"] for row in rows]
    assert all(set(row) == {"input", "preferred_output", "non_preferred_output"} for row in other)


def test_a_trace_says_where_it_came_from_and_what_to_heed(home: Path) -> None:
    rows, _ = drawn(home, shape="trace")
    good = next(row for row in rows if row["provenance"]["run"] == "good")
    assert good["provenance"]["models"] == ["lab/one"]
    assert good["provenance"]["grade"] == "right"
    assert "licences" in good["provenance"]["note"]
    assert good["run"]["id"] == "good"


def test_kinds_are_never_mixed(home: Path) -> None:
    with open_ledger(home, read_only=True) as ledger, pytest.raises(InputError, match="real and simulated"):
        ledger.distil(refs=["good", "sim"])


def test_the_command_writes_a_file_with_a_note_beside_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "distil", "--shape", "dpo", "-o", "pairs.jsonl"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "4 lines from 3 runs; left out: " in said.err
    assert len(Path("pairs.jsonl").read_text().splitlines()) == 4
    about = json.loads(Path("pairs.jsonl.about.json").read_text())
    assert (about["kind"], about["lines"], about["shape"], about["models"]) == ("real", 4, "dpo", {"lab/one": 3})
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        assert main(["runs", "distil", "--shape", "dpo", "-o", name]) == 0
        assert gzip.decompress(Path(name).read_bytes()) == Path("pairs.jsonl").read_bytes()
    assert Path("a.jsonl.gz").read_bytes() == Path("b.jsonl.gz").read_bytes()
    capsys.readouterr()
    assert main(["runs", "distil", "good"]) == 0
    assert json.loads(capsys.readouterr().out)["messages"][-1]["content"] == "It is 42."
    assert main(["runs", "distil", "--disagreement", "3"]) == 2
    assert main(["runs", "distil", "good", "--tag", "x"]) == 2
    assert main(["runs", "distil", "good", "sim"]) == 2


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.text(max_size=40), shape=st.sampled_from(SHAPES))
def test_any_text_is_one_line_of_json_that_drives_nothing(
    answer: str, shape: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("distil") / "ledger.db"
    with open_ledger(path) as ledger:
        record(ledger, chosen("one", answer, ("other", "x", "rejected")))
        pieces, _ = ledger.distil(wanted=Wanted(shape=shape))  # type: ignore[arg-type]
        rows = list(pieces)
    for row in rows:
        assert row.count("\n") == 1
        json.loads(row)
        assert not any(ord(character) < 32 and character != "\n" for character in row)
    assert len(rows) == bool(answer.strip())


DOC = (Path(__file__).parents[2] / "docs" / "distil.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", re.findall(r"^\$ (workbench [^\n]*)", DOC, re.M))
def test_commands_of_the_docs_work(command: str, home: Path) -> None:
    assert main(command.split()[1:]) == 0


TEMPLATE = "{% for message in messages %}<{{ message.role }}>{{ message.content }}</{{ message.role }}>{% endfor %}"


@pytest.mark.parametrize(("shape", "columns"), [("chat", {"text"}), ("dpo", {"prompt", "chosen", "rejected"})])
def test_trl_reads_it_as_its_own_format(home: Path, shape: Any, columns: set[str]) -> None:
    """By TRL's own functions, where it is installed; they need no PyTorch, though its package asks for it."""
    trl = pytest.importorskip("trl.data_utils")
    transformers, tokenizers = pytest.importorskip("transformers"), pytest.importorskip("tokenizers")
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"?": 0}, unk_token="?"))
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=words, chat_template=TEMPLATE)
    rows, _ = drawn(home, shape=shape)
    assert rows
    for row in rows:
        assert trl.is_conversational(row)
        assert trl.maybe_extract_prompt(row) == row
        made = trl.apply_chat_template(row, tokenizer)
        assert set(made) == columns
        said = [message["content"] for part in row.values() for message in part]
        assert all(any(text in whole for whole in made.values()) for text in said)
