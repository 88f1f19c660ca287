"""`workbench lab`: what k draws instead of one would have done, from runs that are already paid for."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from workbench import __version__
from workbench.analysis import fits, scaling
from workbench.analysis.curves import Theory, advised, fitted, formula, over_k, telling
from workbench.analysis.pool import Pool
from workbench.analysis.scaling import Curve, Options
from workbench.analysis.theory import Verified
from workbench.charts.lab_chart import curve_chart
from workbench.charts.lab_words import figure, share
from workbench.charts.spec import ChartSpec, Provenance
from workbench.cli.files import write_whole
from workbench.cli.lab_output import curve_table, curves_json, what_if_json
from workbench.cli.options import FLAG, HYPHEN, JSON
from workbench.cli.output import counted, line, note, one_line, print_json, table, to_json, write_lines
from workbench.cli.services import Services
from workbench.errors import InputError
from workbench.evals import pools, whatif

MOST_RUNS = 10_000
WAYS: dict[whatif.Path, str] = {
    "engine": "through the engine",
    "direct": "without the engine, held equal to it by a test",
    "both": "in part through the engine, where draws end at one moment",
}


def lab(
    *pool: str,
    rule: scaling.Rule = "race",
    k: Annotated[str, Parameter(alias="-k")] = "",
    m: int = 3,
    tau: float = 0.5,
    model: str = "",
    system: str = "",
    runs: int = 10_000,
    theory: Annotated[bool, FLAG] = False,
    quantity: Literal["accuracy", "latency", "cost", "tokens", "sequential", "waste"] | None = None,
    p: float | None = None,
    c: float | None = None,
    s: float | None = None,
    tag: Annotated[list[str], FLAG] | None = None,
    kind: Literal["real", "simulated", "recorded"] | None = None,
    seed: int = 7,
    export: Annotated[Path | None, HYPHEN] = None,
    json: Annotated[bool, JSON] = False,
) -> int:
    """What k draws would have made of recorded ones: accuracy, time and cost over k, at no cost. Or, with --p --c --s,
    what verification gains by the formula.

    Parameters
    ----------
    pool
        Runs (ids, `last`), or one JSONL file of samples (docs/lab.md).
    rule
        race, vote, verify, serial (verify one by one), best, pass (any right), all (every one right), short-m, cascade.
    k
        How many draws: 1..10, 1,3,5 or 8; by default 1 to 10, as far as the draws reach.
    m
        short-m: how many finishers vote.
    tau
        cascade: the least score that is accepted.
    model
        Only the draws of this model.
    system
        Evaluate this system (name, file, notation) on the draws instead of a rule.
    runs
        With --system: how many runs, over all tasks.
    theory
        Draw the formula fitted to the draws over the measurement.
    quantity
        What the chart shows; by default accuracy, or latency where nothing is graded.
    p
        Calculator: share of right draws.
    c
        Calculator: share of right draws that are accepted.
    s
        Calculator: share of wrong draws that are rejected.
    tag
        Runs with this tag; given several times, with all of them.
    kind
        With --tag: runs of this kind.
    seed
        Seed of every resampling.
    export
        Write the chart to this file, its format by the ending (.svg, .png, .pdf, .html, .csv, .json, .md); with
        --system the figures, as JSON.
    json
        As JSON.
    """
    numbers = _numbers(p, c, s)
    if numbers is not None:
        if pool or tag or system:
            raise InputError("--p --c --s is a calculator and reads no draws", where="workbench lab")
        return _calculate(numbers, _ks(k or "1..10"), export, json=json)
    if m < 1:
        raise InputError("must be at least 1", where="--m")
    drawn = _pool(pool, tag or [], kind)
    if drawn.note:
        note(f"workbench: {drawn.note}")
    if system:
        return _what_if(drawn, system, runs, seed, export, json=json)
    options = Options(m=m, tau=tau, seed=seed)
    found, formulas = _curves(drawn.of(model) if model else drawn, rule, k, options, theory=theory)
    curves, advice = [curve for _, curve in found], advised(found)
    shown: str = quantity or telling(curves[0])
    source = _provenance(drawn, curves)
    spec = curve_chart(curves, formulas, quantity=shown, provenance=source, title=_title(drawn, shown))
    if json:
        print_json(curves_json(drawn, curves, formulas, advice))
    else:
        _draw(spec)
        for curve in curves:
            curve_table(curve)
        for text in advice:
            line(one_line(text))
    _export(spec, export)
    return 0


def _numbers(p: float | None, c: float | None, s: float | None) -> Verified | None:
    if p is None and c is None and s is None:
        return None
    if p is None or c is None or s is None:
        raise InputError("--p, --c and --s go together", where="workbench lab", hint="Such as --p .6 --c .9 --s .7")
    for name, value in (("--p", p), ("--c", c), ("--s", s)):
        if not 0 <= value <= 1:
            raise InputError(f"must be between 0 and 1, not {value:g}", where=name)
    return Verified(p=p, c=c, s=s)


def _ks(text: str) -> list[int]:
    """`1..10`, `1,3,5` or `8`. Raises `InputError`."""
    found: list[int] = []
    for part in text.replace(" ", "").split(","):
        match = re.fullmatch(r"(\d{1,4})(?:\.\.(\d{1,4}))?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last:
            raise InputError(f"{text!r} names no k", where="-k", hint="Such as 1..10, 1,3,5 or 8.")
        found += range(first, last + 1)
    return sorted(set(found))


def _pool(refs: Sequence[str], tags: Sequence[str], kind: str | None) -> Pool:
    """The draws that the arguments mean. Raises `InputError`."""
    if not refs and not tags:
        hint = "`workbench lab last`, `workbench lab samples.jsonl`, `workbench lab --tag study`, or --p --c --s."
        raise InputError("needs runs or a file of samples", where="workbench lab", hint=hint)
    if len(refs) == 1 and Path(refs[0]).expanduser().is_file():
        return pools.from_file(Path(refs[0]).expanduser())
    if any(ref.endswith((".jsonl", ".jsonl.gz")) for ref in refs):
        raise InputError("there is no such file", where=next(ref for ref in refs if ".jsonl" in ref))
    from workbench.ledger import RunQuery

    with Services().ledger(read_only=True) as ledger:
        ids = [ledger.resolve(ref) for ref in refs]
        if tags:
            ids += [row.id for row in ledger.runs(RunQuery(tags=tuple(tags), kind=kind), limit=MOST_RUNS)]
        if not ids:
            raise InputError(f"no run has the tag{'s' * (len(tags) > 1)} {', '.join(tags)}", where="--tag")
        return pools.from_ledger(ledger, list(dict.fromkeys(ids)))


def _curves(
    pool: Pool, rule: scaling.Rule, k: str, options: Options, *, theory: bool
) -> tuple[list[tuple[Pool, Curve]], list[Theory]]:
    """A curve for each model, and the formulas fitted to the same draws."""
    found = over_k(pool, rule, _ks(k) if k else None, options)
    formulas = [said for part, curve in found if (said := fitted(part, curve)) is not None]
    if theory and not formulas:
        note(f"workbench: no formula speaks of {found[0][1].label} on these draws")
    return found, formulas if theory else []


def _calculate(numbers: Verified, ks: Sequence[int], export: Path | None, *, json: bool) -> int:
    said = fits.verdict_on(numbers)
    rows = [{"k": k, "accuracy": numbers.accuracy(k), "serial_calls": numbers.serial_calls(k)} for k in ks]
    data = {"p": numbers.p, "c": numbers.c, "s": numbers.s, "ceiling": numbers.ceiling, "rows": rows, "advice": [said]}
    spec = curve_chart(
        [], [formula(numbers, ks)], title="accuracy by the formula", provenance=Provenance(kind="theory")
    )
    if json:
        print_json(data)
    else:
        _draw(spec)
        shown = [(str(k), share(numbers.accuracy(k)), f"{numbers.serial_calls(k):.2f}") for k in ks]
        table(("k", "accuracy", "calls, one by one"), shown, right=("k", "accuracy", "calls, one by one"))
        line(said)
    _export(spec, export)
    return 0


def _what_if(pool: Pool, text: str, runs: int, seed: int, export: Path | None, *, json: bool) -> int:
    if runs < 1:
        raise InputError("must be at least 1", where="--runs")
    found = whatif.evaluate(Services().system(text), pool, runs=runs, seed=seed)
    data = what_if_json(pool, found)
    if json:
        print_json(data)
    else:
        figures = whatif.intervals(found)
        shown = {name: figure(name, figures[name]) for name in ("accuracy", "latency", "cost", "tokens")}
        one = len(pool.tasks) == 1
        rows = [(name, value, "one task" if one else ends) for name, (value, ends) in shown.items()]
        table(("figure", "mean", "95 %"), rows, right=("mean", "95 %"))
        how = WAYS[found.path]
        many = counted(len(found.outcomes), "run")
        kind = "recorded" if pool.kind == "recorded" else f"recorded from {pool.kind} runs"
        tasks = counted(len(pool.tasks), "task")
        line(f"{kind} · {many} on {tasks} of {one_line(pool.source)} · seed {seed} · {how}")
    if export is not None:
        write_whole(export, [to_json(data), "\n"])
    return 0


def _title(pool: Pool, quantity: str) -> str:
    return f"{quantity} over k · {one_line(pool.source, 60)}"


def _provenance(pool: Pool, curves: Sequence[Curve]) -> Provenance:
    method = " · ".join(dict.fromkeys(f"{c.label}: {c.method}, {c.interval}" for c in curves))
    return Provenance(kind=pool.kind, query=pool.source, runs=pool.runs[:20], version=__version__, method=method)


def _draw(spec: ChartSpec) -> None:
    from workbench.charts.terminal import draw

    width = min(100, shutil.get_terminal_size((80, 24)).columns)
    write_lines(draw(spec, width, 16, colour=sys.stdout.isatty()))


def _export(spec: ChartSpec, path: Path | None) -> None:
    """The chart as a file, its format by the name's ending. Raises `InputError`."""
    if path is not None:
        from workbench.charts.export import export

        export(spec, path)
