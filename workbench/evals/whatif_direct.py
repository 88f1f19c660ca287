"""Races, votes and recorded verdicts over plain models without the engine: what comes first is known before it starts.

Below the root may stand races of models, as in short-m: `vote(race[take=3](5*m))`. Only what a test holds equal to the
engine on random pools is computed here. A vote is counted by the engine's own ballot, answers by its own keys and
score.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from workbench.analysis import answers, disagreement
from workbench.analysis.pool import Draw, Pool
from workbench.engine.events import Candidate
from workbench.engine.operators.vote import Ballot
from workbench.engine.task import Task
from workbench.evals.outcomes import VERDICT, Outcome, dice_for, orders, spent, text_of
from workbench.systems.nodes import Budget, Model, Node, Race, System, Verify, Vote


def fits(system: System, pool: Pool) -> bool:
    """Whether the system is one whose every call is answered by a draw, and whose rules are among those known here."""
    root = system.root
    if root.replicas != 1 or system.budget != Budget() or answers.parse_kind(system.extract).needs_model:
        return False
    if not isinstance(root, Race | Vote | Verify) or not _plain(root, pool):
        return False
    longest = max((draw.latency or 0.0 for draws in pool.tasks.values() for draw in draws), default=0.0)
    if all(isinstance(child, Race) for child in root.of):
        inner = [child for child in root.of if isinstance(child, Race)]
        # A race or a verifier that ends amid a race of several winners would have to know which were scored by then.
        several = isinstance(root, Vote)
        known = all(_first_come(race) and (several or race.take == 1) for race in inner)
        return known and all(_in_time(each, longest) for race in inner for each in race.of)
    return all(_in_time(child, longest) for child in root.of)


def _plain(root: Race | Vote | Verify, pool: Pool) -> bool:
    if isinstance(root, Race):
        return _first_come(root) and root.take == 1
    if isinstance(root, Vote):
        counted = root.weights == "none" and root.stop == "all" and root.tie != "random"
        return counted and not answers.parse_kind(root.extract).needs_model
    asked = isinstance(root.verifier, Model) and root.verifier == Model(
        model=VERDICT, first_token_timeout=None, idle_timeout=None
    )
    plain = (root.mode, root.votes, root.fallback, root.prompt) == ("parallel", 1, "first", None)
    return asked and plain and all(d.accepted is not None for draws in pool.tasks.values() for d in draws if d.done)


def _first_come(race: Race) -> bool:
    return (race.rule, race.losers, race.grace, race.stagger) == ("first", "cancel", 0.0, 0.0)


def _in_time(node: Node, longest: float) -> bool:
    return isinstance(node, Model) and (node.timeout is None or node.timeout > longest)


class Heat(Struct, frozen=True):
    """Calls that started together: which draws they met, those that arrived, in order, and when it was over."""

    met: list[int]
    arrived: list[int]
    end: float


class Direct:
    """The runs of one task."""

    def __init__(self, system: System, pool: Pool, task: str) -> None:
        assert isinstance(system.root, Race | Vote | Verify), "`fits` says which systems these are"
        self._system = system
        self._root = system.root
        self._task = task
        self._draws = pool.tasks[task]
        self._times = [draw.latency or 0.0 for draw in self._draws]
        nested = [race for race in self._root.of if isinstance(race, Race)]
        heats: list[tuple[int | None, Sequence[Node]]] = [(r.take, r.of) for r in nested for _ in range(r.replicas)]
        one = pool.models == ("",)
        self._heats = [
            (take, ["" if one else name for name in _models(of)]) for take, of in heats or [(None, self._root.of)]
        ]
        question = Task.of(pool.prompts.get(task, task), target=pool.targets.get(task))
        self._numeric = question.numeric
        self._candidates = [self._candidate(i, draw) for i, draw in enumerate(self._draws)]
        self._winners: dict[tuple[int, ...], int | None] = {}
        self._scores: dict[tuple[int, ...], float | None] = {}

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
        heats = []
        for take, models in self._heats:
            met = [index for model in models if (index := next(queues.get(model, iter(())), None)) is not None]
            heats.append(self._heat(take, met))
        arrived = tuple(sorted((i for heat in heats for i in heat.arrived), key=self._times.__getitem__))
        done = tuple(index for index in arrived if self._draws[index].done)
        last = max((heat.end for heat in heats), default=0.0)
        if isinstance(self._root, Vote):
            scored = [(heat.end, self._done(heat)) for heat in heats] if self._nested else []
            first = min((each for each in scored if len(each[1]) > 1), default=(last, done))
            return self._outcome(heats, arrived, self._vote(self._root, done), last, self._score(first[1]))
        winner = next((i for i in done if isinstance(self._root, Race) or self._draws[i].accepted), None)
        if winner is not None:
            seen = done[: done.index(winner) + 1]
            return self._outcome(heats, arrived, winner, self._times[winner], self._score(seen))
        return self._outcome(heats, arrived, done[0] if done else None, last, self._score(done))

    @property
    def _nested(self) -> bool:
        return self._heats[0][0] is not None

    def _heat(self, take: int | None, met: list[int]) -> Heat:
        arrived = sorted(met, key=self._times.__getitem__)
        done = [index for index in arrived if self._draws[index].done]
        if take is not None and len(done) >= take:
            arrived = arrived[: arrived.index(done[take - 1]) + 1]
        return Heat(met, arrived, self._times[arrived[-1]] if arrived else 0.0)

    def _done(self, heat: Heat) -> tuple[int, ...]:
        return tuple(index for index in heat.arrived if self._draws[index].done)

    def _vote(self, root: Vote, done: tuple[int, ...]) -> int | None:
        if done not in self._winners:
            ballot = Ballot(root)
            for candidate in (self._candidates[index] for index in done):
                ballot.add(candidate, answers.extract(candidate.text, root.extract, numeric=self._numeric))
            self._winners[done] = int(ballot.winner()[0].id) if ballot.piles() else None
        return self._winners[done]

    def _score(self, done: tuple[int, ...]) -> float | None:
        if len(done) < 2:
            return None
        if done not in self._scores:
            said = [self._candidates[index] for index in done]
            self._scores[done] = disagreement.score(
                [(c.id, c.text, answers.Key(c.key, c.key_rule)) for c in said]
            ).score
        return self._scores[done]

    def _outcome(
        self, heats: Sequence[Heat], arrived: Sequence[int], winner: int | None, end: float, score: float | None
    ) -> Outcome:
        draws, status = self._draws, "done"
        if winner is None:
            texts = any(self._candidates[i].status == "truncated" or draws[i].done for i in arrived)
            status = "degraded" if texts and self._system.on_none == "best_effort" else "failed"
        parts = [(draws[i], _share_come(draws[i], min(end, heat.end))) for heat in heats for i in heat.met]
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


def _models(nodes: Sequence[Node]) -> list[str]:
    return [node.model for node in nodes if isinstance(node, Model) for _ in range(node.replicas)]


def _share_come(draw: Draw, end: float) -> float:
    return min(1.0, end / draw.latency) if draw.latency else 1.0


def outcomes(system: System, pool: Pool, *, repeats: int, seed: int, shuffle: bool) -> list[Outcome]:
    """All runs, in the engine's order."""
    found: list[Outcome] = []
    for task in pool.tasks:
        direct = Direct(system, pool, task)
        found += [direct.run(repeat, seed, shuffle=shuffle) for repeat in range(repeats)]
    return found
