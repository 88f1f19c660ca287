"""What was measured: systems × tasks, each cell the mean of its repeats. What-ifs give this.

Units: cost in pico-dollars, latency in ns, tokens as a count, accuracy and disagreement in [0, 1]. None is unknown, and
a figure that rests on unknown ones is unknown too.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from msgspec import Struct

Kind: TypeAlias = Literal["real", "simulated", "recorded"]
Quantity: TypeAlias = Literal["cost", "latency", "accuracy", "disagreement", "tokens"]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
"""What a cell may know; of accuracy more is better, of all others less."""


class Cell(Struct, frozen=True, kw_only=True, gc=False):
    """One system's repeats of one task."""

    repeats: int
    graded: int = 0
    """How many of the repeats are graded right or wrong."""
    right: int = 0
    cost: float | None = None
    """Mean over the repeats; None where one repeat's cost is unknown."""
    latency: float | None = None
    tokens: float | None = None
    disagreement: float | None = None
    estimated: bool = False
    """Whether a figure rests on estimated token counts."""

    @property
    def accuracy(self) -> float | None:
        """Share of the graded repeats that are right; None where none is graded."""
        return self.right / self.graded if self.graded else None


class Measured(Struct, frozen=True, kw_only=True):
    """One system: its cells by task. Real, simulated and recorded runs of one system are three of these."""

    system: str
    notation: str = ""
    kind: Kind
    cells: dict[str, Cell]
    """Keyed by the task: an opaque, stable id (the prompt's hash, a task set's id)."""
    runs: tuple[str, ...] = ()
    """Ids of some runs behind it, the newest first: what the screen opens and an export names as its source."""
