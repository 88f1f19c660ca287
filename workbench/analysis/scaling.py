"""What k draws instead of one would have made of the recorded ones: curves over k, each with its interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from msgspec import Struct

from workbench.analysis import draws_exact, draws_sampled
from workbench.analysis.draws import Drawn, columns
from workbench.analysis.draws_exact import Figures
from workbench.analysis.draws_sampled import Tie
from workbench.analysis.pool import Draw, Pool
from workbench.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from workbench.analysis.draws import Floats

Rule: TypeAlias = Literal["pass", "all", "race", "vote", "verify", "serial", "best", "short-m", "cascade"]
RULES: tuple[Rule, ...] = get_args(Rule)
QUANTITIES = ("accuracy", "latency", "tokens", "sequential", "waste", "cost")
RESAMPLES = 2_000
MOST_SAMPLED = 10_000_000
"""Orders × draws × tasks that are looked at, at most, where not all subsets can be. The mean over tasks is then known
far better than the interval over tasks is wide."""
LEVEL = 0.95
_ALONE = 200
_ORDERS_ALONE = 500
"""Of a task that stands alone, drawn again: what so few add to an interval is little beside the draws' own spread."""


class Band(Struct, frozen=True):
    """A figure by k with its interval."""

    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class Curve(Struct, frozen=True, kw_only=True):
    """One rule over k. A figure is None where a draw of every task lacks what it rests on.

    Latency in seconds, cost in pico-dollars, tokens as counts, all means per task.
    """

    rule: Rule
    label: str
    model: str = ""
    k: tuple[int, ...]
    accuracy: Band | None = None
    latency: Band | None = None
    tokens: Band | None = None
    sequential: Band | None = None
    waste: Band | None = None
    cost: Band | None = None
    tasks: int
    """How many tasks the figures are means of."""
    left_out: int = 0
    """Tasks with fewer draws than the largest k, or without any."""
    graded: int = 0
    method: str = "exact"
    """How each task's figure is made: `exact`, or `orders 200 · seed 7`."""
    interval: str = ""
    """What the interval is: `95 % bootstrap 2,000 over 164 tasks · seed 7`."""


class Options(Struct, frozen=True, kw_only=True):
    """What some rules need beside k."""

    m: int = 3
    """short-m: how many finishers vote."""
    tau: float = 0.5
    """cascade: the least score that is accepted."""
    tie: Tie = "first"
    """vote: which of two equally large clusters wins."""
    seed: int = 7


