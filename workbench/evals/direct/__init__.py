"""What-ifs without the engine: a system whose every call is answered by a draw is a pure function of the draws.

`plan` says which systems these are, `work` plays one run by the rules in `operators`, `facts` is what is known of the
draws. A test holds it equal to the engine on random systems and pools.
"""

from __future__ import annotations

from collections.abc import Iterator

from workbench.analysis.pool import Pool
from workbench.evals.direct.facts import Facts
from workbench.evals.direct.plan import fits as fits
from workbench.evals.direct.plan import plan_of
from workbench.evals.direct.stage import Stage, Unsure
from workbench.evals.outcomes import Outcome, dice_for, orders, spent
from workbench.systems.nodes import System


def outcomes(system: System, pool: Pool, *, repeats: int, seed: int, shuffle: bool) -> Iterator[Outcome | None]:
    """All runs, in the engine's order; None where only the engine can say what comes first."""
    plan = plan_of(system, pool)
    for task, draws in pool.tasks.items():
        facts = Facts(system, pool, task)
        for repeat in range(repeats):
            order = orders(draws, dice_for(seed, task, repeat) if shuffle else None)
            yield _outcome(task, facts, Stage(plan, facts, order, seed + repeat))


def _outcome(task: str, facts: Facts, stage: Stage) -> Outcome | None:
    try:
        stage.play()
    except Unsure:
        return None
    winner = next((i for i in stage.found if i >= 0 and facts.done[i] and i not in stage.degraded), None)
    parts = [(facts.draws[i], stage.cut.get(i, 1.0)) for i in stage.began]
    return Outcome(
        task=task,
        status="done" if winner is not None else _status(stage),
        draw=winner,
        correct=False if winner is None else facts.right(winner, derived=winner in stage.derived),
        latency=stage.now,
        tokens=spent([(draw.tokens, 0, part) for draw, part in parts]),
        cost=spent([(draw.cost, draw.prompt_cost or 0, part) for draw, part in parts]),
        disagreement=_disagreement(stage),
        lost=stage.lost,
    )


def _status(stage: Stage) -> str:
    degraded = any(index in stage.degraded for index in stage.found)
    return "degraded" if degraded or stage.facts.longest(stage.found) is not None else "failed"


def _disagreement(stage: Stage) -> float | None:
    first = next(iter(stage.scored.values()), None)
    return None if first is None else stage.facts.disagreement(first)
