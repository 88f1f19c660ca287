"""The representative of the largest cluster of equal answers."""

from __future__ import annotations

import math
import random
from collections.abc import AsyncGenerator
from typing import Protocol

import msgspec

from workbench.analysis import answers
from workbench.analysis.clusters import cluster
from workbench.engine import prompts
from workbench.engine.calls import Thought
from workbench.engine.events import Candidate
from workbench.engine.scope import NodeFailed, Scope
from workbench.engine.task import Purpose, Task
from workbench.systems.nodes import Model, Vote


class Lots(Protocol):
    """What ties are broken with: a scope."""

    @property
    def random(self) -> random.Random:
        """Dice of its own."""


class Ballot:
    """Votes cast so far."""

    def __init__(self, node: Vote) -> None:
        self._node = node
        self.cast: list[tuple[Candidate, answers.Key]] = []
        self._weights: dict[str, float] = {}

    def add(self, candidate: Candidate, key: answers.Key) -> None:
        """One more vote; a key of None abstains."""
        self.cast.append((candidate, key))
        if key.value is not None:
            self._weights[key.value] = self._weights.get(key.value, 0.0) + self.weight(candidate)

    def weight(self, candidate: Candidate) -> float:
        """What this ballot weighs."""
        if self._node.weights == "verifier":
            return 1.0 if candidate.score is None else candidate.score
        if self._node.weights == "probability":
            return 1.0 if candidate.mean_logprob is None else math.exp(candidate.mean_logprob)
        return 1.0

    def piles(self) -> list[tuple[float, list[Candidate], str]]:
        """(weight, candidates in order of arrival, answer) of each cluster, heaviest first, ties in node order."""
        by_id = {c.id: c for c, _ in self.cast}
        found = [
            ([by_id[i] for i in group.members], group.key)
            for group in cluster([(c.id, key) for c, key in self.cast if key.value is not None])
        ]
        piles = [(sum(self.weight(c) for c in members), members, key) for members, key in found]
        return sorted(piles, key=lambda pile: -pile[0])

    def decided(self, outstanding: int) -> bool:
        """Whether no other answer can overtake, or tie with, the leader; every ballot still out weighs at most one."""
        if sum(self._weights.values()) <= outstanding:
            return False
        # Clusters of spellings, not of ballots: there are few of them, and this is asked after each ballot.
        groups = cluster([(value, answers.Key(value)) for value in self._weights])
        weights = sorted(sum(self._weights[value] for value in group.members) for group in groups)
        return weights[-1] > (weights[-2] if len(weights) > 1 else 0.0) + outstanding

    def winner(self, scope: Lots | None = None) -> tuple[Candidate, str]:
        """(representative, why) of the largest cluster. There must be one; a tie by lot needs the scope's dice."""
        piles = self.piles()
        top = [pile for pile in piles if math.isclose(pile[0], piles[0][0])]
        order = {c.id: i for i, (c, _) in enumerate(self.cast)}
        if len(top) > 1 and self._node.tie == "random":
            assert scope is not None
            pile = scope.random.choice(top)
        elif self._node.tie == "shortest":
            pile = min(top, key=lambda p: min(_length(c) for c in p[1]))
        else:
            pile = min(top, key=lambda p: order[p[1][0].id])
        weight, members, key = pile
        best = min(members, key=_length) if self._node.tie == "shortest" else members[0]
        return best, self._explained(weight, members, key, tied=len(top))

    def _explained(self, weight: float, members: list[Candidate], key: str, *, tied: int) -> str:
        voted = sum(k.value is not None for _, k in self.cast)
        abstained = len(self.cast) - voted
        text = f"{len(members)} of {voted} answered {key}"
        if self._node.weights != "none":
            text += f", weight {weight:.2f} by {self._node.weights}"
        if tied > 1:
            text += f"; tied with {tied - 1} other, {self._node.tie} wins"
        return f"{text}; {abstained} abstained" if abstained else text


async def vote(node: Vote, task: Task, scope: Scope) -> AsyncGenerator[Candidate, None]:
    """Yield one candidate, as soon as no other answer can overtake it where `stop` is `decided`."""
    ballot = Ballot(node)
    async with scope.candidates(node.of, task) as candidates:
        while (step := await candidates.step()) is not None:
            _, item = step
            if isinstance(item, Thought):
                continue
            if isinstance(item, Candidate) and item.status == "done":
                ballot.add(item, await key_of(scope, item, node.extract, task))
            if node.stop == "decided" and ballot.decided(candidates.outstanding):
                break
        if not ballot.piles():
            yield _undecided(scope, ballot, candidates.seen, candidates.reasons())
            return
    winner, because = ballot.winner(scope)
    scope.choose([winner], because, [c for c, _ in ballot.cast])
    yield winner


def _undecided(scope: Scope, ballot: Ballot, seen: list[Candidate], reasons: str) -> Candidate:
    if not ballot.cast:
        return scope.best_effort(seen, reasons)
    if scope.run.system.on_none == "fail":
        raise NodeFailed("no candidate has an answer key; all abstained")
    first = scope.changed(ballot.cast[0][0], degraded=True)
    scope.choose([first], "no candidate has an answer key; the first passes, degraded", [c for c, _ in ballot.cast])
    return first


async def key_of(scope: Scope, candidate: Candidate, kind: str, task: Task) -> answers.Key:
    """The candidate's answer key; `model:<name>` asks that model, a call that costs like any other."""
    parsed = answers.parse_kind(kind)
    if not parsed.needs_model:
        numeric = scope.run.task.numeric
        return answers.extract(candidate.text, kind, choices=task.choices, numeric=numeric)
    template = prompts.load("extract")
    text = template.fill(query=task.original or task.query, answer=candidate.text)
    purpose = Purpose(role="extract", prompt_name=template.name, prompt_hash=template.hash, about=(candidate.id,))
    try:
        asked = Model(model=parsed.argument, temperature=0.0)
        reply = await scope.ask(asked, "extract", task.about(text, purpose))
    except NodeFailed:
        return answers.Key(None, kind)
    return msgspec.structs.replace(answers.extract(reply.text, "text"), rule=kind)


def _length(candidate: Candidate) -> float:
    return math.inf if candidate.completion_tokens is None else candidate.completion_tokens
