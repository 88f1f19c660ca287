"""`workbench frontier`: which systems no other beats, and how sure that is, from runs that are already paid for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from workbench import __version__
from workbench.analysis.against import against as compared
from workbench.analysis.frontier import Frontier, Options
from workbench.analysis.frontier import frontier as placed_on
from workbench.analysis.measures import Quantity
from workbench.charts import frontier_words
from workbench.charts.frontier_chart import FACTORS, frontier_chart
from workbench.charts.frontier_words import provenance, subtitle, ungraded
from workbench.cli.against import show as show_pairs
from workbench.cli.against import to_data as pairs_data
from workbench.cli.charting import Exports
from workbench.cli.filters import SHOWN, OneKind, narrowed
from workbench.cli.frontier_output import show, to_data
from workbench.cli.options import FLAG, JSON, SEED, TEXT
from workbench.cli.output import counted, print_json
from workbench.cli.services import Services
from workbench.errors import InputError

if TYPE_CHECKING:
    from workbench.ledger import Measures, RunQuery


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Placing:
    """On which axes, and how."""

    x: Quantity = "cost"
    "Axis: cost, latency, accuracy, disagreement or tokens, each a mean per task."
    y: Quantity = "accuracy"
    "Axis, as x."
    z: Quantity | None = None
    "A third axis."
    hull: Annotated[bool, FLAG] = False
    "Draw the convex hull (what mixtures of systems reach) instead of the staircase."
    eps: Annotated[str, TEXT] = ""
    "Differences up to this are none, one value an axis: 0.0001,0.01 (dollars, seconds, tokens, shares)."
    reference: Annotated[str, TEXT] = ""
    "Where the hypervolume ends, one value an axis; by default 1.1 × the worst, accuracy 0."
    linear: Annotated[bool, FLAG] = False
    "No logarithmic axis."
    resamples: int = 2_000
    "Of the bootstrap over tasks."
    seed: Annotated[int, SEED] = 7
    "Of the bootstrap."

    @property
    def axes(self) -> tuple[Quantity, ...]:
        """Two or three."""
        return (self.x, self.y) if self.z is None else (self.x, self.y, self.z)

    def options(self) -> Options:
        """The same for the analysis. Raises `InputError`."""
        return Options(
            shape="hull" if self.hull else "staircase",
            eps=_values(self.eps, self.axes, "--eps"),
            reference=_possible(_values(self.reference, self.axes, "--reference"), self.axes),
            resamples=self.resamples,
            seed=self.seed,
        )


def frontier(
    *,
    placing: Placing = Placing(),
    runs: OneKind = OneKind(),
    against: Annotated[str, TEXT] = "",
    exports: Exports = Exports(),
    json: Annotated[bool, JSON] = False,
) -> int:
    """Systems of past runs on two or three axes: which of them no other beats at once on all, and how sure that is.

    Parameters
    ----------
    against
        This system (its name in the table): how the others' y differs from it, task by task, and how sure that is.
    """
    options, axes, query = placing.options(), placing.axes, runs.query()
    exports.check("workbench frontier")
    with Services().ledger(read_only=True) as ledger:
        measures = ledger.measures(query)
    found = placed_on(measures.measured, axes, options)
    if not found.placed:
        raise _nothing(measures, found, axes, query)
    spec = frontier_chart(
        found,
        scales=dict.fromkeys(axes, "linear") if placing.linear else None,
        provenance=provenance(found, query, time.time_ns(), __version__),
        subtitle=subtitle(found),
    )
    pairs = compared(measures.measured, against, placing.y) if against else None
    if json:
        said = {} if pairs is None else {"against": pairs_data(pairs, against, placing.y)}
        print_json({**to_data(found, measures), **said})
    else:
        show(found, measures, spec)
        if pairs is not None:
            show_pairs(pairs, against, placing.y)
    exports.write(spec)
    return 0


def _values(text: str, axes: tuple[Quantity, ...], where: str) -> tuple[float, ...]:
    """`0.0001,0.01` in the units of the cells. Raises `InputError`."""
    if not text.strip():
        return ()
    try:
        given = [float(part) for part in text.split(",")]
    except ValueError:
        given = []
    if len(given) != len(axes) or any(not abs(value) < float("inf") for value in given):
        hint = "Such as 0.0001,0.01 for cost and accuracy: dollars, seconds, tokens, shares."
        raise InputError(f"{text!r} is not one number for each of {', '.join(axes)}", where=where, hint=hint)
    return tuple(value / FACTORS[axis] for value, axis in zip(given, axes, strict=True))


def _possible(reference: tuple[float, ...], axes: tuple[Quantity, ...]) -> tuple[float, ...]:
    """The reference point as it is. Raises `InputError` for what no system can have on an axis."""
    for value, axis in zip(reference, axes, strict=False):
        share = axis in ("accuracy", "disagreement")
        if value < 0 or (share and value > 1):
            bounds = "between 0 and 1" if share else "at least 0"
            raise InputError(f"{axis} is {bounds}, not {value * FACTORS[axis]:g}", where="--reference")
    return reference


def _nothing(measures: Measures, found: Frontier, axes: tuple[Quantity, ...], query: RunQuery) -> InputError:
    """Why there is no chart, and what to do."""
    if not measures.runs:
        others = [f"{frontier_words.runs(count, kind)}: --kind {kind}" for kind, count in measures.other_kinds.items()]
        asked = narrowed(query)
        record = "`workbench run` and `workbench compare` record some."
        hint = f"There are {', '.join(others)}." if others else SHOWN if asked else record
        said = f"no finished {measures.kind} run fits {asked}".rstrip()
        return InputError(said, where="workbench frontier", hint=hint)
    if ungraded(found):
        without = "--x cost --y latency, or --y disagreement, need no grades."
        hint = (
            f"`workbench runs grade last right` grades one, `workbench run --target ANSWER` as it is fired; {without}"
        )
        return InputError(f"none of {counted(measures.runs, 'run')} is graded", where="--y accuracy", hint=hint)
    reasons = sorted({f"{each.label}: {each.reason}" for each in found.left_out})
    more = f" and {len(reasons) - 3} more" if len(reasons) > 3 else ""
    said = "; ".join(reasons[:3]) + more
    return InputError(f"no system is known on {' and '.join(axes)}", where="workbench frontier", hint=said)