def curve(pool: Pool, rule: Rule, ks: Sequence[int], options: Options | None = None) -> Curve:
    """The rule over `ks`, from a pool of one model's draws (a cascade takes its models in order instead). Tasks with
    fewer draws than the largest k are left out. Raises `InputError` where nothing is left."""
    import numpy as np

    options, wanted = options or Options(), tuple(sorted(set(ks)))
    models = pool.models
    if len(models) > 1 and rule == "cascade":
        return cascade(pool, options)
    enough = _enough(pool, rule, wanted)
    random = np.random.default_rng(options.seed)
    cells = sum(len(draws) for draws in enough)
    orders = max(50, min(RESAMPLES, MOST_SAMPLED // max(cells, 1)))
    work = _worker(rule, wanted, options, orders, random)
    by_task = [work(columns(draws)) for draws in enough]
    again = _worker(rule, wanted, options, min(orders, _ORDERS_ALONE), random)
    alone = [again(drawn) for drawn in _again(enough[0], random)] if len(enough) == 1 else None
    sampled = rule in ("vote", "short-m") and not all(draws_sampled.enumerable(len(d), wanted) for d in enough)
    return Curve(
        rule=rule,
        label=label(rule, options),
        model=models[0] if models else "",
        k=wanted,
        tasks=len(enough),
        left_out=len(pool.tasks) - len(enough),
        graded=sum(f.accuracy is not None for f in by_task),
        method=f"orders {orders:,} · seed {options.seed}" if sampled else "exact",
        interval=_said(len(enough), len(enough[0]), options.seed),
        **bands(by_task, random, alone),
    )


def _enough(pool: Pool, rule: Rule, ks: tuple[int, ...]) -> list[Sequence[Draw]]:
    if not ks or ks[0] < 1:
        raise InputError("k begins at 1", where="-k")
    if len(pool.models) > 1:
        hint = f"Choose one: {', '.join(pool.models)}."
        raise InputError("samples of several models are not exchangeable", where=rule, hint=hint)
    enough: list[Sequence[Draw]] = [draws for draws in pool.tasks.values() if len(draws) >= ks[-1]]
    if not enough:
        raise InputError(
            f"no task has {ks[-1]} draws", where="-k", hint=f"The fewest that a task has are {pool.least}."
        )
    return enough


def label(rule: Rule, options: Options) -> str:
    """How a person reads the rule."""
    words = {"pass": "pass@k", "all": "pass^k", "verify": "verify@k", "serial": "verify@k, one by one"}
    if rule == "short-m":
        return f"short-{options.m}@k"
    return f"cascade at {options.tau:g}" if rule == "cascade" else words.get(rule, f"{rule}@k")


def _said(tasks: int, draws: int, seed: int) -> str:
    if tasks == 1:
        return f"95 % bootstrap {_ALONE} over the {draws} draw{'s' * (draws != 1)} of one task · seed {seed}"
    return f"95 % bootstrap {RESAMPLES:,} over {tasks:,} tasks · seed {seed}"


def _worker(
    rule: Rule, ks: tuple[int, ...], options: Options, orders: int, random: np.random.Generator
) -> Callable[[Drawn], Figures]:
    """What makes one task's figures."""
    exact = {
        "pass": draws_exact.coverage,
        "all": draws_exact.reliability,
        "race": draws_exact.race,
        "verify": draws_exact.verify_parallel,
        "serial": draws_exact.verify_serial,
        "best": draws_exact.best,
    }
    if rule in exact:
        made = exact[rule]
        return lambda drawn: made(drawn, ks)
    if rule == "cascade":
        return lambda drawn: draws_exact.retry(drawn, ks, options.tau)
    if rule == "vote":
        return lambda drawn: draws_sampled.vote(drawn, ks, options.tie, orders, random)
    return lambda drawn: draws_sampled.short_m(drawn, ks, options.m, orders, random)


def _again(draws: Sequence[Draw], random: np.random.Generator) -> list[Drawn]:
    """One task alone: its draws, drawn again with replacement."""
    drawn = columns(draws)
    return [drawn.take(random.integers(0, drawn.n, drawn.n)) for _ in range(_ALONE)]


def bands(
    by_task: Sequence[Figures], random: np.random.Generator, alone: Sequence[Figures] | None = None
) -> dict[str, Any]:
    """Means over tasks with percentile intervals; a task that lacks a figure is left out of that figure's mean."""
    found: dict[str, Any] = {}
    weights: dict[int, Floats] = {}
    for name in QUANTITIES:
        rows = [row for figures in by_task if (row := getattr(figures, name)) is not None]
        others = None if alone is None else [r for f in alone if (r := getattr(f, name)) is not None]
        if rows and not others and len(rows) not in weights:
            weights[len(rows)] = _weights(len(rows), random)
        found[name] = _band(rows, others, weights.get(len(rows))) if rows else None
    return found


def _weights(tasks: int, random: np.random.Generator) -> Floats:
    """[resample, task]: how much each task counts; the same for all figures, which then move together."""
    import numpy as np

    return np.asarray(random.multinomial(tasks, np.full(tasks, 1 / tasks), size=RESAMPLES) / tasks)


def _band(rows: list[Floats], alone: list[Floats] | None, weights: Floats | None) -> Band:
    import numpy as np

    table = np.array(rows)
    means = weights @ table if weights is not None and not alone else np.array(alone)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    value = table.mean(axis=0)
    return Band(*(tuple(map(float, row)) for row in (value, np.minimum(low, value), np.maximum(high, value))))


def cascade(pool: Pool, options: Options) -> Curve:
    """The models in the pool's order, one draw of each; the first whose score is `tau` or more ends it, the last one's
    answer stands. k is how many of the models there are. Exact: draws of different models are independent."""
    import numpy as np

    models = pool.models
    by_task: list[Figures] = []
    for draws in pool.tasks.values():
        stages = [columns([d for d in draws if d.model == model]) for model in models]
        if all(stage.n for stage in stages):
            by_task.append(_descent(stages, options.tau))
    if not by_task:
        raise InputError("no task has a draw of every model", where="cascade")
    return Curve(
        rule="cascade",
        label=label("cascade", options),
        model=" → ".join(models),
        k=tuple(range(1, len(models) + 1)),
        tasks=len(by_task),
        left_out=len(pool.tasks) - len(by_task),
        graded=sum(f.accuracy is not None for f in by_task),
        interval=_said(len(by_task), 0, options.seed),
        **bands(by_task, np.random.default_rng(options.seed)),
    )


def _descent(stages: Sequence[Drawn], tau: float) -> Figures:
    import numpy as np

    tests = [_passes(stage, tau) for stage in stages]
    found = Figures()
    if any(test is None for test in tests[:-1]):
        return found
    odds = [1.0]
    for test in tests[:-1]:
        odds.append(odds[-1] * (1 - float(np.mean(test if test is not None else 0))))

    def spent(values: Sequence[Floats | None]) -> Floats | None:
        known = [v for v in values if v is not None]
        if len(known) < len(values):
            return None
        return np.cumsum([reached * v.mean() for reached, v in zip(odds, known, strict=True)])

    found.latency = spent([s.latency for s in stages])
    found.tokens = found.sequential = spent([s.tokens for s in stages])
    found.cost = spent([s.cost for s in stages])
    if all(s.correct is not None for s in stages):
        ended = [
            reached * float(np.mean(s.correct * t)) if t is not None and s.correct is not None else 0.0
            for reached, s, t in zip(odds, stages, tests, strict=True)
        ]
        finals = [
            reached * float(np.mean(s.correct))
            for reached, s in zip(odds, stages, strict=True)
            if s.correct is not None
        ]
        found.accuracy = np.array([sum(ended[:last]) + finals[last] for last in range(len(stages))])
    return found


def _passes(stage: Drawn, tau: float) -> Floats | None:
    if stage.score is not None:
        return ((stage.score >= tau) & stage.done).astype(float)
    return None if stage.accepted is None else stage.accepted.astype(float)
