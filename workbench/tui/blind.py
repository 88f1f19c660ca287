"""Blind judging: which pairs of answers are shown, in which order and on which side, and what was said. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations
from typing import Literal, TypeAlias

import msgspec

from workbench.tui.outcomes import Outcome

Verdict: TypeAlias = Literal["left", "right", "tie", "skip"]


class Side(msgspec.Struct, frozen=True):
    """An answer and the system (by its place in the comparison) that gave it."""

    lane: int
    outcome: Outcome


class Pair(msgspec.Struct, frozen=True):
    """Two answers of one repeat."""

    left: Side
    right: Side


class Ballot(msgspec.Struct):
    """The pairs in the order that was drawn, and a verdict for each that was judged."""

    pairs: tuple[Pair, ...]
    alike: int = 0
    """Pairs left out because both say the same words."""
    verdicts: list[Verdict] = msgspec.field(default_factory=list)

    @property
    def pair(self) -> Pair | None:
        """The one to be judged now; None when all are."""
        return self.pairs[len(self.verdicts)] if len(self.verdicts) < len(self.pairs) else None

    def judge(self, verdict: Verdict) -> Pair:
        """Say it of the pair at hand, which is returned."""
        pair = self.pairs[len(self.verdicts)]
        self.verdicts.append(verdict)
        return pair


def ballot(columns: Sequence[Sequence[Outcome]], seed: int) -> Ballot:
    """Every two systems' answers of the same repeat and kind; order and sides are drawn by the seed."""
    draw, pairs, alike = random.Random(seed), list[Pair](), 0
    for one, other in combinations(range(len(columns)), 2):
        second = {each.turn: each for each in columns[other] if each.answer is not None}
        for first in columns[one]:
            against = second.get(first.turn)
            if first.answer is None or against is None or first.kind != against.kind:
                continue  # simulated, recorded and real answers are not ranked together
            if first.answer.strip() == (against.answer or "").strip():
                alike += 1
                continue
            sides = [Side(one, first), Side(other, against)]
            draw.shuffle(sides)
            pairs.append(Pair(*sides))
    draw.shuffle(pairs)
    return Ballot(tuple(pairs), alike)


def tags(pair: Pair, verdict: Verdict) -> list[tuple[str, str]]:
    """What the ledger keeps of a verdict: (run, tag) of each run that is said to be better, or of both in a tie."""
    left, right = pair.left.outcome.run, pair.right.outcome.run
    said: dict[Verdict, list[tuple[str, str]]] = {
        "left": [(left, f"blind:better:{right}")],
        "right": [(right, f"blind:better:{left}")],
        "tie": [(left, f"blind:tie:{right}"), (right, f"blind:tie:{left}")],
        "skip": [],
    }
    return said[verdict]
