"""`workbench lab`: what k draws instead of one would have done, from runs that are already paid for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from workbench import __version__
from workbench.analysis import fits
from workbench.analysis.curves import Theory, advised, fitted, formula, over_k, telling
from workbench.analysis.pool import Pool
from workbench.analysis.scaling import Curve, Options
from workbench.analysis.theory import Verified
from workbench.charts.lab_chart import curve_chart
from workbench.charts.lab_words import figure, share
from workbench.charts.spec import Provenance
from workbench.cli.charting import Exports, draw
from workbench.cli.files import write_whole
from workbench.cli.lab_options import WHERE, Calculator, Drawn, Ruled, apart
from workbench.cli.lab_output import curve_table, curves_json, what_if_json
from workbench.cli.options import HYPHEN, JSON, SEED, TEXT
from workbench.cli.output import counted, line, note, one_line, print_json, table, to_json
from workbench.cli.services import Services
from workbench.errors import InputError
from workbench.evals import whatif

RUNS, SEEDED = 10_000, 7
"""Where nobody says."""
LARGEST_K = 9_999
WAYS: dict[whatif.Path, str] = {
    "engine": "through the engine",
    "direct": "without the engine, held equal to it by a test",
    "both": "in part through the engine, where draws end at one moment",
}


def lab(
    *pool: Annotated[str, HYPHEN],
    ruled: Ruled = Ruled(),
    drawn: Drawn = Drawn(),
    system: Annotated[str, TEXT] = "",
    runs: int = RUNS,
    calculator: Calculator = Calculator(),
    seed: Annotated[int, SEED] = SEEDED,
    exports: Exports = Exports(),
    json: Annotated[bool, JSON] = False,
) -> int:
    """What k draws would have made of recorded ones: accuracy, time and cost over k, at no cost. Or, with --p --c --s,
    what verification gains by the formula.

    Parameters
    ----------
    pool
        Runs (ids, `last`), or one JSONL file of samples (docs/lab.md); `-` reads them from standard input.
    system
        Evaluate this system (name, file, notation) on the draws instead of a rule; --export writes its figures as JSON.
    runs
        With --system: how many runs, over all tasks.
    seed
        Seed of every resampling.
    """
    exports.check(WHERE)
    ruled.check()
    named = {"runs or a file": pool, "--system": system, "--runs": runs != RUNS, "--seed": seed != SEEDED}
    if (numbers := calculator.numbers()) is not None:
        others = [name for name in ruled.given() if name != "-k"] + drawn.given()
        apart([name for name, there in named.items() if there] + others, "--p --c --s", "They need no draws.")
        return _calculate(numbers, _ks(ruled.k or "1..10"), exports, json=json)
    if system:
        apart(ruled.given(), "--system", "It takes the place of a rule.")
        apart(["--theme"] if exports.theme != Exports().theme else [], "--system", "Its file holds figures, no chart.")
    elif named["--runs"]:
        raise InputError("--runs needs --system", where=WHERE)
    draws = drawn.pool(pool)
    if draws.note:
        note(f"workbench: {draws.note}")
    if system:
        return _what_if(draws, system, runs, seed, exports, json=json)
    found = _curves(draws, ruled, seed)
    formulas = _formulas(found) if ruled.theory else []
    return _tell(draws, found, formulas, ruled.quantity or telling(found[0][1]), exports, json=json)


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
        match = re.fullmatch(r"([0-9]{1,99})(?:\.\.([0-9]{1,99}))?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last:
            raise InputError(f"{text!r} names no k", where="-k", hint="Such as 1..10, 1,3,5 or 8.")
        if last > LARGEST_K:
            raise InputError(f"{last:,} is too large", where="-k", hint=f"k is at most {LARGEST_K:,}.")
        found += range(first, last + 1)
    return sorted(set(found))


def _curves(pool: Pool, ruled: Ruled, seed: int) -> list[tuple[Pool, Curve]]:
    """A curve for each model."""
    options = Options(m=ruled.m, tau=ruled.tau, seed=seed)
    return over_k(pool, ruled.rule, _ks(ruled.k) if ruled.k else None, options)


def _formulas(found: Sequence[tuple[Pool, Curve]]) -> list[Theory]:
    """Those fitted to the same draws."""
    formulas = fitted(found)
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
    for path in exports.export:
        if not path.name.endswith(".json") or path.name.endswith(".vl.json"):
            raise InputError("the figures of --system are JSON", where=str(path), hint="--export NAME.json")
    found = whatif.evaluate(Services().system(text, pool.models), pool, runs=runs, seed=seed)
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
        note(f"wrote {path}")
    return 0


def _provenance(pool: Pool, curves: Sequence[Curve]) -> Provenance:
    method = " · ".join(dict.fromkeys(f"{c.label}: {c.method}, {c.interval}" for c in curves))
    return Provenance(kind=pool.kind, query=pool.source, runs=pool.runs[:20], version=__version__, method=method)
