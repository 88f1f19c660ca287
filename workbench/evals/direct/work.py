"""A node at work, without the engine: what its children say, when it ends, what is cancelled then.

Children start together, level by level; a draw that ends is read by its node, whose candidates are read by the node
above, each once the one below has said all it has to say at this moment.
"""

from __future__ import annotations

import random
from functools import cached_property
from typing import ClassVar

from workbench.evals.direct.facts import Draws
from workbench.evals.direct.stage import ASKED, END, LATER, Place, Plan, Stage, Unsure
from workbench.systems.tree import join


class Work:
    """A node at work. The operators are its subclasses."""

    orderly: ClassVar[bool] = True
    """Whether candidates of one moment are read one after the other."""
    tidy: ClassVar[bool] = False
    """Whether its last word comes only when all below it is over."""

    def __init__(self, stage: Stage, plan: Plan, up: Work | None, slot: int) -> None:
        self.stage = stage
        self.facts = stage.facts
        self.plan = plan
        self.up = up
        self.slot = slot
        self.place: Place = () if up is None else (*up.place, slot)
        self.running: dict[int, int] = {}
        self.seen: list[int] = []
        self.over = False
        self.told: bool = up is not None and up.told
        """Whether what is asked below is made from answers before."""
        self.group = 0
        self._round = 0
        self._kids: dict[int, Work] = {}
        self._inbox: list[tuple[int, int]] = []
        self._working = 0
        self._ending: set[int] = set()
        self._closing = -1.0
        self._scored_before: Draws | None = None
        self.begin()

    @cached_property
    def path(self) -> str:
        """Where it stands in a run."""
        return "" if self.up is None else join(self.up.path, self.up.plan.steps[self.slot])

    @cached_property
    def random(self) -> random.Random:
        """Its own dice, those of the engine's `Scope`."""
        return random.Random(f"{self.stage.seed}:{self.path}")

    def begin(self) -> None:
        """What the operator needs for itself."""

    def read(self, slot: int, index: int) -> None:
        """A child's candidate."""

    def lowered(self, slot: int) -> None:
        """A child has ended."""

    def all_in(self) -> None:
        """Every child has ended, and the node has not."""
        raise NotImplementedError

    def answered(self, index: int) -> None:
        """The reply to what the node itself asked; `LOST` where there is none."""

    def time_up(self) -> None:
        """The node's own timer has run out."""

    def open(self) -> None:
        """Start all children that start together."""
        if self.over:
            return
        group = self.plan.groups[self.group]
        self._working = len(group)
        self._kids = {}
        for slot in group:
            self.start(slot)

    def start(self, slot: int) -> None:
        """Start one child."""
        child = self.plan.slots[slot]
        if isinstance(child, str):
            self.stage.call(self, slot, child)
            return
        kid = child.works(self.stage, child, self, slot)
        self._kids[slot] = kid
        self.stage.ready.append(kid.open)

    def go_on(self) -> bool:
        """Start the next group; False where there is none."""
        if self.group + 1 == len(self.plan.groups):
            return False
        self.group += 1
        self.again()
        return True

    def again(self) -> None:
        """Start the group, also for another time."""
        if self.stage.lost_at == self.stage.now:
            raise Unsure
        self.seen = []
        self.stage.ready.append(self.open)

    def ask(self) -> None:
        """Ask the judge, router or critic."""
        self.stage.ask(self, self.plan.asked)

    def leave(self) -> None:
        """No more is read of this group: what is left of it is cancelled, how much it disagrees is known."""
        self._round += 1
        self._cancel_below(certain=self.orderly)
        self._kids = {}
        self._ending.clear()
        self._inbox = []
        self.score()

    def arrive(self, slot: int, what: int) -> None:
        """What was waited for is there."""
        del self.running[slot]
        if slot == ASKED:
            self.answered(what)
        elif what >= 0:
            self.hear(slot, what)
            self.hear(slot, END)
        elif what == LATER:
            self.start(slot)
        else:
            self.time_up()

    def hear(self, slot: int, index: int) -> None:
        """A child says something; it is read when the child has finished its turn."""
        if self.over:
            return
        if not self._inbox:
            self.stage.ready.append(self.step)
        self._inbox.append((slot, index))

    def step(self) -> None:
        """Read what has come."""
        inbox, self._inbox = self._inbox, []
        this = self._round
        for slot, index in inbox:
            if self.over or self._round != this:
                return
            if index == END:
                self.gone(slot)
                self.lowered(slot)
            else:
                self.seen.append(index)
                self.read(slot, index)
        if not self._working and not self.over and self._round == this and not self._inbox:
            self.all_in()

    def gone(self, slot: int) -> None:
        """A child has ended, and nothing of it is left."""
        self._working -= 1
        self._ending.discard(slot)
        self._kids.pop(slot, None)

    def say(self, index: int) -> None:
        """Yield a candidate."""
        if self.up is None:
            self.stage.hear(index)
        else:
            self.up.hear(self.slot, index)

    def done(self) -> Draws:
        """The candidates of this group so far that may win."""
        facts = self.facts.done
        return tuple(index for index in self.seen if index >= 0 and facts[index])

    def score(self) -> None:
        """A group is over: how much its candidates disagree is known from now on."""
        done = self.done()
        if len(done) > 1:
            self.stage.scored[self.place] = done

    def finish(self, *answers: int, lingers: bool = False) -> None:
        """The node ends, with its last candidates; what is left below is cancelled."""
        self.over = True
        now = self.stage.now
        working = any(not kid.over for kid in self._kids.values())
        pending = bool(self.running or self._ending) or working or self._closing_below()
        if pending:
            self._cancel_below(certain=self.orderly)
        self._scored_before = self.stage.scored.get(self.place)
        self.score()
        closing = (pending or lingers) and not self.tidy
        for index in answers:
            self.say(index)
        if closing:
            self._closing = now
            self.stage.late.append(self._closed)
        else:
            self.say(END)

    def _closed(self) -> None:
        if self.up is None or self.up._kids.get(self.slot) is self:
            self.say(END)

    def _closing_below(self) -> bool:
        return any(kid._closing == self.stage.now for kid in self._kids.values())

    def best_effort(self, seen: list[int]) -> None:
        """No candidate is done: the longest text that was cut off passes, degraded, where one may."""
        longest = self.facts.longest(seen)
        if longest is None:
            self.finish()
            return
        self.stage.degraded.add(longest)
        self.finish(longest)

    def cancel(self, *, certain: bool = False) -> None:
        """The node above needs no more. `certain`: it read this node's word and nothing else since it was said."""
        if not self.over:
            if not certain and self._closing_below() and len(self.done()) > 1:
                raise Unsure  # how it is told of sooner: that it is cancelled, or that all below has ended
            self.over = True
            self._cancel_below()
        elif self._closing == self.stage.now and self.place in self.stage.scored:
            # It is cancelled while it cancels its own children: it does not come to tell of their disagreement. By how
            # much a node further up would be later is between the engine's lines.
            if not certain:
                raise Unsure
            self._unscore()

    def _unscore(self) -> None:
        del self.stage.scored[self.place]
        if self._scored_before is not None:
            raise Unsure

    def drop(self, keep: set[int]) -> None:
        """End all children but these; they are at it until that is read."""
        for slot in [slot for slot in self.running if slot not in keep]:
            self._cut(self.running.pop(slot))
            self._ending.add(slot)
            self.hear(slot, END)
        for slot, kid in self._kids.items():
            if slot not in keep and not kid.over:
                kid.cancel()
                self._ending.add(slot)
                self.hear(slot, END)

    def _cancel_below(self, *, certain: bool = False) -> None:
        for what in self.running.values():
            self._cut(what)
        self.running.clear()
        for kid in self._kids.values():
            kid.cancel(certain=certain)

    def _cut(self, what: int) -> None:
        if what >= 0:
            stage = self.stage
            stage.cut[what] = min(1.0, (stage.now - stage.began[what]) / self.facts.times[what])
