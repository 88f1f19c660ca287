"""Budgets: reaching one ends what is under way, keeps what is finished, and the run is `stopped`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.fakes import Fired, Say, answer, asked, fire, lane, of_type, says, warned
from workbench.engine import events as e
from workbench.engine.control import Control
from workbench.errors import ErrorKind
from workbench.money import PICO
from workbench.systems.nodes import Best, Budget, Command, Ensemble, Judge, Model, Race, Refine, Verify, Vote

S = 1_000_000_000
QUICK = says(1)
ENDLESS = Say(text="word " * 1_000, gap=1.0)


def limited(budget: Budget, root: Any = None, **options: Any) -> Fired:
    root = root or Ensemble(of=(lane("quick"), lane("endless")))
    return fire(root, {"quick": QUICK, "endless": ENDLESS}, budget=budget, **options)


def usd(pico: int) -> float:
    return pico / PICO


def test_money_ends_the_run_while_it_is_being_spent() -> None:
    fired = limited(Budget(max_usd=usd(200_000)))
    (reached,) = of_type(fired, e.BudgetReached)
    assert (reached.limit, reached.allowed) == ("max_usd", usd(200_000))
    assert fired.view.status == "stopped"
    assert "max_usd" in fired.view.reason
    assert fired.view.calls["c2"].status == "cancelled"
    assert usd(200_000) <= usd(fired.view.cost() or 0) <= usd(230_000)


def test_money_that_is_spent_in_the_very_moment_in_which_a_time_limit_ends_another_call() -> None:
    replica = lane("m", replicas=4, first_token_timeout=3.0)
    # The second ends at 4 s; the fourth, in the first's slot since 1 s, has its limit at 4 s as well.
    said = [Say(text="", first=1.0), Say(text="A > B", first=0.0, gap=2.0, tokens=50), Say(first=7.0)]
    budget = Budget(max_usd=usd(500_000))
    fired = fire(Ensemble(of=(replica,)), {"m": said}, budget=budget, info={"max_concurrency": 3})
    assert fired.view.status == "stopped"
    assert [call.status for call in fired.view.calls.values()] == ["empty", "done", "failed", "cancelled"]
    assert (fired.view.calls["c2"].finished_at, fired.view.calls["c4"].finished_at) == (4 * S, 4 * S)


def test_what_is_finished_is_kept_and_the_best_answer_stands() -> None:
    fired = limited(Budget(max_usd=usd(200_000)))
    assert answer(fired) == "Final answer: 1"
    assert fired.view.calls["c1"].status == "done"


def test_pieces_that_are_sentences_count_by_their_length() -> None:
    scripts = {"m": Say(text=("word-" * 40 + " ") * 50, gap=1.0)}
    fired = fire(lane("m"), scripts, budget=Budget(max_tokens=500))
    assert fired.view.status == "stopped"
    assert 500 <= (fired.view.tokens("completion_tokens") or 0) <= 560


def test_tokens_of_prompt_and_completion_count() -> None:
    fired = limited(Budget(max_tokens=50))
    (reached,) = of_type(fired, e.BudgetReached)
    assert reached.limit == "max_tokens"
    spent = [c.usage for c in fired.view.calls.values()]
    assert sum((u.prompt_tokens or 0) + (u.completion_tokens or 0) for u in spent) in range(50, 55)


def test_a_deadline_is_wall_time() -> None:
    fired = limited(Budget(deadline=7.0))
    (reached,) = of_type(fired, e.BudgetReached)
    assert (reached.limit, reached.t, fired.view.t) == ("deadline", 7 * S, 7 * S)
    assert fired.view.status == "stopped"


def test_a_run_within_its_budget_is_done() -> None:
    root = lane("quick")
    fired = limited(Budget(max_usd=1.0, max_tokens=10_000, deadline=99.0), root)
    assert fired.view.status == "done"
    assert fired.view.budget_reached is None


def test_a_days_money_counts_what_was_spent_before() -> None:
    fired = limited(Budget(), max_usd_per_day=usd(1_000_000), spent_today=900_000)
    (reached,) = of_type(fired, e.BudgetReached)
    assert reached.limit == "max_usd_per_day"
    assert reached.spent == pytest.approx(usd(1_000_000), rel=0.02)


def test_a_day_that_is_spent_lets_nothing_out() -> None:
    fired = limited(Budget(), max_usd_per_day=usd(1_000_000), spent_today=1_000_000)
    assert fired.models.requests == []
    assert fired.view.status == "stopped"
    assert fired.view.cost() == 0


def test_a_simulated_run_spends_no_day() -> None:
    root = Ensemble(of=(lane("quick"),))
    fired = limited(Budget(), root, max_usd_per_day=usd(1), spent_today=1_000_000, info={"kind": "simulated"})
    assert fired.view.status == "done"


def test_simulated_money_is_not_added_to_real_money() -> None:
    known = {"endless": {"kind": "simulated"}}
    root = Ensemble(of=(lane("quick"), lane("endless")))
    fired = fire(
        root, {"quick": QUICK, "endless": Say(text="w " * 100)}, budget=Budget(max_usd=usd(200_000)), known=known
    )
    assert (fired.view.kind, fired.view.status) == ("real", "done")
    assert fired.view.cost() == fired.view.known_cost() == fired.view.calls["c1"].cost


def test_a_prompt_that_alone_passes_the_budget_is_not_sent() -> None:
    root = Ensemble(of=(lane("quick", replicas=50),))
    fired = fire(root, {"quick": QUICK}, prompt="x" * 400, budget=Budget(max_usd=usd(10 * 100_000)))
    assert len(fired.models.requests) < 10
    assert fired.view.status == "stopped"


def test_retried_attempts_count_once() -> None:
    broken = Say(text="a b c d", error=ErrorKind.CONNECTION, error_after=4)
    root = Ensemble(of=(Model(model="m"), lane("late")))
    scripts = {"m": [broken, Say(text="x")], "late": Say(text="y", first=50)}
    # 4 + 4 in the first attempt, 10 + 1 in the second; late estimates 4 and reports 11.
    assert fire(root, scripts, budget=Budget(max_tokens=31)).view.status == "done"
    assert fire(root, scripts, budget=Budget(max_tokens=30)).view.status == "stopped"


@pytest.mark.parametrize(
    "root",
    [
        Vote(of=(lane("quick"), lane("endless"))),
        Race(of=(lane("quick"), lane("endless")), take=2),
        Race(of=(lane("quick"), lane("endless")), losers="finish"),
        Verify(verifier=lane("endless"), of=(lane("quick"),)),
        Best(scorer=lane("endless"), of=(lane("quick"),)),
        Refine(critic=lane("endless"), of=(lane("quick"),)),
    ],
)
def test_roots_whose_rule_can_give_an_answer_do(root: Any) -> None:
    fired = limited(Budget(deadline=7.0), root)
    assert fired.view.status == "stopped"
    assert answer(fired) == "Final answer: 1"
    assert fired.view.t == 7 * S


def test_a_judge_is_not_asked_after_the_end() -> None:
    fired = limited(Budget(deadline=7.0), Judge(judge=lane("quick"), of=(lane("endless"),)))
    assert fired.view.status == "stopped"
    assert fired.view.answer is None
    assert asked(fired, "quick") == []


@pytest.mark.parametrize(
    "root",
    [
        Race(of=(lane("endless", replicas=3),), stagger=100.0),
        Judge(judge=lane("quick"), of=(lane("endless"),), wait=500.0),
        Race(of=(lane("quick"), lane("endless")), grace=500.0),
    ],
)
def test_nothing_waits_beyond_the_end(root: Any) -> None:
    fired = limited(Budget(deadline=7.0), root)
    assert fired.view.t == 7 * S


def test_a_program_under_way_is_ended_too() -> None:
    check = Verify(verifier=Command(run=("sleep", "30"), seconds=60.0), of=(lane("quick"),))
    fired = limited(Budget(deadline=1.0), check, allow_code=True)
    assert fired.view.status == "stopped"
    assert fired.view.verdicts[0].verdict == "abstained"
    assert fired.view.t < 5 * S


def test_the_systems_own_budget_holds_unless_the_run_brings_one() -> None:
    root = Ensemble(of=(lane("quick"), lane("endless")))
    scripts = {"quick": QUICK, "endless": ENDLESS}
    assert fire(root, scripts, system={"budget": Budget(deadline=2.0)}).view.t == 2 * S
    assert fire(root, scripts, system={"budget": Budget(deadline=2.0)}, budget=Budget(deadline=3.0)).view.t == 3 * S


def test_stopping_by_hand_keeps_what_is_finished() -> None:
    fired = limited(Budget(), at={5.0: lambda control: control.stop()})
    assert (fired.view.status, fired.view.reason) == ("cancelled", "stopped by hand")
    assert answer(fired) == "Final answer: 1"
    assert fired.view.t == 5 * S
    assert fired.view.calls["c2"].status == "cancelled"


def test_a_stop_before_the_first_call_lets_nothing_out() -> None:
    control = Control()
    control.stop()
    fired = limited(Budget(), control=control)
    assert fired.models.requests == []
    assert fired.view.status == "cancelled"


def test_a_price_that_is_unknown_is_said() -> None:
    fired = fire(Ensemble(of=(lane("m", replicas=3),)), {"m": says(1)}, prices=None)
    assert warned(fired) == "m has no known price: what it costs is unknown"
    blind = fire(lane("m"), {"m": says(1)}, prices=None, budget=Budget(max_usd=1.0))
    assert "no budget in dollars can stop it" in warned(blind)
    assert warned(fire(lane("m"), {"m": says(1)}, prices=None, info={"kind": "simulated"})) == ""


@pytest.mark.parametrize(
    ("root", "copies"),
    [
        (Vote(of=(lane("m", replicas=3, temperature=0.0),)), 3),
        (Vote(of=(Race(of=(lane("m", replicas=2, temperature=0.0),), replicas=3),)), 6),
        (lane("m", replicas=2, seed=7), 2),
    ],
)
def test_copies_are_warned_of(root: Any, copies: int) -> None:
    assert f"{copies} replicas of m" in warned(fire(root, {"m": says(1)}))


@pytest.mark.parametrize(
    "root",
    [
        lane("m", temperature=0.0),
        lane("m", replicas=3),
        Ensemble(of=(Verify(verifier=lane("m", temperature=0.0), of=(lane("m"),), replicas=3),)),
    ],
)
def test_what_is_no_copy_is_not_warned_of(root: Any) -> None:
    assert warned(fire(root, {"m": Say(text="A")})) == ""


def test_one_seed_gives_every_replica_its_own() -> None:
    root = Vote(of=(Race(of=(lane("m", replicas=2),), replicas=2), lane("m")))

    def seeds(seed: int) -> list[int | None]:
        return [r.seed for r in fire(root, {"m": says(1)}, seed=seed).models.requests]

    assert len(set(seeds(1))) == 5
    assert seeds(1) == seeds(1)
    assert not set(seeds(1)) & set(seeds(2))


def test_a_seed_of_its_own_is_kept() -> None:
    assert [r.seed for r in fire(lane("m", replicas=2, seed=7), {"m": says(1)}).models.requests] == [7, 7]


def test_a_run_without_a_seed_draws_one_and_says_it() -> None:
    first, second = (fire(lane("m"), {"m": says(1)}, seed=None).view.seed for _ in range(2))
    assert first != second
