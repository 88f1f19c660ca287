"""The operators whose models read what others answered, each as its namesake in `engine.operators` has it.

A draw stands for a reply here too, though it was recorded without what its model reads: see `evals.caveats`.
"""

from __future__ import annotations

from workbench.engine.operators.judge import by_points
from workbench.evals.direct.operators import PassingWork
from workbench.evals.direct.stage import TIMER
from workbench.evals.direct.work import Work
from workbench.evals.outcomes import VERDICT
from workbench.systems.nodes import Chain, Debate, Judge, Model, Refine, Route


class JudgeWork(Work):
    """A model writes, names or ranks the best."""

    def begin(self) -> None:
        assert isinstance(self.plan.node, Judge)
        self.node = self.plan.node
        self.waited = False
        self.shown: list[int] = []
        self.unread = 0
        """Replies in a row that name no candidate."""
        self.rankings: list[list[int]] = []

    def open(self) -> None:
        super().open()
        if self.node.wait is not None and not self.over:
            self.stage.wait(self, TIMER, TIMER, self.node.wait)

    def read(self, slot: int, index: int) -> None:
        quorum = 1 if self.waited else self.node.quorum
        if quorum is not None and len(self.done()) >= quorum:
            self.judge()

    def time_up(self) -> None:
        self.waited = True
        if self.done():
            self.judge()

    def all_in(self) -> None:
        self.judge()

    def judge(self) -> None:
        """Enough are in."""
        self.leave()
        done = self.done()
        if done:
            self.shown = self.random.sample(done, len(done))
            self.ask()
        else:
            self.best_effort(self.seen)

    def answered(self, index: int) -> None:
        if self.node.mode == "synthesize":
            self._written(index)
        elif index < 0 or not self.facts.done[index]:
            self.finish()
        else:
            self._ranked(self.facts.chosen(self.node, index, len(self.shown)))

    def _written(self, index: int) -> None:
        usable = index >= 0 and (self.facts.done[index] or self.facts.longest([index]) is not None)
        if not usable:
            self.finish()
            return
        self.rankings.append([index])
        if len(self.rankings) <= self.node.swap:
            self.ask()
            return
        ((text,), *_) = self.rankings
        self.stage.derived.add(text)
        if not self.facts.done[text]:
            self.stage.degraded.add(text)
        self.finish(text)

    def _ranked(self, places: list[int]) -> None:
        if not places:
            self.unread += 1
            if self.unread == 1:
                self.ask()
            else:
                self.finish()
            return
        self.unread = 0
        shown = self.shown[::-1] if self.rankings else self.shown
        self.rankings.append([shown[place] for place in places])
        if len(self.rankings) <= self.node.swap:
            self.ask()
            return
        order, other = self.rankings[0], self.rankings[-1]
        self.finish((order if order[0] == other[0] else by_points(order, other, len(shown)))[0])


class RouteWork(PassingWork):
    """The branch that the router names."""

    def begin(self) -> None:
        self.routed = False

    def open(self) -> None:
        if self.routed:
            super().open()
        elif not self.over:
            self.ask()

    def answered(self, index: int) -> None:
        assert isinstance(self.plan.node, Route)
        branch = self.facts.branch(self.plan.node, index if index >= 0 and self.facts.done[index] else -1)
        if branch is None:
            self.finish()
            return
        self.group, self.routed = branch, True
        self.again()


class ChainWork(PassingWork):
    """Steps in a row."""

    def read(self, slot: int, index: int) -> None:
        assert isinstance(self.plan.node, Chain)
        if self.group + 1 == len(self.plan.groups):
            self.say(index)
        elif self.plan.node.carry == "rewrite" and index >= 0 and self.facts.done[index]:
            self._step()

    def all_in(self) -> None:
        if self.group + 1 == len(self.plan.groups):
            super().all_in()
        else:
            self._step()

    def _step(self) -> None:
        self.leave()
        if not self.done():
            longest = self.facts.longest(self.seen)
            if longest is None:
                self.finish()
                return
            self.stage.degraded.add(longest)
        self.told = True
        self.go_on()


class RefineWork(Work):
    """A generator and a critic take turns."""

    def begin(self) -> None:
        assert isinstance(self.plan.node, Refine)
        self.node = self.plan.node
        self.rounds = 0
        self.answer: int | None = None

    def read(self, slot: int, index: int) -> None:
        if index < 0 or not self.facts.done[index]:
            return
        self.leave()
        before, self.answer = self.answer, index
        if before is not None and self.facts.same_text(before, index):
            self.finish(index)
        else:
            self._criticise(index)

    def all_in(self) -> None:
        if self.answer is None:
            self.best_effort(self.seen)
        else:
            self.finish(self.answer)

    def _criticise(self, index: int) -> None:
        critic = self.node.critic
        if self.rounds == self.node.rounds:
            self.finish(index)
        elif isinstance(critic, Model) and critic.model != VERDICT:
            self.ask()
        else:
            self._judged(index, content=self.facts.stands(critic, index))

    def answered(self, index: int) -> None:
        assert self.answer is not None
        lost = index < 0 or not self.facts.done[index]
        self._judged(self.answer, content=lost or self.facts.content(self.node, index))

    def _judged(self, answer: int, *, content: bool) -> None:
        if content:
            self.finish(answer)
            return
        self.rounds += 1
        self.told = True
        self.again()


class DebateWork(Work):
    """Children answer, read each other and answer again."""

    def begin(self) -> None:
        assert isinstance(self.plan.node, Debate)
        self.node = self.plan.node
        self.rounds = 1
        self.said: dict[int, int] = {}
        """Child → its newest answer, in the order in which they first spoke."""

    def read(self, slot: int, index: int) -> None:
        if index >= 0 and self.facts.done[index]:
            self.said[slot] = index

    def all_in(self) -> None:
        self.leave()
        said = tuple(self.said.values())
        if not said:
            self.best_effort(self.seen)
        elif self.rounds == self.node.rounds or (len(said) > 1 and self.facts.unanimous(self.node.extract, said)):
            self.finish(*said)
        else:
            self.rounds += 1
            self.told = True
            self.again()
