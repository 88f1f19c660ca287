"""One run without the engine: nodes at work, the draws they wait for, and one queue of what ends when.

It goes by the engine's order. Children start together, level by level; a draw that ends is read by its node, whose
candidates are read by the node above, each once the one below has said all it has to say at this moment. Where the
engine's answer hangs on more than that (calls of two nodes that end at one moment), this says so: `Unsure`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from heapq import heappop, heappush
from typing import ClassVar

from msgspec import Struct

from workbench.evals.direct.facts import Draws, Facts
from workbench.systems.nodes import Node

CLOSE = 1e-8
"""Seconds: what lies closer together may be one moment to the engine, whose clock counts nanoseconds."""
LOST = -1
"""A candidate that is no draw: the pool had none left."""
LATER, GRACE = -2, -3
"""What is waited for instead of a draw: a staggered start, the end of a grace."""
END = -4
"""A child has ended."""


class Unsure(Exception):
    """The engine must say."""


class Plan(Struct, frozen=True, eq=False):
    """A node and what stands below it: a model's name or a plan for each replica of each child."""

    node: Node
    works: type[Work]
    slots: tuple[str | Plan, ...]
    groups: tuple[range, ...]
    """Which of them start together; most nodes have one group."""
    most: tuple[int, ...]
    """How many candidates each of them yields, at most."""

    @property
    def flat(self) -> bool:
        """Whether only models stand below."""
        return all(isinstance(slot, str) for slot in self.slots)


class Stage:
    """One run. Times in seconds since its start."""

    def __init__(self, plan: Plan, facts: Facts, order: Mapping[str, list[int]]) -> None:
        self.facts = facts
        self.now = 0.0
        self.found: list[int] = []
        """The root's candidates."""
        self.ended = False
        self.began: dict[int, float] = {}
        self.cut: dict[int, float] = {}
        """Draw → how much of it had come when it was cancelled."""
        self.degraded: set[int] = set()
        self.escalated: set[int] = set()
        self.scored: dict[Work, Draws] = {}
        """Nodes whose candidates' disagreement is known, in that order."""
        self.ready: deque[Callable[[], None]] = deque()
        self.lost_at = -1.0
        self._queues = {model: iter(indices) for model, indices in order.items()}
        self._due: list[tuple[float, int, Work, int, int]] = []
        self._turn = 0
        self._root = plan.works(self, plan, None, 0)

    def play(self) -> None:
        """Run to the end. Raises `Unsure`."""
        ready = self.ready
        ready.append(self._root.open)
        while True:
            while ready:
                ready.popleft()()
            if self.ended:
                return
            self._advance()

    def hear(self, index: int) -> None:
        """The root says something."""
        if index == END:
            self.ended = True
        else:
            self.found.append(index)

    def call(self, work: Work, slot: int, model: str) -> None:
        """A model is asked: the next draw."""
        index = next(self._queues.get(model, iter(())), LOST)
        if index == LOST:
            self.lost_at = self.now
            work.hear(slot, LOST)
            work.hear(slot, END)
            return
        self.began[index] = self.now
        time = self.facts.times[index]
        if time >= CLOSE:
            self.wait(work, slot, index, time)
            return
        if time or not work.orderly or work.up is not None or not work.plan.flat:
            raise Unsure
        work.hear(slot, index)
        work.hear(slot, END)

    def wait(self, work: Work, slot: int, what: int, seconds: float) -> None:
        """Something is due for a slot of a node."""
        self._turn += 1
        work.running[slot] = what
        heappush(self._due, (self.now + seconds, self._turn, work, slot, what))

    def _advance(self) -> None:
        due = self._due
        time, _, work, slot, what = heappop(due)
        if work.running.get(slot) != what:
            return
        self.now = time
        work.arrive(slot, what)
        while due and due[0][0] - time < CLOSE:
            other, _, same, slot, another = heappop(due)
            if same.running.get(slot) != another:
                continue
            if same is not work or other != time or not work.orderly or what < 0 or another < 0:
                raise Unsure
            work.arrive(slot, another)


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
        self.running: dict[int, int] = {}
        self.seen: list[int] = []
        self.over = False
        self.group = 0
        self._kids: dict[int, Work] = {}
        self._inbox: list[tuple[int, int]] = []
        self._working = 0
        self._ending: set[int] = set()
        self._closing = -1.0
        self._scored_before: Draws | None = None
        self.begin()

    def begin(self) -> None:
        """What the operator needs for itself."""

    def read(self, slot: int, index: int) -> None:
        """A child's candidate."""

    def lowered(self, slot: int) -> None:
        """A child has ended."""

    def all_in(self) -> None:
        """Every child has ended, and the node has not."""
        raise NotImplementedError

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
        if self.stage.lost_at == self.stage.now:
            raise Unsure
        self.group += 1
        self.seen = []
        self.stage.ready.append(self.open)
        return True

    def arrive(self, slot: int, what: int) -> None:
        """What was waited for is there."""
        del self.running[slot]
        if what >= 0:
            self.hear(slot, what)
            self.hear(slot, END)
        elif what == LATER:
            self.start(slot)
        else:
            self.finish()

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
        for slot, index in inbox:
            if self.over:
                return
            if index == END:
                self.gone(slot)
                self.lowered(slot)
            else:
                self.seen.append(index)
                self.read(slot, index)
        if not self._working and not self.over and not self._inbox:
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
            self.stage.scored[self] = done

    def finish(self, *answers: int, lingers: bool = False) -> None:
        """The node ends, with its last candidates; what is left below is cancelled."""
        self.over = True
        now = self.stage.now
        kids = any(not kid.over or kid._closing == now for kid in self._kids.values())
        pending = bool(self.running or self._ending) or kids
        if pending:
            self._cancel_below(certain=self.orderly)
        self._scored_before = self.stage.scored.get(self)
        self.score()
        if (pending or lingers) and not self.tidy:
            self._closing = now
        for index in answers:
            self.say(index)
        self.say(END)

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
            self.over = True
            self._cancel_below()
        elif self._closing == self.stage.now and self in self.stage.scored:
            # It is cancelled while it cancels its own children: it does not come to tell of their disagreement. By how
            # much a node further up would be later is between the engine's lines.
            if not certain:
                raise Unsure
            self._unscore()

    def _unscore(self) -> None:
        del self.stage.scored[self]
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
