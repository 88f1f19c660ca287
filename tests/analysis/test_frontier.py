"""Frontiers of systems: what is compared, how sure it is, and what is said where nothing is known."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.laws import examples
from workbench.analysis import resampling
from workbench.analysis.frontier import Frontier, Options, frontier
from workbench.analysis.measures import Cell, Kind, Measured, Quantity
from workbench.errors import InputError

TASKS = 30


def measured(
    name: str,
    cost: float | None,
    right: Sequence[int] | None,
    *,
    tasks: Sequence[int] | None = None,
    kind: Kind = "real",
) -> Measured:
    """One repeat a task; `right` says of each task whether it was solved."""
    every = range(len(right)) if right is not None else range(TASKS)
    cells = {
        str(task): Cell(
            repeats=1,
            cost=cost,
            latency=1e9,
            graded=0 if right is None else 1,
            right=0 if right is None else right[task],
        )
        for task in (every if tasks is None else tasks)
    }
    return Measured(system=name, kind=kind, cells=cells)


def first(count: int, of: int = TASKS) -> list[int]:
    return [int(task < count) for task in range(of)]


def marks(found: Frontier) -> Mapping[str, str]:
    return {each.label: each.mark for each in found.placed}


@pytest.mark.parametrize(
    ("axes", "eps", "said"),
    [
        (("cost", "accuracy"), (1e8, 0.05), "ε $0.0001 cost, 0.05 accuracy"),
        (("latency", "tokens"), (5e8, 2_000_000), "ε 0.5 s latency, 2000000 tokens"),
        (("cost", "accuracy"), (1e7, 0), "ε $0.00001 cost, 0 accuracy"),
    ],
)
def test_the_method_says_each_difference_in_the_unit_it_was_asked_in(
    axes: tuple[Quantity, ...], eps: tuple[float, ...], said: str
) -> None:
    assert said in frontier([measured("one", 1, first(10))], axes, Options(eps=eps)).method.split(" · ")


def test_cheap_good_and_beaten() -> None:
    found = frontier(
        [measured("cheap", 1, first(10)), measured("good", 5, first(25)), measured("beaten", 9, first(8))],
        ("cost", "accuracy"),
    )
    assert marks(found) == {"cheap": "frontier", "good": "frontier", "beaten": "dominated"}
    assert [each.p for each in found.placed] == [1.0, 1.0, 0.0]
    assert found.line == ("cheap", "good")
    assert found.method == "frontier staircase · bootstrap 2,000 over 30 shared tasks · seed 7"
    cheap, good, beaten = found.placed
    assert good.means["accuracy"].value == pytest.approx(25 / 30)
    assert (good.against and good.against.label, beaten.against and beaten.against.label) == ("cheap", "good")
    assert good.against is not None
    assert good.against.ratio.value == 5
    assert good.against.gain.value == pytest.approx(0.5)
    assert cheap.against is None
    assert cheap.solved is not None
    assert cheap.solved.value == pytest.approx(3)


def test_cost_per_solved_task_is_a_ratio_of_sums_with_its_interval() -> None:
    one = Measured(
        system="s",
        kind="real",
        cells={str(i): Cell(repeats=2, graded=2, right=i % 3, cost=float(100 + i)) for i in range(40)},
    )
    placed = frontier([one], ("cost", "accuracy")).placed[0]
    paid = np.array([cell.cost for cell in one.cells.values()], float)
    right = np.array([cell.accuracy for cell in one.cells.values()], float)
    weights = np.concatenate(list(resampling.weights(40, 2000, 7)))
    again = weights @ paid / (weights @ right)
    assert placed.solved is not None
    assert placed.solved.value == pytest.approx(paid.sum() / right.sum())
    assert placed.solved.low == pytest.approx(np.quantile(again, 0.025))
    assert placed.solved.high == pytest.approx(np.quantile(again, 0.975))


def test_the_cost_of_what_may_not_be_solved_has_no_upper_end() -> None:
    placed = frontier([measured("s", 1, first(1, 30))], ("cost", "accuracy")).placed[0]
    assert placed.solved is not None
    assert placed.solved.high is None
    assert placed.solved.low is not None
    assert frontier([measured("s", 1, first(0))], ("cost", "accuracy")).placed[0].solved is None


def test_only_shared_tasks_count() -> None:
    easy = measured("easy", 1, first(20), tasks=range(20))
    both = measured("both", 2, first(20))
    found = frontier([easy, both], ("cost", "accuracy"))
    assert found.tasks == 20
    assert {each.label: each.means["accuracy"].value for each in found.placed} == {"easy": 1.0, "both": 1.0}


def test_a_system_that_shares_little_is_left_out_and_said_so() -> None:
    many = [measured(f"s{i}", i + 1, first(10 + i)) for i in range(4)]
    found = frontier([*many, measured("new", 1, first(1), tasks=[0])], ("cost", "accuracy"))
    assert (found.tasks, len(found.placed)) == (TASKS, 4)
    assert [(each.label, each.reason) for each in found.left_out] == [("new", "shares 1 of 30 tasks")]


def test_each_next_system_is_the_one_that_leaves_most_tasks() -> None:
    pair = [measured("a", 1, first(10)), measured("b", 2, first(12))]
    near = measured("near", 3, first(20), tasks=range(25))
    far = measured("far", 4, first(40, 70), tasks=[*range(5), *range(30, 70)])
    found = frontier([*pair, far, near], ("cost", "accuracy"))
    assert (found.tasks, {each.label for each in found.placed}) == (25, {"a", "b", "near"})
    assert [(each.label, each.reason) for each in found.left_out] == [("far", "shares 5 of 25 tasks")]


def test_unknown_is_unknown() -> None:
    found = frontier(
        [measured("a", 1, first(9)), measured("b", 2, None), measured("c", None, first(3))], ("cost", "accuracy")
    )
    assert [each.label for each in found.placed] == ["a"]
    assert [each.reason for each in found.left_out] == ["not graded", "cost unknown"]
    ungraded = frontier([measured("b", 2, None)], ("cost", "latency")).placed[0]
    assert "accuracy" not in ungraded.means
    assert ungraded.solved is None


def test_systems_without_a_common_task_are_not_compared() -> None:
    found = frontier(
        [measured("a", 1, first(5), tasks=range(5)), measured("b", 1, first(9), tasks=[7])], ("cost", "accuracy")
    )
    assert [each.label for each in found.placed] == ["a"]
    assert found.left_out[0].reason == "shares 0 of 5 tasks"


def test_one_task_has_no_interval_and_no_odds() -> None:
    found = frontier([measured("a", 1, [1]), measured("b", 2, [0])], ("cost", "accuracy"))
    assert [(each.p, each.mark, each.on_frontier) for each in found.placed] == [
        (None, "ambiguous", True),
        (None, "ambiguous", False),
    ]
    assert found.placed[0].means["cost"].low is None
    assert "one task" in found.notes[0]
    assert "bootstrap" not in found.method


def test_nothing_to_compare() -> None:
    found = frontier([], ("cost", "accuracy"))
    assert (found.placed, found.line, found.hypervolume, found.tasks) == ((), (), None, 0)
    assert frontier([measured("b", 2, None)], ("cost", "accuracy")).tasks == 0


def test_labels_tell_systems_of_one_name_apart() -> None:
    one = structs.replace(measured("s", 1, first(3)), notation="a")
    other = structs.replace(measured("s", 2, first(9)), notation="race(2*a)")
    assert [each.label for each in frontier([one, other, other], ("cost", "accuracy")).placed] == [
        "s · a",
        "s · race(2*a)",
        "s · race(2*a) (2)",
    ]


@pytest.mark.parametrize(
    ("axes", "options", "said"),
    [
        (("cost",), Options(), "two or three"),
        (("cost", "cost"), Options(), "two or three"),
        (("cost", "latency", "accuracy"), Options(shape="hull"), "two axes"),
        (("cost", "latency"), Options(eps=(1.0,)), "one an axis"),
        (("cost", "latency"), Options(eps=(-1.0, 0.0)), "at least 0"),
        (("cost", "latency"), Options(resamples=0), "at least 1"),
    ],
)
def test_what_cannot_be_asked(axes: tuple[str, ...], options: Options, said: str) -> None:
    with pytest.raises(InputError, match=said):
        frontier([measured("a", 1, first(3))], axes, options)  # type: ignore[arg-type]


def test_kinds_never_mix() -> None:
    with pytest.raises(InputError, match="never mixed"):
        frontier([measured("a", 1, first(3)), measured("b", 1, first(3), kind="simulated")], ("cost", "accuracy"))


def test_three_axes_keep_what_two_would_drop() -> None:
    slow = measured("slow", 2, first(9))
    cells = {task: structs.replace(cell, latency=5e8) for task, cell in slow.cells.items()}
    fast = structs.replace(slow, system="fast", cells={t: structs.replace(c, cost=3.0) for t, c in cells.items()})
    two, three = (frontier([slow, fast], axes) for axes in (("cost", "accuracy"), ("cost", "accuracy", "latency")))
    assert marks(two) == {"slow": "frontier", "fast": "dominated"}
    assert marks(three) == {"slow": "frontier", "fast": "frontier"}


def test_the_hypervolume_is_a_share_up_to_a_stored_reference() -> None:
    systems = [measured("a", 2, first(15)), measured("b", 4, first(30))]
    found = frontier(systems, ("cost", "accuracy"), Options(reference=(10.0, 0.0)))
    assert found.hypervolume == pytest.approx((8 * 0.5 + 6 * 0.5) / 10)
    again = frontier(systems, ("cost", "accuracy"), Options(reference=found.reference))
    assert again.hypervolume == found.hypervolume
    assert frontier(systems, ("cost", "accuracy")).reference == pytest.approx((4.4, 0.0))


def test_the_hull_is_named_and_smaller() -> None:
    systems = [measured("a", 1, first(3)), measured("b", 5, first(4)), measured("c", 6, first(30))]
    found = frontier(systems, ("cost", "accuracy"), Options(shape="hull"))
    assert found.line == ("a", "c")
    assert found.method.startswith("frontier convex hull")
    assert frontier(systems, ("cost", "accuracy")).line == ("a", "b", "c")


SYSTEMS = st.lists(
    st.tuples(st.integers(1, 5), st.lists(st.integers(0, 1), min_size=6, max_size=6)), min_size=1, max_size=5
)


@given(SYSTEMS, st.data())
@settings(max_examples=examples(40))
def test_neither_order_nor_units_nor_a_beaten_system_change_the_odds(
    drawn: list[tuple[int, list[int]]], data: st.DataObject
) -> None:
    few = Options(resamples=64)
    systems = [measured(f"s{i}", cost, right) for i, (cost, right) in enumerate(drawn)]
    odds = {each.label: each.p for each in frontier(systems, ("cost", "accuracy"), few).placed}
    order = data.draw(st.permutations(systems))
    dearer = [
        structs.replace(each, cells={t: structs.replace(c, cost=(c.cost or 0) * 1e9) for t, c in each.cells.items()})
        for each in order
    ]
    worse = measured("worse", 6e9, drawn[0][1])
    again = {each.label: each.p for each in frontier([*dearer, worse], ("cost", "accuracy"), few).placed}
    assert again.pop("worse") == 0
    assert again == odds


@given(SYSTEMS)
@settings(max_examples=examples(30))
def test_the_odds_are_those_of_each_resample_looked_at_alone(drawn: list[tuple[int, list[int]]]) -> None:
    systems = [measured(f"s{i}", cost, right) for i, (cost, right) in enumerate(drawn)]
    counts = dict.fromkeys((each.system for each in systems), 0)
    for weights in np.concatenate(list(resampling.weights(6, 32, 7))):
        means = {f"s{i}": (cost, round(float(weights @ np.array(right)), 9)) for i, (cost, right) in enumerate(drawn)}
        for name, (cost, right) in means.items():
            beaten = any(c <= cost and r >= right and (c, r) != (cost, right) for c, r in means.values())
            counts[name] += not beaten
    found = frontier(systems, ("cost", "accuracy"), Options(resamples=32))
    assert {each.label: each.p for each in found.placed} == {name: count / 32 for name, count in counts.items()}


def test_parts_of_the_resamples_are_the_same_whatever_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(resampling.weights(5, 100, 1)))
    monkeypatch.setattr(resampling, "_AT_ONCE", 35)
    parts = list(resampling.weights(5, 100, 1))
    assert len(parts) == 15
    assert (np.concatenate(parts) == whole).all()


def test_infinite_resamples_leave_an_end_open() -> None:
    held = resampling.interval(1.0, np.array([0.5] * 90 + [math.inf] * 10))
    assert (held.low, held.high) == (0.5, None)


def test_fifty_systems_over_a_thousand_tasks_take_moments() -> None:
    dice = np.random.default_rng(1)
    systems = [measured(f"s{i}", float(i + 1), dice.integers(0, 2, 1000).tolist()) for i in range(50)]
    start = time.process_time()
    frontier(systems, ("cost", "accuracy"))
    assert time.process_time() - start < 4
