"""What is known of one task's draws before any run: when each ends and as what, its key, the words of tests on it.

A vote is counted by the engine's own ballot, keys, clusters, checks and disagreement are the engine's too. What they
said of a set of draws is kept, for many runs ask the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from workbench.analysis import answers, checks, disagreement
from workbench.analysis.clusters import cluster
from workbench.analysis.pool import Pool
from workbench.engine.budget import by_length
from workbench.engine.events import Candidate, CandidateStatus
from workbench.engine.operators.vote import Ballot
from workbench.engine.task import Task
from workbench.evals.direct.tally import Tally
from workbench.evals.outcomes import SCORE, VERDICT, grade_of, share_of, text_of
from workbench.systems.nodes import Agreement, AnyTest, Check, Model, System, Vote

T = TypeVar("T")
Draws = tuple[int, ...]
_MOST = 200_000
"""Answers kept of one task; a pool of many draws has more sets of them than memory."""


class Facts:
    """One task's draws, by their index."""

    def __init__(self, system: System, pool: Pool, task: str) -> None:
        self.draws = pool.tasks[task]
        self.times = [draw.latency or 0.0 for draw in self.draws]
        self.best_effort = system.on_none == "best_effort"
        self._extract = system.extract
        self._numeric = Task.of(pool.prompts.get(task, task), target=pool.targets.get(task)).numeric
        self.candidates = [self._candidate(index) for index in range(len(self.draws))]
        self.done = [candidate.status == "done" for candidate in self.candidates]
        self.spoken = [bool(candidate.text) for candidate in self.candidates]
        """Whether an answer began: a recorded failure has none."""
        self.lengths = [candidate.completion_tokens or 0 for candidate in self.candidates]
        self._keys = Tally([answers.Key(candidate.key, candidate.key_rule) for candidate in self.candidates])
        self._known: dict[object, object] = {}

    def _candidate(self, index: int) -> Candidate:
        draw = self.draws[index]
        text = text_of(draw)
        status: CandidateStatus = "done" if draw.done else "truncated"
        if not text:
            status = "failed"
        elif draw.done and not text.strip():
            status = "empty"
        done = status == "done"
        key = answers.extract(text, self._extract, numeric=self._numeric) if done else answers.Key(None)
        tokens = draw.tokens
        if tokens is None:  # estimated by the engine too, from the pieces and characters that came
            tokens = max(1 + bool(draw.thinking), by_length(len(draw.thinking) + len(text)))
        return Candidate(
            id=str(index),
            node="",
            status=status,
            text=text,
            key=key.value,
            key_rule=key.rule,
            completion_tokens=tokens,
        )

    def _once(self, question: object, answer: Callable[[], T]) -> T:
        if question not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[question] = answer()
        return self._known[question]  # type: ignore[return-value]

    def longest(self, seen: Sequence[int]) -> int | None:
        """The longest of the texts that were cut off; None where there is none, or it may not pass."""
        texts = [i for i in seen if i >= 0 and self.candidates[i].status == "truncated" and self._says(i)]
        return max(texts, key=lambda i: len(self.candidates[i].text)) if texts and self.best_effort else None

    def _says(self, index: int) -> bool:
        return bool(self.candidates[index].text.strip())

    def elected(self, node: Vote, done: Draws) -> int | None:
        """A vote's representative; None where all abstain."""
        tally = self._tally(node.extract)
        if tally.known:
            top = tally.largest(done)
            if not top or node.tie == "first":
                return top[0][0] if top else None
            shortest = [min(self.lengths[index] for index in pile) for pile in top]
            if shortest.count(min(shortest)) == 1:
                return min(top[shortest.index(min(shortest))], key=self.lengths.__getitem__)
        return self._once((id(node), done), lambda: self._elect(node, done))

    def _elect(self, node: Vote, done: Draws) -> int | None:
        ballot = self._ballot(node, done)
        return int(ballot.winner()[0].id) if ballot.piles() else None

    def decided(self, node: Vote, done: Draws, outstanding: int) -> bool:
        """Whether no other answer can overtake the leader."""
        tally = self._tally(node.extract)
        if not tally.known:
            return self._once((id(node), done, outstanding), lambda: self._ballot(node, done).decided(outstanding))
        first, second, *_ = (*tally.sizes(done), 0, 0)
        return first > second + outstanding

    def _ballot(self, node: Vote, done: Draws) -> Ballot:
        ballot = Ballot(node)
        for index in done:
            ballot.add(self.candidates[index], self._key(index, node.extract))
        return ballot

    def _tally(self, kind: str) -> Tally:
        return self._once(kind, lambda: Tally([self._key(i, kind) for i in range(len(self.draws))]))

    def _key(self, index: int, kind: str) -> answers.Key:
        if not self.done[index]:
            return answers.Key(None)
        text = self.candidates[index].text
        return self._once((index, kind), lambda: answers.extract(text, kind, numeric=self._numeric))

    def plurality(self, done: Draws) -> int:
        """The first of the largest cluster; the first of all where none has a key."""
        keyed = [(i, self.candidates[i]) for i in done if self.candidates[i].key is not None]
        groups = cluster([(str(i), answers.Key(c.key, c.key_rule)) for i, c in keyed])
        return int(groups[0].members[0]) if groups else done[0]

    def agreed(self, test: Agreement, done: Draws) -> int | None:
        """The representative of the largest cluster where it is large enough."""
        tally = self._tally(test.extract)
        if tally.known:
            top = tally.largest(done)
            if top and (len(done) == 1 or len(top[0]) / len(done) < test.at_least):
                return None
            if len(top) == 1:
                return top[0][0]
        return self._once((id(test), done), lambda: self._agree(test, done))

    def _agree(self, test: Agreement, done: Draws) -> int | None:
        keyed = [(str(i), key) for i in done if (key := self._key(i, test.extract)).value is not None]
        groups = cluster(keyed)
        largest = groups[0].members if groups else ()
        enough = len(largest) / len(done) >= test.at_least and len(done) > 1
        return (int(largest[0]) if largest else done[0]) if enough else None

    def accepts(self, test: AnyTest, index: int, threshold: float) -> bool:
        """Whether a draw passes a test."""
        return self._once((id(test), index, threshold), lambda: self._accept(test, index, threshold))

    def _accept(self, test: AnyTest, index: int, threshold: float) -> bool:
        draw = self.draws[index]
        if isinstance(test, Check):
            return self._checked(test, index).verdict == "accepted"
        assert isinstance(test, Model), "`fits` says which tests these are"
        if test.model == VERDICT:
            return bool(draw.accepted)
        assert test.model == SCORE
        assert draw.score is not None
        return share_of(draw.score) >= threshold

    def rated(self, test: AnyTest, index: int) -> float | None:
        """A draw's score by a scorer, as the engine reads it."""
        return self._once((id(test), index), lambda: self._rate(test, index))

    def _rate(self, test: AnyTest, index: int) -> float | None:
        draw = self.draws[index]
        if isinstance(test, Check):
            found = self._checked(test, index)
            return found.score if found.score is not None else {"accepted": 1.0, "rejected": 0.0}.get(found.verdict)
        assert draw.score is not None
        return grade_of(draw.score)

    def _checked(self, test: Check, index: int) -> checks.CheckResult:
        candidate = self.candidates[index]
        return checks.run_check(test, candidate.text, key=answers.Key(candidate.key, candidate.key_rule))

    def disagreement(self, done: Draws) -> float:
        """How much these draws disagree. Where all keys are short, it is a matter of how large the clusters are."""
        if self._keys.short:
            sizes = self._keys.sizes(done)
            if sum(sizes) > 1:
                return self._once(("sizes", sizes), lambda: self._disagree(done))
        return self._once(("said", *sorted(done)), lambda: self._disagree(done))

    def _disagree(self, done: Draws) -> float:
        said = [self.candidates[index] for index in done]
        return disagreement.score([(c.id, c.text, answers.Key(c.key, c.key_rule)) for c in said]).score
