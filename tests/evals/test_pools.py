"""Files of samples: what a line may say, and what is refused with its number."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from workbench.cli.main import main
from workbench.errors import InputError, ModelError
from workbench.evals.pools import from_file
from workbench.evals.task_sets import prompts
from workbench.models.recorded import read_samples

GOOD = {"task_id": "1", "text": "It is 42.", "latency_s": 2, "cost_usd": 0.5, "completion_tokens": 9}


def written(folder: Path, *more: dict[str, Any]) -> Path:
    """A file of good lines, each with more."""
    path = folder / "s.jsonl"
    path.write_text("".join(f"{json.dumps({**GOOD, **each})}\n" for each in more), encoding="utf-8")
    return path


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e300, -1, 10**400])
@pytest.mark.parametrize("field", ["cost_usd", "latency_s", "completion_tokens", "prompt_tokens", "score"])
def test_a_figure_that_no_call_can_have_is_refused_with_its_line(
    tmp_path: Path, field: str, value: float, capsys: pytest.CaptureFixture[str]
) -> None:
    if (field, value) == ("score", -1):
        value = float("-inf")
    path = written(tmp_path, {}, {field: value})
    with pytest.raises(InputError, match=r"s\.jsonl:2: is no sample"):
        from_file(path)
    for words in ([], ["--system", "vote(2*a/m)", "--runs", "3"]):
        assert main(["lab", str(path), *words]) == 2
        assert "s.jsonl:2" in capsys.readouterr().err
    if field != "score":
        with pytest.raises(ModelError, match=r"s\.jsonl:2: is no sample"):
            read_samples(path)


def test_the_largest_figures_are_taken_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    most = {"cost_usd": 1e4, "latency_s": 0, "completion_tokens": 10**12, "prompt_tokens": 10**12}
    path = written(tmp_path, *[most] * 3)
    assert main(["run", f"recorded/{path} >> recorded/{path}", "hello", "-q"]) == 0
    assert "ledger" not in capsys.readouterr().err
    assert main(["runs", "show", "last", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["cost_usd"] == 2e4


def test_what_is_null_is_not_there_and_a_number_is_taken_for_a_text_and_a_count(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"model": None, "error": None, "finish_reason": None, "cost_usd": None, "key": None, "target": 42},
        {"task_id": 1, "key": 42, "completion_tokens": 5.0, "prompt_tokens": 7.0},
        {"key": 7.5},
    )
    (draws,) = from_file(path).tasks.values()
    assert [draw.model for draw in draws] == ["", "", ""]
    assert [draw.key for draw in draws] == ["42", "42", "7.5"]
    assert [draw.correct for draw in draws] == [True, True, False]
    assert [draw.cost for draw in draws] == [None, 5 * 10**11, 5 * 10**11]
    assert (draws[1].tokens, draws[1].prompt_tokens) == (5, 7)
    assert [sample.task_id for sample in read_samples(path)] == ["1", "1", "1"]
    assert read_samples(path)[1].completion_tokens == 5
    assert from_file(written(tmp_path, {"key": 10**400})).tasks["1"][0].key == f"1{'0' * 400}"


@pytest.mark.parametrize("more", [{"completion_tokens": 5.5}, {"key": float("nan")}, {"key": True}, {"model": 3}])
def test_what_is_neither_is_refused(tmp_path: Path, more: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"s\.jsonl:1: is no sample"):
        from_file(written(tmp_path, more))


@pytest.mark.parametrize("packed", [False, True])
def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path, packed: bool) -> None:
    data = b"\xef\xbb\xbf" + json.dumps({**GOOD, "prompt": "What?"}).encode() + b"\r\n"
    path = tmp_path / ("s.jsonl.gz" if packed else "s.jsonl")
    path.write_bytes(gzip.compress(data) if packed else data)
    assert len(from_file(path).tasks["1"]) == 1
    assert prompts(path) == ("What?",)
    if not packed:
        assert read_samples(path)[0].prompt == "What?"
