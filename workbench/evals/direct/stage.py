"""One run without the engine: one queue of what ends when, and the draws that calls are answered by.

It goes by the engine's order. Where the engine's answer hangs on more than that (calls of two nodes that end at one
moment), this says so: `Unsure`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from heapq import heappop, heappush
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from workbench.evals.direct.facts import Draws, Facts
from workbench.systems.nodes import Node

if TYPE_CHECKING:
    from workbench.evals.direct.work import Work

CLOSE = 1e-8
"""Seconds: what lies closer together may be one moment to the engine, whose clock counts nanoseconds."""
LOST = -1
"""A candidate that is no draw: the pool had none left."""
LATER, TIMER = -2, -3
"""What is waited for instead of a draw: a staggered start, the end of a grace or of a wait."""
END = -4
"""A child has ended."""
ASKED = -5
"""The slot of the node's own question to a judge, a router or a critic."""


Place: TypeAlias = tuple[int, ...]
"""Where a node stands: the slots that lead to it. One that is opened again stands where it stood."""


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
    steps: tuple[str, ...]
    """Each one's step in the path of a run."""
    asked: str = ""
    """The model of the pool that judges, routes or criticises."""

    @property
    def flat(self) -> bool:
        """Whether only models stand below."""
        return all(isinstance(slot, str) for slot in self.slots)


class Stage:
    """One run. Times in seconds since its start."""

    def __init__(self, plan: Plan, facts: Facts, order: Mapping[str, list[int]], seed: int) -> None:
        self.facts = facts
        self.seed = seed
        self.now = 0.0
        self.found: list[int] = []
        """The root's candidates."""
        self.ended = False
        self.began: dict[int, float] = {}
        self.cut: dict[int, float] = {}
        """Draw → how much of it had come when it was cancelled."""
        self.degraded: set[int] = set()
        self.derived: set[int] = set()
        """Draws that stand for answers made from others."""
        self.escalated: set[int] = set()
        self.scores: dict[int, float | None] = {}
        """Draw → what a verifier or scorer gave it."""
        self.scored: dict[Place, Draws] = {}
        """Nodes whose candidates' disagreement is known, in that order."""
        self.ready: deque[Callable[[], None]] = deque()
        self.late: deque[Callable[[], None]] = deque()
        """What comes after all else of this moment."""
        self.lost_at = -1.0
        self.lost = 0
        self._queues = {model: iter(indices) for model, indices in order.items()}
        self._due: list[tuple[float, int, Work, int, int]] = []
        self._turn = 0
        self._root = plan.works(self, plan, None, 0)

    def play(self) -> None:
        """Run to the end. Raises `Unsure`."""
        ready = self.ready
        ready.append(self._root.open)
        while True:
            while ready or self.late:
                (ready or self.late).popleft()()
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
        """A model is asked to answer: the next draw."""
        index = self._next(model)
        if index == LOST:
            work.hear(slot, LOST)
            work.hear(slot, END)
            return
        if work.told:
            self.derived.add(index)
        time = self.facts.times[index]
        if time >= CLOSE:
            self.wait(work, slot, index, time)
            return
        if time or not work.orderly or work.up is not None or not work.plan.flat:
            raise Unsure
        work.hear(slot, index)
        work.hear(slot, END)

    def ask(self, work: Work, model: str) -> None:
        """A model is asked about answers: its reply is the next draw."""
        index = self._next(model)
        if index == LOST:
            self.ready.append(partial(work.answered, LOST))
            return
        time = self.facts.times[index]
        if time < CLOSE:
            raise Unsure
        self.wait(work, ASKED, index, time)

    def _next(self, model: str) -> int:
        index = next(self._queues.get(model, iter(())), LOST)
        if index == LOST:
            self.lost_at = self.now
            self.lost += 1
        else:
            self.began[index] = self.now
        return index

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
