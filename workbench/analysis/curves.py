"""Curves over k of a whole pool: one for each of its models, the formula fitted to the same draws, and the advice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from workbench.analysis import fits, scaling
from workbench.analysis.pool import Pool
from workbench.analysis.scaling import Curve, Options
from workbench.analysis.theory import Verified, dataset_accuracy
from workbench.errors import InputError

LESS = 0.005
"""Of accuracy, that is worth a word."""
WHY = {
    "race": " Those that come first are wrong more often.",
    "verify": " The formula does not know which of them come first.",
}
MOST_K = 10
"""As far as curves go where nobody says."""


class Theory(Struct, frozen=True, kw_only=True):
    """What a formula says over k."""

    label: str
    k: tuple[int, ...]
    value: tuple[float, ...]


def over_k(
    pool: Pool, rule: scaling.Rule, ks: Sequence[int] | None = None, options: Options | None = None
) -> list[tuple[Pool, Curve]]:
    """A curve for each model (a cascade is one over all), with the draws that it is made of; `ks`: 1 to 10 by default,
    as far as the draws reach. Raises `InputError` where there are none."""
    if not pool.tasks:
        raise InputError("there are no draws of this model", where="--model")
    parts = [pool] if rule == "cascade" or len(pool.models) < 2 else [pool.of(name) for name in pool.models]
    return [(part, scaling.curve(part, rule, ks or range(1, min(MOST_K, part.least) + 1), options)) for part in parts]


def fitted(found: Sequence[tuple[Pool, Curve]]) -> list[Theory]:
    """The formulas that speak of these curves, their numbers from the curves' draws; of several models each is
    named."""
    said = ((curve, theory) for pool, curve in found if (theory := _fitted(pool, curve)) is not None)
    several = len(found) > 1
    return [replace(theory, label=f"{theory.label} {curve.model}") if several else theory for curve, theory in said]


def _fitted(pool: Pool, curve: Curve) -> Theory | None:
    found = fits.queries(pool)
    if curve.rule in ("verify", "serial") and (numbers := fits.smoothed(found)):
        return Theory(label="Acc(K)", k=curve.k, value=tuple(dataset_accuracy(numbers, k) for k in curve.k))
    if curve.rule == "vote" and found:
        mixture = fits.mixture([(round(q.p.value * q.p.n), q.p.n) for q in found]).mixture
        return Theory(label="F(K)", k=curve.k, value=tuple(mixture.accuracy(k) for k in curve.k))
    return None


def formula(numbers: Verified, ks: Sequence[int]) -> Theory:
    """Acc(K) of three numbers."""
    return Theory(label="Acc(K)", k=tuple(ks), value=tuple(numbers.accuracy(k) for k in ks))


def advised(found: Sequence[tuple[Pool, Curve]]) -> list[str]:
    """What the draws of each curve advise; of several models each is named."""
    said: list[str] = []
    for pool, curve in found:
        advice = [*_measured(curve), *fits.advice(pool)]
        said += [f"{curve.model}: {text}" if len(found) > 1 else text for text in advice]
    return said


def _measured(curve: Curve) -> Iterator[str]:
    """Where more draws make it worse, whatever a formula says."""
    if curve.accuracy is None:
        return
    value = curve.accuracy.value
    best = max(range(len(value)), key=lambda at: (round(value[at], 9), -at))
    if value[best] - value[-1] > LESS:
        yield (
            f"As measured, {curve.label} is best at k = {curve.k[best]} ({fits.hundredths(value[best])}); "
            f"at k = {curve.k[-1]} it is {fits.hundredths(value[-1])}.{WHY.get(curve.rule, '')}"
        )


def telling(curve: Curve) -> str:
    """The first of the quantities that is known."""
    return next((q for q in ("accuracy", "latency", "tokens") if getattr(curve, q) is not None), "cost")
