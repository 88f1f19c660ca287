"""`--model` and `--judge` replace models and nothing else."""

from __future__ import annotations

from workbench.cli.overrides import override
from workbench.cli.services import model_names
from workbench.systems.nodes import Branch, Judge, Model, Race, Regex, Route, System, Verify

NESTED = System(
    root=Judge(
        judge=Model(model="big", temperature=0.0),
        of=(
            Race(of=(Model(model="small", replicas=3, temperature=0.8),)),
            Verify(verifier=Regex(pattern="4"), of=(Model(model="small"),)),
            Route(router=Model(model="tiny"), branches=(Branch(label="else", to=Model(model="other")),)),
        ),
    )
)


def test_model_leaves_judges_and_routers() -> None:
    assert model_names(override(NESTED, model="m")) == ["big", "m", "tiny"]


def test_judge_leaves_generators() -> None:
    assert model_names(override(NESTED, judge="j")) == ["j", "small", "other"]


def test_both_replace_all_and_keep_the_rest() -> None:
    changed = override(NESTED, model="m", judge="j")
    assert model_names(changed) == ["j", "m"]
    assert isinstance(changed.root, Judge)
    race = changed.root.of[0]
    assert isinstance(race, Race)
    assert race.of[0] == Model(model="m", replicas=3, temperature=0.8)


def test_without_either_nothing_changes() -> None:
    assert override(NESTED) == NESTED


def test_a_models_own_timeout_is_replaced() -> None:
    changed = override(NESTED, timeout=5.0)
    assert isinstance(changed.root, Judge)
    assert changed.root.judge == Model(model="big", temperature=0.0, timeout=5.0)
