"""route: a router names a label; that branch answers."""

from __future__ import annotations

import pytest

from tests.engine.fakes import Fired, Say, answer, asked, fire, lane, says, warned
from workbench.errors import ErrorKind
from workbench.systems.nodes import Branch, Ensemble, Route

BRANCHES = {"cheap": says(1), "middle": says(2), "dear": says(3)}
OF = tuple(lane(name) for name in BRANCHES)


def models_called(fired: Fired) -> list[str]:
    return [call.model for call in fired.view.calls.values()]


TOPICS = (
    Branch(label="maths", to=lane("mathematician"), when="numbers"),
    Branch(label="law", to=lane("lawyer")),
    Branch(label="else", to=lane("generalist")),
)
EXPERTS = {"mathematician": says(1), "lawyer": says(2), "generalist": says(3)}


@pytest.mark.parametrize(
    ("reply", "model"),
    [
        ("maths", "mathematician"),
        ("Law.", "lawyer"),
        ("**maths**", "mathematician"),
        ("This belongs to law", "lawyer"),
        ("maths or law", "generalist"),
        ("cooking", "generalist"),
        ("else", "generalist"),
    ],
)
def test_the_routers_label_chooses_the_branch_and_only_that_runs(reply: str, model: str) -> None:
    fired = fire(Route(router=lane("r"), branches=TOPICS), {**EXPERTS, "r": Say(text=reply)})
    assert models_called(fired) == ["r", model]


def test_the_router_sees_the_labels_and_what_belongs_there() -> None:
    fired = fire(Route(router=lane("r"), branches=TOPICS), {**EXPERTS, "r": Say(text="law")})
    assert "- maths: numbers\n- law" in asked(fired, "r")[0]
    assert fired.models.requests[0].choices == ("maths", "law", "else")


def test_a_route_yields_what_the_branch_yields_and_costs_both() -> None:
    many = Route(router=lane("r"), branches=(Branch(label="all", to=Ensemble(of=OF)),))
    fired = fire(many, {**BRANCHES, "r": Say(text="all")})
    assert len(fired.view.candidates) == 3
    assert len(fired.view.calls) == 4
    assert fired.view.cost() == sum(c.cost or 0 for c in fired.view.calls.values())


def test_a_router_that_fails_takes_else_with_a_warning() -> None:
    fired = fire(Route(router=lane("r"), branches=TOPICS), {**EXPERTS, "r": Say(error=ErrorKind.AUTH)})
    assert answer(fired) == "Final answer: 3"
    assert "router gave no answer" in warned(fired)


def test_without_else_a_reply_that_names_no_branch_fails() -> None:
    fired = fire(Route(router=lane("r"), branches=TOPICS[:2]), {**EXPERTS, "r": Say(text="cooking")})
    assert fired.view.status == "failed"
    assert "cooking" in fired.view.reason
