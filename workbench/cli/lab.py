"""`workbench lab`: what k draws instead of one would have done, from runs that are already paid for."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
from workbench.charts.spec import Provenance
from workbench.cli.charting import Exports, draw
from workbench.cli.files import write_whole
from workbench.cli.lab_options import Calculator, Drawn
from workbench.cli.lab_output import curve_table, curves_json, what_if_json
from workbench.cli.options import FLAG, HYPHEN, JSON, SEED, TEXT
from workbench.cli.output import counted, line, note, one_line, print_json, table, to_json
from workbench.cli.services import Services
from workbench.errors import InputError
from workbench.evals import whatif

WAYS: dict[whatif.Path, str] = {
    "engine": "through the engine",
    "direct": "without the engine, held equal to it by a test",
    "both": "in part through the engine, where draws end at one moment",
}


def lab(
    *pool: Annotated[str, HYPHEN],
    rule: scaling.Rule = "race",
    k: Annotated[str, TEXT, Parameter(alias="-k")] = "",
    m: int = 3,
    tau: float = 0.5,
    drawn: Drawn = Drawn(),
    system: Annotated[str, TEXT] = "",
    runs: int = 10_000,
    theory: Annotated[bool, FLAG] = False,
    quantity: Literal["accuracy", "latency", "cost", "tokens", "sequential", "waste"] | None = None,
    calculator: Calculator = Calculator(),
    seed: Annotated[int, SEED] = 7,
    exports: Exports = Exports(),
    json: Annotated[bool, JSON] = False,
) -> int:
    """What k draws would have made of recorded ones: accuracy, time and cost over k, at no cost. Or, with --p --c --s,
    what verification gains by the formula.

    Parameters
    ----------
    pool
        Runs (ids, `last`), or one JSONL file of samples (docs/lab.md); `-` reads them from standard input.
    rule
        race, vote, verify, serial (verify one by one), best, pass (any right), all (every one right), short-m, cascade.
    k
        How many draws: 1..10, 1,3,5 or 8; by default 1 to 10, as far as the draws reach.
    m
        short-m: how many finishers vote.
    tau
        cascade: the least score that is accepted.
    system
        Evaluate this system (name, file, notation) on the draws instead of a rule; --export writes its figures as JSON.
    runs
        With --system: how many runs, over all tasks.
    theory
        Draw the formula fitted to the draws over the measurement.
    quantity
        What the chart shows; by default accuracy, or latency where nothing is graded.
    seed
        Seed of every resampling.
    """
    exports.check("workbench lab")
    if (numbers := calculator.numbers()) is not None:
        if pool or drawn.tag or system:
            raise InputError("--p --c --s is a calculator and reads no draws", where="workbench lab")
        return _calculate(numbers, _ks(k or "1..10"), exports, json=json)
    if m < 1:
        raise InputError("must be at least 1", where="--m")
    draws = drawn.pool(pool)
    if draws.note:
        note(f"workbench: {draws.note}")
    if system:
        return _what_if(draws, system, runs, seed, exports, json=json)
    found = _curves(draws.of(drawn.model) if drawn.model else draws, rule, k, Options(m=m, tau=tau, seed=seed))
    formulas = _formulas(found) if theory else []
    return _tell(draws, found, formulas, quantity or telling(found[0][1]), exports, json=json)


def _tell(
    pool: Pool,
    found: Sequence[tuple[Pool, Curve]],
    formulas: Sequence[Theory],
    quantity: str,
    exports: Exports,
    *,
    json: bool,
) -> int:
    """Chart, tables and advice, or the same as JSON."""
    curves, advice = [curve for _, curve in found], advised(found)
    source, title = _provenance(pool, curves), f"{quantity} over k · {one_line(pool.source, 60)}"
    spec = curve_chart(curves, formulas, quantity=quantity, provenance=source, title=title)
    if json:
        print_json(curves_json(pool, curves, formulas, advice))
    else:
        draw(spec)
        for curve in curves:
            curve_table(curve)
        for text in advice:
            line(one_line(text))
    exports.write(spec)
    return 0


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


def _curves(pool: Pool, rule: scaling.Rule, k: str, options: Options) -> list[tuple[Pool, Curve]]:
    """A curve for each model."""
    return over_k(pool, rule, _ks(k) if k else None, options)


def _formulas(found: Sequence[tuple[Pool, Curve]]) -> list[Theory]:
    """Those fitted to the same draws."""
    formulas = [said for part, curve in found if (said := fitted(part, curve)) is not None]
    if not formulas:
        note(f"workbench: no formula speaks of {found[0][1].label} on these draws")
    return formulas


def _calculate(numbers: Verified, ks: Sequence[int], exports: Exports, *, json: bool) -> int:
    said = fits.verdict_on(numbers)
    rows = [{"k": k, "accuracy": numbers.accuracy(k), "serial_calls": numbers.serial_calls(k)} for k in ks]
    data = {"p": numbers.p, "c": numbers.c, "s": numbers.s, "ceiling": numbers.ceiling, "rows": rows, "advice": [said]}
    spec = curve_chart(
        [], [formula(numbers, ks)], title="accuracy by the formula", provenance=Provenance(kind="theory")
    )
    if json:
        print_json(data)
    else:
        draw(spec)
        shown = [(str(k), share(numbers.accuracy(k)), f"{numbers.serial_calls(k):.2f}") for k in ks]
        table(("k", "accuracy", "calls, one by one"), shown, right=("k", "accuracy", "calls, one by one"))
        line(said)
    exports.write(spec)
    return 0


def _what_if(pool: Pool, text: str, runs: int, seed: int, exports: Exports, *, json: bool) -> int:
    if runs < 1:
        raise InputError("must be at least 1", where="--runs")
    if exports.with_data:
        raise InputError("the figures of --system are data themselves", where="--with-data")
    found = whatif.evaluate(Services().system(text), pool, runs=runs, seed=seed)
    for caveat in found.notes:
        note(f"workbench: {caveat}")
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
    for path in exports.export:
        write_whole(path, [to_json(data), "\n"])
    return 0


def _provenance(pool: Pool, curves: Sequence[Curve]) -> Provenance:
    method = " · ".join(dict.fromkeys(f"{c.label}: {c.method}, {c.interval}" for c in curves))
    return Provenance(kind=pool.kind, query=pool.source, runs=pool.runs[:20], version=__version__, method=method)
