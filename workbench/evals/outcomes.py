"""One counterfactual run: what it came to, and which draws it meets."""

from __future__ import annotations

import random
from collections.abc import Sequence

from msgspec import Struct

from workbench.analysis.pool import Draw

VERDICT = "recorded/verdict"
"""A verifier's name: the word that was recorded with each draw."""
SCORE = "recorded/score"
"""A scorer's and a verifier's name: the score, in [0, 1], that was recorded with each draw."""


class Outcome(Struct, frozen=True, kw_only=True):
    """One run. Cost in pico-dollars, latency in seconds."""

    task: str
    status: str
    draw: int | None = None
    """Which of the task's draws is the answer; None where none is, or it is a new text."""
    correct: bool | None = None
    latency: float
    tokens: float | None = None
    cost: float | None = None
    disagreement: float | None = None
    lost: int = 0
    """Calls that found no draw left."""


def orders(draws: Sequence[Draw], dice: random.Random | None) -> dict[str, list[int]]:
    """By model: which draws its calls meet, in the order of the calls. None keeps the recorded order."""
    by_model: dict[str, list[int]] = {}
    for index, draw in enumerate(draws):
        by_model.setdefault(draw.model, []).append(index)
    if dice is not None:
        for indices in by_model.values():
            dice.shuffle(indices)
    return by_model


def dice_for(seed: int, task: str, repeat: int) -> random.Random:
    """What chooses the draws of one run."""
    return random.Random(f"{seed}:{task}:{repeat}")


def spent(parts: Sequence[tuple[int | None, int, float]]) -> float | None:
    """Sum of (amount, its part that is due at once, share of the rest); None where an amount is unknown."""
    total = 0.0
    for amount, fixed, part in parts:
        if amount is None:
            return None
        total += fixed + (amount - fixed) * part
    return total


def text_of(draw: Draw) -> str:
    """What a draw says; where only its key was recorded, a line that gives the key again. Empty: it failed."""
    if draw.text or not draw.done:
        return draw.text
    return f"Final answer: {draw.key}" if draw.key is not None else "(its text was not recorded)"


def odds_of(score: float, choices: Sequence[str]) -> dict[str, float]:
    """A recorded score as a model's word on its choices: thumbs for a verifier, digits for a scorer."""
    best, worst = ("A", "B") if "A" in choices else ("9", "0")
    return {best: score, worst: 1 - score}


def share_of(score: float) -> float:
    """What the engine makes of a recorded score as a verifier's word."""
    return score / (score + (1 - score))


def grade_of(score: float) -> float:
    """What the engine makes of a recorded score as a scorer's word."""
    return 9 * score / (score + (1 - score)) / 9
