"""The operators over draws, each as its namesake in `engine.operators` has it."""

from __future__ import annotations

from workbench.evals.direct.stage import END, LATER, TIMER
from workbench.evals.direct.work import Work
from workbench.systems.nodes import Agreement, Best, Cascade, Ensemble, Filter, Race, Verify, Vote


class CopiesWork(Work):
    """A root of several copies, or a model alone."""

    def read(self, slot: int, index: int) -> None:
        self.say(index)

    def all_in(self) -> None:
        self.finish()


class PassingWork(Work):
    """Hands on what comes; the longest text where nothing of it may win."""

    def read(self, slot: int, index: int) -> None:
        self.say(index)

    def all_in(self) -> None:
        if self.done():
            self.finish()
        else:
            self.best_effort(self.seen)


class EnsembleWork(PassingWork):
    """All of them, as they come."""

    def read(self, slot: int, index: int) -> None:
        super().read(slot, index)
        assert isinstance(self.plan.node, Ensemble)
        quorum = self.plan.node.quorum
        if quorum is not None and len(self.done()) >= quorum:
            self.finish()


class RaceWork(Work):
    """The first to finish an answer."""

    def begin(self) -> None:
        assert isinstance(self.plan.node, Race)
        self.node = self.plan.node
        self.winners = 0
        self.draining = False

    def open(self) -> None:
        if not self.node.stagger or self.over:
            super().open()
            return
        first, *others = self.plan.groups[0]
        self._working = 1 + len(others)
        self.start(first)
        for slot in others:
            self.stage.wait(self, slot, LATER, self.node.stagger * slot)

    def read(self, slot: int, index: int) -> None:
        if not self.draining and index >= 0 and self.facts.done[index]:
            self.won(index)

    def won(self, index: int) -> None:
        """One more winner; with the last of them the rest are cancelled, or let go on."""
        self.winners += 1
        self.say(index)
        if self.winners < self.node.take:
            return
        self.draining = True
        if self.node.losers == "cancel" and not self.node.grace:
            self.finish()
        elif self.node.losers == "cancel":
            self.stage.wait(self, TIMER, TIMER, self.node.grace)

    def time_up(self) -> None:
        self.finish()

    def all_in(self) -> None:
        if self.winners:
            self.running.clear()
            self.finish()
        else:
            self.best_effort(self.seen)


class ThinkingWork(RaceWork):
    """The first to finish thinking. A draw comes whole: its thinking ends with it, and its answer follows at once."""

    def begin(self) -> None:
        super().begin()
        self.line: list[int] = []
        self.waiting: dict[int, int] = {}
        self.triggered = self.node.losers == "finish"

    def read(self, slot: int, index: int) -> None:
        if self.draining:
            return
        if isinstance(self.plan.slots[slot], str) and index >= 0 and self.facts.spoken[index]:
            self._stand(slot)
        if index < 0 or not self.facts.done[index]:
            self.line = [each for each in self.line if each != slot]
        else:
            self.waiting[slot] = index
            self._stand(slot)
        self._call_winners()

    def _stand(self, slot: int) -> None:
        if slot not in self.line:
            self.line.append(slot)
        self._trigger()

    def _trigger(self) -> None:
        if len(self.line) == self.node.take and not self.triggered:
            self.triggered = True
            self.drop(keep=set(self.line[: self.node.take]))

    def _call_winners(self) -> None:
        self._trigger()
        for slot in self.line[: self.node.take]:
            if slot in self.waiting and not self.draining:
                self.won(self.waiting.pop(slot))


class ShortestWork(RaceWork):
    """The fewest tokens of all."""

    def read(self, slot: int, index: int) -> None:
        """Nothing is decided before all are in."""

    def all_in(self) -> None:
        ranked = sorted(self.done(), key=self.facts.lengths.__getitem__)
        if ranked:
            self.finish(*ranked[: self.node.take])
        else:
            self.best_effort(self.seen)


class VoteWork(Work):
    """The largest cluster's representative."""

    tidy = True

    def begin(self) -> None:
        assert isinstance(self.plan.node, Vote)
        self.node = self.plan.node
        self.due = list(self.plan.most)

    def read(self, slot: int, index: int) -> None:
        self.due[slot] = max(0, self.due[slot] - 1)
        self._decide()

    def lowered(self, slot: int) -> None:
        self.due[slot] = 0
        self._decide()

    def _decide(self) -> None:
        if self.node.stop == "decided" and self.facts.decided(self.node, self.done(), sum(self.due), self.stage.scores):
            self.all_in()

    def all_in(self) -> None:
        done = self.done()
        if not done:
            self.best_effort(self.seen)
            return
        winner = self.facts.elected(self.node, done, self, self.stage.scores)
        if winner is None and self.facts.best_effort:
            winner = done[0]
            self.stage.degraded.add(winner)
        self.finish(*(() if winner is None else (winner,)))


