"""What the Lab shows: curves worked out from draws, the formula's, and both as chart and words."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import structs
from msgspec.structs import replace

from workbench import __version__
from workbench.analysis import curves, fits
from workbench.analysis.curves import Theory
from workbench.analysis.pool import Draw, Pool
from workbench.analysis.scaling import Curve, Options, Rule
from workbench.analysis.theory import Verified, wilson
from workbench.charts.lab_chart import curve_chart
from workbench.charts.lab_words import figure, share
from workbench.charts.spec import ChartPoint, ChartSpec, Provenance
from workbench.errors import InputError
from workbench.money import PICO
from workbench.tui.lab_knobs import ALL, Drawn, Knobs, ks_of

SEED = 7
FIGURES = ("accuracy", "latency", "cost", "tokens", "sequential", "waste")


class Found(msgspec.Struct, frozen=True):
    """What the draws say of one rule."""

    curves: tuple[Curve, ...] = ()
    coverage: tuple[Curve, ...] = ()
    """pass@k of the same draws: what a choice without a mistake would come to."""
    theories: tuple[Theory, ...] = ()
    advice: tuple[str, ...] = ()
    problem: str = ""


def asked(knobs: Knobs) -> tuple[object, ...]:
    """What `work` depends on beside the draws."""
    m = knobs.m if knobs.rule == "short-m" else 0
    return knobs.rule, knobs.model, m, knobs.tau if knobs.rule == "cascade" else 0


def work(drawn: Drawn, knobs: Knobs) -> Found:
    """Curves of all reachable k, theory and advice. Seconds, for many draws: to be called in a thread."""
    pool = drawn.pool if knobs.model == ALL or knobs.rule == "cascade" else drawn.pool.of(knobs.model)
    options, rule = Options(m=knobs.m, tau=knobs.tau, seed=SEED), _rule(knobs)
    try:
        found = curves.over_k(pool, rule, drawn.ks, options)
        graded = any(curve.accuracy is not None for _, curve in found)
        covered = graded and rule not in ("pass", "all", "cascade")
        coverage = [curve for _, curve in curves.over_k(pool, "pass", drawn.ks, options)] if covered else []
    except InputError as error:
        return Found(problem=error.message)
    made = tuple(curve for _, curve in found)
    return Found(made, tuple(coverage), tuple(curves.fitted(found)), tuple(curves.advised(found)))


def _rule(knobs: Knobs) -> Rule:
    from workbench.analysis.scaling import RULES

    return next(rule for rule in RULES if rule == knobs.rule)


def telling(found: Found, knobs: Knobs) -> str:
    """The quantity that is shown, or where no draw tells of it the first that one tells of."""
    known = any(getattr(curve, knobs.quantity) is not None for curve in found.curves)
    return knobs.quantity if known else curves.telling(found.curves[0])


def numbers(knobs: Knobs) -> Verified:
    """p, c, s."""
    return Verified(p=knobs.p, c=knobs.c, s=knobs.s)


def chart(drawn: Drawn | None, found: Found, knobs: Knobs) -> ChartSpec:
    """Measured curves with their bands, coverage, theory dashed, and where k stands."""
    ks, shown = ks_of(drawn), knobs.quantity if drawn is not None else "accuracy"
    theories = list(found.theories) if knobs.theory else []
    if knobs.formula or drawn is None:
        said = f"Acc(K) p {fits.hundredths(knobs.p)} c {fits.hundredths(knobs.c)} s {fits.hundredths(knobs.s)}"
        theories.append(structs.replace(curves.formula(numbers(knobs), ks), label=said))
    measured = [*found.curves, *(found.coverage if shown == "accuracy" else ())]
    if len(found.curves) == 1:  # the draws say whose they are; the legend has little room
        measured = [structs.replace(curve, model="") for curve in measured]
    title = "accuracy by the formula" if drawn is None else f"{shown} over k"
    spec = curve_chart(measured, theories, quantity=shown, provenance=_provenance(drawn, found), title=title)
    points = [point for curve in found.curves if (point := _at_k(curve, knobs, several=len(found.curves) > 1))]
    if drawn is None:
        value = numbers(knobs).accuracy(knobs.k)
        points = [ChartPoint(label=f"k={knobs.k} {share(value)}", x=float(knobs.k), y=value)]
    return structs.replace(spec, points=tuple(points))


def _at_k(curve: Curve, knobs: Knobs, *, several: bool) -> ChartPoint | None:
    band, at = getattr(curve, knobs.quantity), _index(curve, knobs.k)
    if band is None:
        return None
    scale = 1 / PICO if knobs.quantity == "cost" else 1.0
    value, _ = figure(knobs.quantity, band, at)
    label = f"{curve.model} {value}" if several else f"k={curve.k[at]} {value}"
    low, high = band.low[at] * scale, band.high[at] * scale
    return ChartPoint(label=label, x=float(curve.k[at]), y=band.value[at] * scale, y_low=low, y_high=high)


def _index(curve: Curve, k: int) -> int:
    return min(range(len(curve.k)), key=lambda i: abs(curve.k[i] - k))


def _provenance(drawn: Drawn | None, found: Found) -> Provenance:
    if drawn is None:
        return Provenance(kind="theory", version=__version__)
    pool = drawn.pool
    method = " · ".join(dict.fromkeys(f"{c.label}: {c.method}, {c.interval}" for c in found.curves))
    return Provenance(kind=pool.kind, query=pool.source, runs=pool.runs[:20], version=__version__, method=method)


def readout(found: Found, knobs: Knobs) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """For each curve at k its name, and (quantity, figure, interval)."""
    said = []
    for curve in found.curves:
        at = _index(curve, knobs.k)
        head = f"{curve.label} {curve.model}".strip() if len(found.curves) > 1 else curve.label
        rows = [(name, *figure(name, getattr(curve, name), at)) for name in FIGURES if getattr(curve, name) is not None]
        covered = next((c.accuracy for c in found.coverage if c.model == curve.model and c.accuracy is not None), None)
        if covered is not None and curve.accuracy is not None:
            gap = max(0.0, covered.value[at] - curve.accuracy.value[at])
            rows.insert(1, ("any right", share(covered.value[at]), f"gap {share(gap)}"))
        said.append((f"{head.replace('@k', f'@{curve.k[at]}')}", rows))
    return said


def calculator(knobs: Knobs) -> list[tuple[str, str, str]]:
    """(what, figure, what it says) of p, c and s."""
    three, k = numbers(knobs), knobs.k
    return [
        ("one draw", share(three.accuracy(1)), ""),
        (f"{k} draws", share(three.accuracy(k)), f"{three.accuracy(k) - three.accuracy(1):+.3f}".replace("0.", ".")),
        ("ceiling", share(three.ceiling), "of any k"),
        ("accepted", share(three.accept), "of draws"),
        ("one by one", f"{three.serial_calls(k):.2f}", f"calls, for {k}"),
    ]


# Estimating c and s from draws that a verifier has judged

ENOUGH = 30


class Tally(msgspec.Struct, frozen=True):
    """What graded draws say of a verifier."""

    right: int = 0
    kept: int = 0
    """Right ones that it accepted."""
    wrong: int = 0
    caught: int = 0
    """Wrong ones that it rejected."""

    @property
    def n(self) -> int:
        """All of them."""
        return self.right + self.wrong

    def with_(self, *, right: bool, accepted: bool) -> Tally:
        """One more."""
        if right:
            return replace(self, right=self.right + 1, kept=self.kept + accepted)
        return replace(self, wrong=self.wrong + 1, caught=self.caught + (not accepted))

    def shares(self) -> list[tuple[str, str, str]]:
        """(p, c or s, its value, its 95 % interval and what it counts); `?` where nothing was counted."""
        return [(name, *_counted(part, whole)) for name, part, whole in self._counts()]

    def _counts(self) -> tuple[tuple[str, int, int], ...]:
        return ("p", self.right, self.n), ("c", self.kept, self.right), ("s", self.caught, self.wrong)

    def applied(self, knobs: Knobs) -> Knobs:
        """Knobs with what is known of the three."""
        known = {}
        for name, part, whole in (
            ("p", self.right, self.n),
            ("c", self.kept, self.right),
            ("s", self.caught, self.wrong),
        ):
            if whole:
                known[name] = round(part / whole, 2)
        return replace(knobs, **known, formula=True, quantity="accuracy")


def _counted(part: int, whole: int) -> tuple[str, str]:
    if not whole:
        return "?", "none yet"
    low, high = wilson(part, whole)
    return share(part / whole), f"{share(low)} to {share(high)}, {part} of {whole}"


def tally(pool: Pool) -> Tally:
    """What is known already: draws with a verdict whose answers are graded."""
    found = Tally()
    for draw in _judged(pool):
        if draw.correct is not None:
            found = found.with_(right=draw.correct, accepted=bool(draw.accepted))
    return found


def to_grade(pool: Pool) -> list[tuple[str, Draw]]:
    """(prompt, draw) with a verdict and no grade yet, in an order that tells nothing."""
    import random

    rows = [
        (pool.prompts.get(task, task), draw)
        for task, draws in pool.tasks.items()
        for draw in draws
        if draw.done and draw.accepted is not None and draw.correct is None and (draw.text or draw.key)
    ]
    random.Random(SEED).shuffle(rows)
    return rows


def _judged(pool: Pool) -> Sequence[Draw]:
    return [d for draws in pool.tasks.values() for d in draws if d.done and d.accepted is not None]


def verdict(knobs: Knobs) -> str:
    """What p, c and s advise."""
    return fits.verdict_on(numbers(knobs))
