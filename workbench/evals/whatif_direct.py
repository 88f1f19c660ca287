"""Races and votes of plain models without the engine: what comes first is known before it starts.

Only what a test holds equal to the engine on random pools is computed here. A vote is counted by the engine's own
ballot, answers by its own keys and score.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.analysis import answers, disagreement
from workbench.analysis.pool import Draw, Pool
from workbench.engine.events import Candidate
from workbench.engine.operators.vote import Ballot
from workbench.engine.task import Task
from workbench.evals.outcomes import Outcome, dice_for, orders, spent, text_of
from workbench.systems.nodes import Budget, Model, Race, System, Vote


def fits(system: System, pool: Pool) -> bool:
    """Whether the system is a plain race or vote whose every call is answered by a draw."""
    root = system.root
    if root.replicas != 1 or system.budget != Budget() or answers.parse_kind(system.extract).needs_model:
        return False
    if isinstance(root, Race):
        plain = (root.take, root.rule, root.losers, root.grace, root.stagger) == (1, "first", "cancel", 0.0, 0.0)
    elif isinstance(root, Vote):
        plain = root.weights == "none" and root.stop == "all" and root.tie != "random"
        plain = plain and not answers.parse_kind(root.extract).needs_model
    else:
        return False
    longest = max((draw.latency or 0.0 for draws in pool.tasks.values() for draw in draws), default=0.0)
    return plain and all(isinstance(m, Model) and (m.timeout is None or m.timeout > longest) for m in root.of)


class Direct:
    """The runs of one task."""

    def __init__(self, system: System, pool: Pool, task: str) -> None:
        assert isinstance(system.root, Race | Vote), "`fits` says which systems these are"
        self._system = system
        self._root = system.root
        self._task = task
        self._draws = pool.tasks[task]
        calls = [child for child in self._root.of if isinstance(child, Model)]
        names = [child.model for child in calls for _ in range(child.replicas)]
        self._models = ["" if pool.models == ("",) else name for name in names]
        question = Task.of(pool.prompts.get(task, task), target=pool.targets.get(task))
        self._numeric = question.numeric
        self._candidates = [self._candidate(i, draw) for i, draw in enumerate(self._draws)]
        self._known: dict[tuple[int, ...], tuple[int | None, float | None]] = {}

    def _candidate(self, index: int, draw: Draw) -> Candidate:
        text = text_of(draw)
        key = answers.Key(None)
        if draw.done:
            key = answers.extract(text, self._system.extract, numeric=self._numeric)
        return Candidate(
            id=str(index),
            node="",
            status="done" if draw.done else "truncated" if text else "failed",
            text=text,
            key=key.value,
            key_rule=key.rule,
            completion_tokens=draw.tokens,
        )

    def run(self, repeat: int, seed: int, *, shuffle: bool) -> Outcome:
        """One run."""
        order = orders(self._draws, dice_for(seed, self._task, repeat) if shuffle else None)
        queues = {model: iter(indices) for model, indices in order.items()}
        met = [next(queues.get(model, iter(())), None) for model in self._models]
        taken = [index for index in met if index is not None]
        arrived = sorted(taken, key=lambda index: self._draws[index].latency or 0.0)
        if isinstance(self._root, Race):
            return self._race(taken, arrived)
        winner, score = self._vote(self._root, tuple(arrived))
        return self._outcome(taken, arrived, winner, self._draws[arrived[-1]].latency or 0.0 if arrived else 0.0, score)

    def _race(self, taken: Sequence[int], arrived: Sequence[int]) -> Outcome:
        winner = next((index for index in arrived if self._draws[index].done), None)
        last = arrived[-1] if winner is None and arrived else winner
        end = 0.0 if last is None else self._draws[last].latency or 0.0
        return self._outcome(taken, arrived, winner, end, None)

    def _vote(self, root: Vote, arrived: tuple[int, ...]) -> tuple[int | None, float | None]:
        if arrived not in self._known:
            self._known[arrived] = self._counted(root, arrived)
        return self._known[arrived]

    def _counted(self, root: Vote, arrived: Sequence[int]) -> tuple[int | None, float | None]:
        done = [self._candidates[index] for index in arrived if self._draws[index].done]
        ballot = Ballot(root)
        for candidate in done:
            ballot.add(candidate, answers.extract(candidate.text, root.extract, numeric=self._numeric))
        score = None
        if len(done) > 1:
            score = disagreement.score([(c.id, c.text, answers.Key(c.key, c.key_rule)) for c in done]).score
        if not ballot.piles():
            return None, score
        return int(ballot.winner()[0].id), score

    def _outcome(
        self, taken: Sequence[int], arrived: Sequence[int], winner: int | None, end: float, score: float | None
    ) -> Outcome:
        draws, status = self._draws, "done"
        if winner is None:
            texts = any(self._candidates[i].status == "truncated" or draws[i].done for i in arrived)
            status = "degraded" if texts and self._system.on_none == "best_effort" else "failed"
        parts = [(draws[i], _share_come(draws[i], end)) for i in taken]
        return Outcome(
            task=self._task,
            status=status,
            draw=winner,
            correct=False if winner is None else draws[winner].correct,
            latency=end,
            tokens=spent([(draw.tokens, 0, part) for draw, part in parts]),
            cost=spent([(draw.cost, draw.prompt_cost or 0, part) for draw, part in parts]),
            disagreement=score,
        )


def _share_come(draw: Draw, end: float) -> float:
    return min(1.0, end / draw.latency) if draw.latency else 1.0


def outcomes(system: System, pool: Pool, *, repeats: int, seed: int, shuffle: bool) -> list[Outcome]:
    """All runs, in the engine's order."""
    found: list[Outcome] = []
    for task in pool.tasks:
        direct = Direct(system, pool, task)
        found += [direct.run(repeat, seed, shuffle=shuffle) for repeat in range(repeats)]
    return found