class JudgedWork(Work):
    """A node that examines candidates as they come: those of one moment are all seen before the first word falls."""

    orderly = False

    def step(self) -> None:
        inbox, self._inbox = self._inbox, []
        fresh, ended = [], []
        for slot, index in inbox:
            if index == END:
                ended.append(slot)
            else:
                self.seen.append(index)
                if index >= 0 and self.facts.done[index]:
                    fresh.append(index)
        if not self.over:
            self.examine(fresh)
        for slot in ended:
            self.gone(slot)
        if not self._working and not self.over:
            self.all_in()

    def examine(self, fresh: list[int]) -> None:
        """Candidates that may win have come."""

    def unverified(self, done: list[int], fallback: str) -> None:
        """None was accepted."""
        if fallback == "none":
            self.finish()
            return
        chosen = done[0]
        if fallback == "plurality":
            chosen = self.facts.plurality(tuple(done))
        elif fallback == "random":
            chosen = self.random.choice(done)
        elif fallback == "escalate":
            self.stage.escalated.add(chosen)
        self.finish(chosen)


class VerifyWork(JudgedWork):
    """The first accepted."""

    def begin(self) -> None:
        assert isinstance(self.plan.node, Verify)
        self.node = self.plan.node
        self.before: list[int] = []

    def examine(self, fresh: list[int]) -> None:
        for index in fresh:
            if self.facts.accepts(self.node.verifier, index, self.node.threshold):
                self.stage.scores[index] = self.facts.score(self.node.verifier, index, self.node.votes)
                self.finish(index, lingers=True)
                return

    def all_in(self) -> None:
        self.before += self.seen
        self.score()
        if self.go_on():
            return
        done = [index for index in self.before if index >= 0 and self.facts.done[index]]
        if done:
            self.unverified(done, self.node.fallback)
        else:
            self.best_effort(self.before)


class FilterWork(JudgedWork):
    """The accepted ones."""

    def begin(self) -> None:
        assert isinstance(self.plan.node, Filter)
        self.node = self.plan.node
        self.accepted = False

    def examine(self, fresh: list[int]) -> None:
        for index in fresh:
            if self.facts.accepts(self.node.verifier, index, self.node.threshold):
                self.accepted = True
                self.stage.scores[index] = self.facts.score(self.node.verifier, index, self.node.votes)
                self.say(index)

    def all_in(self) -> None:
        done = self.done()
        if self.accepted:
            self.finish(lingers=True)
        elif not done:
            self.best_effort(self.seen)
        elif self.node.fallback == "all":
            self.finish(*done)
        else:
            self.unverified(list(done), self.node.fallback)


class BestWork(JudgedWork):
    """The highest scores."""

    def all_in(self) -> None:
        node, done = self.plan.node, self.done()
        assert isinstance(node, Best)
        scores = {index: self.facts.rated(node.scorer, index) for index in done}
        self.stage.scores.update(scores)
        known = [index for index in done if scores[index] is not None]
        if not done:
            self.best_effort(self.seen)
        elif not known:
            if self.facts.best_effort:
                self.stage.degraded.add(done[0])
            self.finish(*done[: self.facts.best_effort])
        else:
            ranked = sorted(known, key=lambda index: -(scores[index] or 0.0))
            ranked += [index for index in done if scores[index] is None]
            self.finish(*ranked[: node.take])


class CascadeWork(Work):
    """Branches in order, until one is accepted."""

    orderly = True

    def begin(self) -> None:
        assert isinstance(self.plan.node, Cascade)
        self.node = self.plan.node
        self.before: list[int] = []

    def all_in(self) -> None:
        self.before += self.seen
        done = self.done()
        if done and self.group + 1 == len(self.plan.groups):
            self.finish(done[0])
            return
        accepted = self._accepted(done) if done else None
        if accepted is not None:
            self.finish(accepted)
            return
        self.score()
        if self.go_on():
            return
        tried = [index for index in self.before if index >= 0 and self.facts.done[index]]
        if tried:
            self.finish(tried[-1])
        else:
            self.best_effort(self.before)

    def _accepted(self, done: tuple[int, ...]) -> int | None:
        test = self.node.accept
        if isinstance(test, Agreement):
            chosen = self.facts.agreed(test, done)
            if chosen is not None and self.facts.weighs:
                self.stage.scores[chosen] = self.facts.share(test, done)
            return chosen
        for index in done:
            if index not in self.stage.escalated and self.facts.accepts(test, index, self.node.threshold):
                self.stage.scores[index] = self.facts.score(test, index, self.node.votes)
                return index
        return None
