"""Files of samples: what a line may say, and what is refused with its number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.cli.main import main
from workbench.errors import InputError, ModelError
from workbench.evals.pools import from_file
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
