"""What is known of one task's draws before any run: when each ends and as what, its key, the words of tests on it.

A vote is counted by the engine's own ballot, keys, clusters, checks and disagreement are the engine's too. What they
said of a set of draws is kept, for many runs ask the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from msgspec import structs

from workbench.analysis import answers, checks, disagreement
from workbench.analysis.canonical import normalised
from workbench.analysis.clusters import cluster, same
from workbench.analysis.pool import Pool
from workbench.analysis.verdicts import read_verdict
from workbench.engine.budget import by_length
from workbench.engine.events import Candidate, CandidateStatus
from workbench.engine.operators.judge import read_choice
from workbench.engine.operators.route import chosen_branch
from workbench.engine.operators.vote import Ballot, Lots
from workbench.engine.scope import NodeFailed
from workbench.engine.task import Task
from workbench.evals.direct.tally import Tally
from workbench.evals.outcomes import SCORE, VERDICT, grade_of, share_of, text_of
from workbench.systems import tree
from workbench.systems.nodes import Agreement, AnyTest, Check, Judge, Model, Refine, Route, System, Vote

T = TypeVar("T")
Draws = tuple[int, ...]
Scores = Mapping[int, float | None]
"""Draw → what a verifier or scorer gave it in this run."""
_UNSCORED: Scores = {}
_MOST = 200_000
"""Answers kept of one task; a pool of many draws has more sets of them than memory."""


class Facts:
    """One task's draws, by their index."""

    def __init__(self, system: System, pool: Pool, task: str) -> None:
        self.draws = pool.tasks[task]
        self.times = [draw.latency or 0.0 for draw in self.draws]
        self.best_effort = system.on_none == "best_effort"
        self.weighs = any(isinstance(n, Vote) and n.weights == "verifier" for _, n in tree.walk(system.root))
        """Whether a vote asks for scores."""
        self._extract = system.extract
        self._target = pool.targets.get(task)
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

    def right(self, index: int, *, derived: bool) -> bool | None:
        """Whether a draw is right; one that stands for an answer made from others, by its key alone."""
        if not derived:
            return self.draws[index].correct
        key = self.candidates[index].key
        return None if self._target is None else same(key, self._target, self._extract)

    def longest(self, seen: Sequence[int]) -> int | None:
        """The longest of the texts that were cut off; None where there is none, or it may not pass."""
        texts = [i for i in seen if i >= 0 and self.candidates[i].status == "truncated" and self._says(i)]
        return max(texts, key=lambda i: len(self.candidates[i].text)) if texts and self.best_effort else None

    def _says(self, index: int) -> bool:
        return bool(self.candidates[index].text.strip())

    def elected(self, node: Vote, done: Draws, lots: Lots, scores: Scores) -> int | None:
        """A vote's representative; None where all abstain."""
        if node.weights == "verifier":
            return self._elect(node, done, lots, scores)
        tally = self._tally(node.extract)
        if node.tie == "random":
            top = tally.largest(done) if tally.known else []
            return top[0][0] if len(top) == 1 else self._elect(node, done, lots)
        if tally.known:
            top = tally.largest(done)
            if not top or node.tie == "first":
                return top[0][0] if top else None
            shortest = [min(self.lengths[index] for index in pile) for pile in top]
            if shortest.count(min(shortest)) == 1:
                return min(top[shortest.index(min(shortest))], key=self.lengths.__getitem__)
        return self._once((id(node), done), lambda: self._elect(node, done))

    def _elect(self, node: Vote, done: Draws, lots: Lots | None = None, scores: Scores = _UNSCORED) -> int | None:
        ballot = self._ballot(node, done, scores)
        return int(ballot.winner(lots)[0].id) if ballot.piles() else None

    def decided(self, node: Vote, done: Draws, outstanding: int, scores: Scores) -> bool:
        """Whether no other answer can overtake the leader."""
        if node.weights == "verifier":
            return self._ballot(node, done, scores).decided(outstanding)
        tally = self._tally(node.extract)
        if not tally.known:
            return self._once((id(node), done, outstanding), lambda: self._ballot(node, done).decided(outstanding))
        first, second, *_ = (*tally.sizes(done), 0, 0)
        return first > second + outstanding

    def _ballot(self, node: Vote, done: Draws, scores: Scores = _UNSCORED) -> Ballot:
        ballot = Ballot(node)
        for index in done:
            candidate = self.candidates[index]
            if index in scores:
                candidate = structs.replace(candidate, score=scores[index])
            ballot.add(candidate, self._key(index, node.extract))
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

    def unanimous(self, kind: str, done: Draws) -> bool:
        """Whether all have a key, and all the same."""
        tally = self._tally(kind)
        if tally.known:
            return tally.sizes(done) == (len(done),)
        return self._once((kind, done), lambda: self._one_key(kind, done))

    def _one_key(self, kind: str, done: Draws) -> bool:
        keyed = [(str(i), key) for i in done if (key := self._key(i, kind)).value is not None]
        return len(keyed) == len(done) and len(cluster(keyed)) == 1

    def chosen(self, node: Judge, reply: int, n: int) -> list[int]:
        """Which of `n` candidates shown a judge's reply names, best first."""
        return self._once((id(node), reply, n), lambda: read_choice(node, self.candidates[reply].text, n))

    def branch(self, node: Route, reply: int) -> int | None:
        """The branch that a router's reply names (a reply below 0: it gave none); None where it names none."""

        def named() -> int | None:
            try:
                return chosen_branch(node, self.candidates[reply].text if reply >= 0 else "")[0]
            except NodeFailed:
                return None

        return self._once((id(node), reply), named)

    def content(self, node: Refine, reply: int) -> bool:
        """Whether a critic's reply accepts."""
        return self._once((id(node), reply), lambda: read_verdict(self.candidates[reply].text) == "accepted")

    def same_text(self, one: int, other: int) -> bool:
        """Whether a revision says what the answer before it said."""
        first, second = self.candidates[one].text, self.candidates[other].text
        return self._once(("same", one, other), lambda: normalised(first) == normalised(second))

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
        return draw.score is not None and share_of(draw.score) >= threshold

    def stands(self, critic: AnyTest, index: int) -> bool:
        """Whether a critic has no objection that was recorded."""
        unknown = isinstance(critic, Model) and self.draws[index].accepted is None
        return unknown or self.accepts(critic, index, 0.5)

    def score(self, test: AnyTest, index: int, votes: int) -> float | None:
        """The score that comes with a test's word: the mean of its votes, as the engine adds them up."""
        return self._once((id(test), "score", index), lambda: self._score(test, index, votes))

    def _score(self, test: AnyTest, index: int, votes: int) -> float | None:
        if isinstance(test, Check):
            return self._checked(test, index).score
        score = self.draws[index].score
        if score is None or not isinstance(test, Model) or test.model != SCORE:
            return None
        return sum([share_of(score)] * votes) / votes

    def share(self, test: Agreement, done: Draws) -> float:
        """How large the largest cluster is, of all."""
        keyed = [(str(i), key) for i in done if (key := self._key(i, test.extract)).value is not None]
        groups = cluster(keyed)
        return len(groups[0].members) / len(done) if groups else 0.0

    def rated(self, test: AnyTest, index: int) -> float | None:
        """A draw's score by a scorer, as the engine reads it."""
        return self._once((id(test), index), lambda: self._rate(test, index))

    def _rate(self, test: AnyTest, index: int) -> float | None:
        draw = self.draws[index]
        if isinstance(test, Check):
            found = self._checked(test, index)
            return found.score if found.score is not None else {"accepted": 1.0, "rejected": 0.0}.get(found.verdict)
        return None if draw.score is None else grade_of(draw.score)

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
