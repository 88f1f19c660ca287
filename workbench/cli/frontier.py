"""`workbench frontier`: which systems no other beats, and how sure that is, from runs that are already paid for."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from workbench import __version__
from workbench.analysis.against import against as compared
from workbench.analysis.frontier import Frontier, Options
from workbench.analysis.frontier import frontier as placed_on
from workbench.analysis.measures import Quantity
from workbench.charts.frontier_chart import FACTORS, frontier_chart
from workbench.charts.frontier_words import provenance, runs, subtitle, ungraded
from workbench.charts.spec import ChartSpec
from workbench.cli.against import show as show_pairs
from workbench.cli.against import to_data as pairs_data
from workbench.cli.filters import Filter
from workbench.cli.frontier_output import show, to_data
from workbench.cli.options import FLAG, HYPHEN, JSON
from workbench.cli.output import counted, note, print_json
from workbench.cli.services import Services
from workbench.errors import InputError

if TYPE_CHECKING:
    from workbench.ledger import Measures


def frontier(
    *,
    x: Quantity = "cost",
    y: Quantity = "accuracy",
    z: Quantity | None = None,
    tag: Annotated[list[str], FLAG] | None = None,
    kind: Literal["real", "simulated", "recorded"] = "real",
    system: str = "",
    since: str | None = None,
    until: str | None = None,
    hull: Annotated[bool, FLAG] = False,
    eps: str = "",
    reference: str = "",
    linear: Annotated[bool, FLAG] = False,
    against: str = "",
    resamples: int = 2_000,
    seed: int = 7,
    export: Annotated[tuple[Path, ...], HYPHEN, Parameter(negative="")] = (),
    with_data: Annotated[bool, Parameter(alias="--data", negative="", show_default=False)] = False,
    theme: str = "light",
    json: Annotated[bool, JSON] = False,
) -> int:
    """Systems of past runs on two or three axes: which of them no other beats at once on all, and how sure that is.

    Parameters
    ----------
    x, y, z
        Axes: cost, latency, accuracy, disagreement, tokens, each a mean per task.
    tag
        Runs with this tag; given several times, with all of them.
    kind
        Runs of this kind; kinds are never mixed.
    system
        Runs of this system: its name, or its notation.
    since, until
        Runs that started since, before: 90m, 12h, 7d, 2w, today, 2026-11-24, 2026-11-24T09:30.
    hull
        Draw the convex hull (what mixtures of systems reach) instead of the staircase.
    eps
        Differences up to this are none, one value an axis: 0.0001,0.01 (dollars, seconds, tokens, shares).
    reference
        Where the hypervolume ends, one value an axis; by default 1.1 × the worst, accuracy 0.
    linear
        No logarithmic axis.
    against
        This system (its name in the table): how the others' y differs from it, task by task, and how sure that is.
    resamples, seed
        Of the bootstrap over tasks.
    export
        Write the chart to this file, its format by the ending (.svg, .png, .pdf, .html, .vl.json, .csv, .json, .md);
        may be given several times.
    with_data
        The data as CSV beside each file.
    theme
        Colours of the files: light, dark, or a theme of the app.
    json
        As JSON.
    """
    axes: tuple[Quantity, ...] = (x, y) if z is None else (x, y, z)
    options = Options(
        shape="hull" if hull else "staircase",
        eps=_values(eps, axes, "--eps"),
        reference=_values(reference, axes, "--reference"),
        resamples=resamples,
        seed=seed,
    )
    if with_data and not export:
        raise InputError("--with-data needs --export", where="workbench frontier", hint="--export NAME.svg")
    query = Filter(tag=tag or [], kind=kind, system=system, since=since, until=until).query()
    with Services().ledger(read_only=True) as ledger:
        measures = ledger.measures(query)
    found = placed_on(measures.measured, axes, options)
    if not found.placed:
        raise _nothing(measures, found, axes)
    spec = frontier_chart(
        found,
        scales=dict.fromkeys(axes, "linear") if linear else None,
        provenance=provenance(found, query, time.time_ns(), __version__),
        subtitle=subtitle(found),
    )
    pairs = compared(measures.measured, against, y) if against else []
    if json:
        print_json({**to_data(found, measures), **({"against": pairs_data(pairs, against, y)} if against else {})})
    else:
        show(found, measures, spec)
        if against:
            show_pairs(pairs, against, y)
    _export(spec, export, theme, with_data=with_data)
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


def _nothing(measures: Measures, found: Frontier, axes: tuple[Quantity, ...]) -> InputError:
    """Why there is no chart, and what to do."""
    if not measures.runs:
        others = [f"{runs(count, kind)}: --kind {kind}" for kind, count in measures.other_kinds.items()]
        hint = f"There are {', '.join(others)}." if others else "`workbench run` and `workbench compare` record some."
        return InputError(f"no finished {measures.kind} run fits", where="workbench frontier", hint=hint)
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


def _export(spec: ChartSpec, paths: tuple[Path, ...], theme: str, *, with_data: bool) -> None:
    if paths:
        from workbench.charts.export import export_all

        for path in export_all(spec, list(paths), theme=theme, with_data=with_data):
            note(f"wrote {path}")
