"""`workbench calibration`: graded runs in, what their scores were worth out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from tests.ledger.streams import record, short
from workbench.analysis.calibration import GradedScore
from workbench.cli.main import main
from workbench.engine import events as e
from workbench.ledger import RunQuery, open_ledger

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "calibration.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"^\$ (workbench [^\n]*)", DOC, re.M)))


def scored(run: str, score: float, *, models: tuple[str, ...] = ("lab/one",), **fields: Any) -> list[e.AnyEvent]:
    """A run whose candidates disagreed so much."""
    events = [
        structs.replace(event, candidate=structs.replace(event.candidate, key="42"))
        if isinstance(event, e.CandidateMade)
        else event
        for event in short(run, **fields)
    ]
    more: list[e.AnyEvent] = []
    for number, model in enumerate(models[1:], 2):
        for event in events:
            if isinstance(event, e.CallQueued):
                request = structs.replace(event.request, model=model)
                more.append(structs.replace(event, call=f"c{number}", replica=number, request=request))
            elif isinstance(event, e.CallStarted | e.CallFinished):
                more.append(structs.replace(event, call=f"c{number}"))
    told = e.DisagreementScored(
        t=4, node="", headline="entropy", score=score, scores={"entropy": score}, clusters=(), abstained=(), n=5
    )
    return [*events[:2], *more[:1], events[2], *more[1:], *events[3:-1], told, events[-1]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home" / "data" / "ledger.db"


@pytest.fixture
def study(home: Path) -> Path:
    """40 graded runs whose score tells, a few of several models, one with a target, one skipped, one simulated."""
    home.parent.mkdir(parents=True)
    with open_ledger(home) as ledger:
        for number in range(40):
            run = f"within-{number}"
            record(ledger, scored(run, (number % 10) / 10))
            ledger.grade(run, "wrong" if number % 10 > 6 or number == 0 else "right")
            ledger.tag(run, "study")
        for number in range(6):
            record(ledger, scored(f"cross-{number}", 0.5, models=("lab/one", "lab/two"), target="42"))
        record(ledger, scored("skipped", 0.5))
        ledger.grade("skipped", "skip")
        record(ledger, scored("open", 0.5))
        record(ledger, scored("sim", 0.5, kind="simulated"))
        ledger.grade("sim", "right")
    return home


def test_the_ledger_gives_scores_of_graded_runs_one_kind_and_both_scopes_apart(study: Path) -> None:
    with open_ledger(study, read_only=True) as ledger:
        rows = ledger.graded_scores()
        simulated = ledger.graded_scores(RunQuery(kind="simulated"))
    assert len([row for row in rows if row.scope == "within"]) == 40
    assert [row for row in rows if row.scope == "cross"] == [GradedScore(0.5, False, "entropy", "cross")] * 6
    assert sum(row.wrong for row in rows) == 13
    assert simulated == [GradedScore(0.5, False)]


def test_a_person_reads_what_a_score_was_worth(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibration"]) == 0
    out = capsys.readouterr().out
    assert "entropy · draws of one model · 40 graded answers, 13 wrong" in out
    assert "AUROC 0.9" in out
    assert "entropy · draws of several models · 6 graded answers, 0 wrong" in out
    assert "All are right or all wrong" in out
    assert re.search(r"0\.8 +12 +12 +100% +76% to 100%", out)
    assert "wrong among them" in out


def test_json_and_its_names(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibration", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    within, cross = sorted(data["scores"], key=lambda each: str(each["scope"]), reverse=True)
    assert (within["graded"], within["wrong"]) == (40, 13)
    assert within["auroc"]["low"] < within["auroc"]["value"]
    assert cross["auroc"] is None
    assert within["risk_coverage"][-1] == {"score": 0.9, "coverage": 1.0, "risk": 13 / 40}
    row = next(
        text
        for text in (ROOT / "docs" / "json.md").read_text(encoding="utf-8").splitlines()
        if text.startswith("| `calibration`")
    )
    for name in (*within, *within["near"][0], *within["risk_coverage"][0]):
        assert f"`{name}`" in row


def test_without_graded_runs_it_says_what_to_do(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.parent.mkdir(parents=True)
    with open_ledger(home) as ledger:
        record(ledger, scored("open", 0.5))
    assert main(["calibration"]) == 2
    assert "workbench runs grade" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_docs_work(command: str, study: Path) -> None:
    assert main(command.split()[1:]) == 0


def test_filters_that_no_run_fits_are_named(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibration", "--tag", "nope"]) == 2
    assert "no real run of those that fit tag nope has both a disagreement score" in capsys.readouterr().err
