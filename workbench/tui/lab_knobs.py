"""What can be turned in the Lab: which knobs there are for these draws, where each stands, what a turn makes of it."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from workbench.analysis.pool import Pool
from workbench.analysis.scaling import QUANTITIES, RULES

FORMULA = ("p", "c", "s")
NO_DRAWS_K = 30
"""As far as the formula is drawn where there are no draws."""
DENSE = 16
"""Every k up to here is worked out; from there on fewer and fewer."""
ALL = "all"


class Knobs(msgspec.Struct, frozen=True):
    """Where all of them stand. `p`, `c`, `s`: share of right draws, of right ones that a verifier accepts, of wrong
    ones that it rejects; `m`: finishers that vote; `tau`: the least score that a cascade accepts."""

    rule: str = "race"
    quantity: str = "accuracy"
    model: str = ALL
    k: int = 3
    m: int = 3
    tau: float = 0.5
    p: float = 0.6
    c: float = 0.9
    s: float = 0.7
    theory: bool = True
    """Whether the formula fitted to the draws is drawn over them."""
    formula: bool = False
    """Whether Acc(K) of p, c and s is."""


class Knob(msgspec.Struct, frozen=True):
    """One of them: its name in `Knobs`, what is said of it, and what it can be set to."""

    name: str
    words: str
    stops: tuple[Any, ...]
    """What it can be set to, in order."""
    sliding: bool = True
    """Whether the stops are numbers on a line; else words, round and round."""


class Drawn(msgspec.Struct, frozen=True):
    """Draws, and what is asked of them with every turn: the k that are worked out, and whose they are."""

    pool: Pool
    ks: tuple[int, ...]
    models: tuple[str, ...]

    @classmethod
    def of(cls, pool: Pool) -> Drawn:
        """Looks through all draws."""
        models = pool.models
        return cls(pool, reach(min((pool.of(model).least for model in models), default=1)), models)


def reach(most: int) -> tuple[int, ...]:
    """The k that are worked out, up to `most`."""
    far, last = [], float(DENSE)
    while (last := last * 1.25) < most:
        far.append(round(last))
    return tuple(sorted({*range(1, min(most, DENSE) + 1), *far, max(1, most)}))


def ks_of(drawn: Drawn | None) -> tuple[int, ...]:
    """Those of the draws, or of the formula alone."""
    return reach(NO_DRAWS_K) if drawn is None else drawn.ks


def knobs_for(drawn: Drawn | None, knobs: Knobs) -> list[Knob]:
    """Those that mean something now."""
    shares = tuple(round(i / 100, 2) for i in range(101))
    said = {"p": "p  right", "c": "c  right kept", "s": "s  wrong caught"}
    formula = [Knob(name, said[name], shares) for name in FORMULA]
    if drawn is None:
        return [Knob("k", "k  draws", ks_of(None)), *formula]
    found = [Knob("rule", "rule", RULES, sliding=False), Knob("quantity", "shown", QUANTITIES, sliding=False)]
    if len(drawn.models) > 1 and knobs.rule != "cascade":
        found.append(Knob("model", "model", (ALL, *drawn.models), sliding=False))
    if knobs.rule != "cascade" or len(drawn.models) < 2:
        found.append(Knob("k", "k  draws", drawn.ks))
    if knobs.rule == "short-m":
        found.append(Knob("m", "m  voters", tuple(range(1, drawn.ks[-1] + 1))))
    if knobs.rule == "cascade":
        found.append(Knob("tau", "τ  accepts from", shares))
    return [*found, *formula]


def turned(knobs: Knobs, knob: Knob, by: int) -> Knobs:
    """So many stops further on; words go round, numbers end."""
    at, last = place(knobs, knob), len(knob.stops) - 1
    to = min(max(0, at + by), last) if knob.sliding else (at + by) % len(knob.stops)
    return put(knobs, knob, to)


def placed(knobs: Knobs, knob: Knob, share: float) -> Knobs:
    """At this share of the way from the first stop to the last."""
    return put(knobs, knob, round(min(1.0, max(0.0, share)) * (len(knob.stops) - 1)))


def put(knobs: Knobs, knob: Knob, at: int) -> Knobs:
    """At the stop of this index. Who turns p, c or s wants to see what they say."""
    changed: dict[str, Any] = {knob.name: knob.stops[at]}
    if knob.name in FORMULA:
        changed |= {"formula": True, "quantity": "accuracy"}
    return replace(knobs, **changed)


def place(knobs: Knobs, knob: Knob) -> int:
    """The index of the stop where it stands, the nearest where it stands between two."""
    value = getattr(knobs, knob.name)
    if value in knob.stops:
        return knob.stops.index(value)
    return min(range(len(knob.stops)), key=lambda i: abs(knob.stops[i] - value)) if knob.sliding else 0


def within(knobs: Knobs, drawn: Drawn | None) -> Knobs:
    """The knobs for other draws: what they can't be set to any more goes to the nearest stop."""
    for knob in knobs_for(drawn, knobs):
        at = place(knobs, knob)
        if getattr(knobs, knob.name) != knob.stops[at]:
            knobs = replace(knobs, **{knob.name: knob.stops[at]})
    return knobs


def spelt(knobs: Knobs, knob: Knob) -> str:
    """Its value for people: `.60`, `3`, `race`."""
    value = getattr(knobs, knob.name)
    if isinstance(value, float):
        return f"{value:.2f}".removeprefix("0") if value < 1 else "1.00"
    return str(value)
