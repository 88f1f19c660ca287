"""cascade: branches in order; the first accepted answer ends it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.engine.fakes import Fired, Say, answer, asked, fire, lane, says
from workbench.errors import ErrorKind
from workbench.systems.nodes import Agreement, Cascade, Regex

BRANCHES = {"cheap": says(1), "middle": says(2), "dear": says(3)}
OF = tuple(lane(name) for name in BRANCHES)


def models_called(fired: Fired) -> list[str]:
    return [call.model for call in fired.view.calls.values()]


def test_the_first_accepted_branch_ends_it_and_only_branches_tried_cost() -> None:
    fired = fire(Cascade(accept=Regex(pattern="2"), of=OF), BRANCHES)
    assert answer(fired) == "Final answer: 2"
    assert models_called(fired) == ["cheap", "middle"]
    assert fired.view.cost() == sum(c.cost or 0 for c in fired.view.calls.values())
    assert fired.view.answer is not None
    assert fired.view.answer.verified is True


def test_branches_run_in_order_each_after_the_one_before() -> None:
    fired = fire(Cascade(accept=Regex(pattern="3"), of=OF), BRANCHES)
    calls = list(fired.view.calls.values())
    assert [c.model for c in calls] == ["cheap", "middle", "dear"]
    assert all(later.queued_at >= (before.finished_at or 0) for before, later in pairwise(calls))


def test_a_model_may_test_and_its_call_costs() -> None:
    scripts = {**BRANCHES, "v": [Say(text="B"), Say(text="A")]}
    fired = fire(Cascade(accept=lane("v"), of=OF), scripts)
    assert models_called(fired) == ["cheap", "v", "middle", "v"]
    assert answer(fired) == "Final answer: 2"


def test_the_last_branch_is_not_tested() -> None:
    scripts = {**BRANCHES, "v": Say(text="B")}
    fired = fire(Cascade(accept=lane("v"), of=OF), scripts)
    assert len(asked(fired, "v")) == 2
    assert answer(fired) == "Final answer: 3"


def test_a_failed_branch_gives_way_to_the_next() -> None:
    scripts = {**BRANCHES, "cheap": Say(error=ErrorKind.AUTH)}
    fired = fire(Cascade(accept=Regex(pattern="."), of=OF), scripts)
    assert answer(fired) == "Final answer: 2"


def test_when_the_last_branch_fails_an_earlier_answer_passes_unverified() -> None:
    scripts = {**BRANCHES, "dear": Say(error=ErrorKind.AUTH)}
    fired = fire(Cascade(accept=Regex(pattern="9"), of=OF), scripts)
    assert answer(fired) == "Final answer: 2"
    assert fired.view.answer is not None
    assert fired.view.answer.verified is False


def test_when_all_fail_the_reasons_are_listed() -> None:
    scripts = {"cheap": Say(error=ErrorKind.AUTH), "middle": Say(text=""), "dear": Say(error=ErrorKind.NOT_FOUND)}
    fired = fire(Cascade(accept=Regex(pattern="."), of=OF), scripts)
    assert fired.view.status == "failed"
    assert all(word in fired.view.reason for word in ("scripted auth", "empty", "scripted not_found"))


@pytest.mark.parametrize(("said", "expected", "calls"), [((1, 1, 2), 1, 3), ((1, 2, 4), 3, 4)])
def test_agreement_accepts_where_enough_of_the_branch_agrees(said: Any, expected: int, calls: int) -> None:
    scripts = {**BRANCHES, "cheap": [says(i) for i in said]}
    root = Cascade(accept=Agreement(at_least=0.6), of=(lane("cheap", replicas=3), lane("dear")))
    fired = fire(root, scripts)
    assert answer(fired) == f"Final answer: {expected}"
    assert len(fired.view.calls) == calls
    assert fired.view.verdicts[0].score == pytest.approx(2 / 3 if expected == 1 else 1 / 3)


def test_one_candidate_cannot_agree_with_itself() -> None:
    fired = fire(Cascade(accept=Agreement(), of=OF[:2]), BRANCHES)
    assert answer(fired) == "Final answer: 2"


def test_agreement_may_have_a_model_read_the_keys() -> None:
    scripts = {**BRANCHES, "cheap": [Say(text="it is six"), Say(text="6")], "reader": Say(text="6")}
    root = Cascade(accept=Agreement(extract="model:reader"), of=(lane("cheap", replicas=2), lane("dear")))
    fired = fire(root, scripts)
    assert "dear" not in models_called(fired)
    assert sum(c.role == "extract" for c in fired.view.calls.values()) == 2
