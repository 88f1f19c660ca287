"""Curves over k, what-ifs, and disagreement: what the Lab computes while a person waits."""

from __future__ import annotations

import random
from functools import partial

import numpy as np

from benchmarks.common import Figure, end_after, report, seconds
from workbench.analysis import answers, disagreement
from workbench.analysis.pool import Draw, Pool
from workbench.analysis.scaling import curve
from workbench.evals.whatif import evaluate
from workbench.systems.notation import parse_system

TASKS, SAMPLES, RUNS = 1_000, 100, 20_000
SYSTEMS = (
    ("race of 5", "race(5*m)"),
    ("vote of 5", "vote(5*m)"),
    ("short-3 of 5", "vote[tie=shortest](race[take=3](5*m))"),
    ("vote of a race and a draw", "vote(race(2*m), m)"),
    ("recorded verdicts on 5", "verify[recorded/verdict](5*m)"),
    ("the same one by one", "verify[recorded/verdict, mode=serial](5*m)"),
    ("cascade by score", "cascade[recorded/score](m, 2*m, 2*m)"),
    ("cascade by agreement", "cascade[agreement](3*m, vote(5*m))"),
    ("vote of the accepted of 5", "vote(filter[recorded/verdict](5*m))"),
    ("best of 5 by score", "best[recorded/score](5*m)"),
    ("vote weighted by score", "vote[weights=verifier](filter[recorded/score, threshold=0.3](5*m))"),
    ("a judge of 3", "judge[m](3*m)"),
    ("a chain of a pair and a vote", "2*m >> vote(3*m)"),
    ("refinement by recorded verdicts", "refine[recorded/verdict, rounds=2](m)"),
    ("a debate of 3", "debate[rounds=2](3*m)"),
)
BOTH_WAYS = (
    ("race of 5", "race(5*m)"),
    ("recorded verdicts on 5", "verify[recorded/verdict](5*m)"),
    ("a judge of 3", "judge[m](3*m)"),
)
ENGINE = (("a verifier that is a vote, which has no other way", "verify[vote(3*m)](3*m)"),)


def drawn(tasks: int, samples: int) -> Pool:
    """Graded draws with six possible answers, of which the first is right."""
    numbers = np.random.default_rng(1)

    def task() -> tuple[Draw, ...]:
        share = numbers.beta(2, 2)
        odds = [share, *([(1 - share) / 5] * 5)]
        keys = numbers.choice(6, samples, p=odds)
        times, tokens = numbers.lognormal(0, 0.5, samples), numbers.integers(50, 500, samples)
        return tuple(
            Draw(
                key=str(k),
                correct=bool(k == 0),
                latency=float(t),
                tokens=int(n),
                cost=int(n) * 100,
                accepted=bool(k == 0),
                score=1 / (1 + int(k)),
            )
            for k, t, n in zip(keys, times, tokens, strict=True)
        )

    return Pool(tasks={str(i): task() for i in range(tasks)})


def texts(count: int, words: int) -> list[tuple[str, str, answers.Key]]:
    """Free texts that share half of their words."""
    dice = random.Random(3)
    vocabulary = [f"word{i}" for i in range(2_000)]
    common = [dice.choice(vocabulary) for _ in range(words)]
    made = (" ".join(c if dice.random() < 0.5 else dice.choice(vocabulary) for c in common) for _ in range(count))
    return [(str(i), text, answers.extract(text)) for i, text in enumerate(made)]


def what_ifs(name: str, notation: str, pool: Pool, runs: int, *, engine: bool) -> None:
    """One figure, which says the way that was taken."""
    way, speed = fired(notation, pool, runs, engine=engine)
    report(Figure(f"what-ifs, {name}, {way}", speed, "runs/s", 5_000, "higher", "one core"))


def fired(notation: str, pool: Pool, runs: int, *, engine: bool) -> tuple[str, float]:
    """(way, what-ifs a second)."""
    paths: set[str] = set()

    def once() -> None:
        paths.add(evaluate(parse_system(notation), pool, runs=runs, engine=engine).path)

    spent = seconds(once, 2)
    return "/".join(paths), runs / spent


def main() -> None:
    """Print the figures."""
    pool, few = drawn(TASKS, SAMPLES), drawn(20, 10)
    ks = range(1, SAMPLES + 1)
    for rule in ("race", "vote"):
        spent = seconds(partial(curve, pool, rule, ks), 2)
        report(Figure(f"{rule}@k, {TASKS:,} tasks × {SAMPLES} samples, every k", spent, "s", 2.0, "lower"))
    for name, notation in SYSTEMS:
        what_ifs(name, notation, few, RUNS, engine=False)
    for name, notation in BOTH_WAYS:
        _, direct = fired(notation, few, RUNS, engine=False)
        _, engine = fired(notation, few, 2_000, engine=True)
        said = f"the engine: {engine:,.0f} runs/s"
        report(Figure(f"what-ifs, {name}, direct against the engine", direct / engine, "×", 5, "higher", said))
    for name, notation in ENGINE:
        what_ifs(name, notation, few, 2_000, engine=True)
    candidates = texts(100, 500)
    spent = seconds(lambda: disagreement.score(candidates)) * 1000
    report(Figure("disagreement of 100 candidates × 500 tokens", spent, "ms", 20, "lower"))


if __name__ == "__main__":
    end_after(main)
