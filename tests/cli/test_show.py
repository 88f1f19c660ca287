"""A run as text and as an exit code."""

from __future__ import annotations

import msgspec
import pytest

from tests.cli import scripted
from workbench.cli.comparison import Compared, Spread
from workbench.cli.run import unsaid
from workbench.cli.show import print_run
from workbench.cli.summary import exit_code, summary
from workbench.engine import events as e
from workbench.engine.view import RunView
from workbench.models.base import Usage


def shown(view: RunView, capsys: pytest.CaptureFixture[str]) -> str:
    print_run(view)
    return capsys.readouterr().out


def test_every_call_with_its_money(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(RunView().apply_all(scripted.race(3)), capsys)
    rows = [line for line in text.splitlines() if line.startswith("of.0#")]
    assert len(rows) == 3
    assert "$0.00000900" in rows[0]
    assert "yes" in rows[0]
    assert all("~$0.00000600" in row and "waste" in row for row in rows[1:])
    assert "race .: k1, first to finish its answer" in text
    assert text.rstrip().endswith("Jupiter is the largest planet.")


def test_what_may_have_been_billed_is_a_range(capsys: pytest.CaptureFixture[str]) -> None:
    events = [
        e.CallFinished(
            t=x.t, call=x.call, status="cancelled", usage=Usage(), cost=None, cost_low=10**6, cost_high=10**9
        )
        if isinstance(x, e.CallFinished) and x.status == "cancelled"
        else x
        for x in scripted.race(2)
    ]
    text = shown(RunView().apply_all(events), capsys)
    assert "? ($0.00000100 to $0.00100)" in text
    assert "waste ?" in text


def test_while_a_run_is_under_way_nothing_is_waste_yet(capsys: pytest.CaptureFixture[str]) -> None:
    events = scripted.race(3)
    text = shown(RunView().apply_all(events[: len(events) // 2]), capsys)
    assert "status     under way" in text
    assert "so far" in text
    assert "waste" not in text


def test_hostile_text_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(RunView().apply_all(scripted.race(2, answer="\x1b[31m[red]evil")), capsys)
    assert "\x1b" not in text
    assert "␛[31m[red]evil" in text


def test_the_summary_names_what_is_not_real() -> None:
    assert summary(RunView().apply_all(scripted.race(2))).endswith("run run1, simulated")
    assert "simulated" not in summary(RunView().apply_all(scripted.race(2, kind="real")))


def test_estimates_are_marked_and_what_is_free_is_exact(capsys: pytest.CaptureFixture[str]) -> None:
    view = RunView().apply_all(scripted.race(2))
    assert ", ~7 tokens, ~$0.0000150 (waste ~$0.00000600)" in summary(view)
    assert "tokens     ~24 in, ~7 out" in shown(view, capsys)
    for call in view.calls.values():
        call.cost = call.cost_low = call.cost_high = 0
    assert ", ~7 tokens, $0.00, run" in summary(view)


def test_an_answer_that_nobody_accepted_is_told() -> None:
    view = RunView().apply_all(scripted.race(2))
    assert view.answer is not None
    assert "unverified" not in summary(view)
    view.candidates[view.answer.id] = msgspec.structs.replace(view.answer, verified=False)
    assert summary(view).endswith("unverified: no candidate was accepted")


def test_a_warning_is_said_once() -> None:
    copies, price = "3 replicas of m at temperature 0 may be copies", "m has no known price"
    view = RunView(warnings=[e.Warned(t=0, message=text) for text in (copies, price, price)])
    assert unsaid(view, ()) == [copies, price]
    assert unsaid(view, ("3 replicas at temperature 0 are copies of one answer",)) == [price]


def failed(*kinds: str) -> RunView:
    view = RunView().apply_all(scripted.race(len(kinds))[:-1])
    for call, kind in zip(view.calls.values(), kinds, strict=True):
        call.status, call.error_kind = "failed", kind
    return view.apply(e.RunFinished(t=1, status="failed", reason="no candidate is done"))


@pytest.mark.parametrize(
    ("view", "code"),
    [
        (RunView().apply_all(scripted.race(2)), 0),
        (RunView().apply_all(scripted.race(2)[:-1]), 130),
        (failed("auth", "connection"), 3),
        (failed("auth", "rate_limit"), 1),
        (RunView().apply(e.RunFinished(t=1, status="stopped")), 5),
        (RunView().apply(e.RunFinished(t=1, status="cancelled")), 130),
        (RunView().apply(e.RunFinished(t=1, status="degraded")), 0),
    ],
)
def test_exit_codes(view: RunView, code: int) -> None:
    assert exit_code(view) == code


def test_an_answer_that_was_not_recorded_is_told() -> None:
    assert exit_code(RunView().apply_all(scripted.race(2)), recorded=False) == 4


def test_medians_and_ranges_over_repeats() -> None:
    runs = [RunView().apply_all(scripted.race(2)).to_json() for _ in range(3)]
    for run, seconds in zip(runs, (1.0, 5.0, 2.0), strict=True):
        run["wall_s"] = seconds
    runs[1]["answer"] = "Saturn"
    compared = Compared(system="quick", runs=runs)
    assert compared.spread("wall_s") == Spread(median=2.0, low=1.0, high=5.0)
    assert compared.answers == [("Jupiter is the largest planet.", 2), ("Saturn", 1)]
    assert compared.to_json()["disagreement"] == {"median": 0.29, "low": 0.29, "high": 0.29}
    runs[2]["cost_usd"] = None
    assert compared.spread("cost_usd") is None
    assert compared.to_json()["cost_usd"] is None
