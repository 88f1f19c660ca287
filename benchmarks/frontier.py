"""The frontier: 50 systems × 1,000 tasks × 2,000 resamples, and the cells of a ledger of 1,000,000 calls.

Peers in the same run: the same bootstrap in plain Python (one list comprehension a system and resample), and the same
cells made in Python from the rows that a bare SELECT reads.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.common import Figure, end_after, report, seconds
from workbench.analysis.frontier import Options, frontier
from workbench.analysis.measures import Cell, Measured
from workbench.ledger import open_ledger

SYSTEMS, TASKS, RESAMPLES = 50, 1_000, 2_000
PLAIN_RESAMPLES = 20
"""Of the peer in plain Python, which would take minutes."""
RUNS, CALLS = 100_000, 10
"""1,000,000 calls."""
STARTED_AT = 1_700_000_000 * 10**9
ROUNDS = 5


def systems() -> list[Measured]:
    """Every system with another cost and share of right answers."""
    dice = random.Random(1)

    def cell(cost: float, share: float) -> Cell:
        spent = cost * dice.lognormvariate(0, 0.5)
        return Cell(repeats=1, graded=1, right=dice.random() < share, cost=spent, latency=spent * 10, tokens=100.0)

    made = []
    for number in range(SYSTEMS):
        cost, share = dice.lognormvariate(20, 1.5), dice.random()
        cells = {f"task-{task}": cell(cost, share) for task in range(TASKS)}
        made.append(Measured(system=f"system-{number}", kind="real", cells=cells))
    return made


def plain(measured: Sequence[Measured], resamples: int) -> list[float]:
    """P(on the frontier) of cost and accuracy, without arrays."""
    dice = random.Random(7)
    tasks = list(measured[0].cells)
    table = [[(each.cells[task].cost or 0.0, each.cells[task].accuracy or 0.0) for task in tasks] for each in measured]
    counts = [0] * len(table)
    for _ in range(resamples):
        drawn = dice.choices(range(len(tasks)), k=len(tasks))
        points = [(sum(row[i][0] for i in drawn), sum(row[i][1] for i in drawn)) for row in table]
        for at, (cost, right) in enumerate(points):
            counts[at] += not any(c <= cost and r >= right and (c, r) != (cost, right) for c, r in points)
    return [count / resamples for count in counts]


def fill(path: Path) -> None:
    """100,000 graded runs of 10 calls each, written as rows: 50 systems on 1,000 prompts, two runs of each."""
    with open_ledger(path):
        pass
    with closing(sqlite3.connect(path)) as connection, connection:
        texts = [(i + 1, f"{i:064x}", f"Question {i}: what is {i} × 7?") for i in range(TASKS)]
        texts += [(TASKS + i + 1, f"{TASKS + i:064x}", f'{{"name": "system-{i}"}}') for i in range(SYSTEMS)]
        connection.executemany("INSERT INTO texts (id, sha256, content) VALUES (?, ?, ?)", texts)
        connection.executemany(f"INSERT INTO runs ({_RUN}) VALUES ({_marks(_RUN)})", map(_run, range(RUNS)))
        connection.executemany(f"INSERT INTO calls ({_CALL}) VALUES ({_marks(_CALL)})", _calls())
        grades = ((f"run-{i:07d}", "user", ("right", "wrong")[i % 3 == 0], STARTED_AT + i) for i in range(RUNS))
        connection.executemany(
            "INSERT INTO grades (run_id, graded_by, grade, graded_unix_ns) VALUES (?, ?, ?, ?)", grades
        )


_RUN = (
    "id, kind, system, notation, system_text_id, prompt_text_id, status, answer_key, started_unix_ns, wall_ns, "
    "first_token_ns, call_count, prompt_tokens, completion_tokens, cost_pico_usd, known_cost_pico_usd, "
    "real_cost_pico_usd, waste_pico_usd, score_name, score, writer"
)
_CALL = "run_id, id, node, replica, role, model, endpoint, kind, status, completion_tokens, cost_pico_usd"


def _marks(columns: str) -> str:
    return ", ".join("?" * len(columns.split(",")))


def _run(i: int) -> tuple[Any, ...]:
    system, cost = i % SYSTEMS, 5_400_000 * (i % 977 + 1)
    line = f"judge[openai/gpt-4o-mini](race[take=3, rule=thinking]({system + 2}*openrouter/deepseek/deepseek-r1@0.8))"
    spent = (cost, cost, cost, cost // 3)
    return (
        f"run-{i:07d}", "real", f"system-{system}", line, TASKS + system + 1, i // SYSTEMS % TASKS + 1, "done",
        str(i % 11), STARTED_AT + i * 10**9, 10**9 + i, 10**8, CALLS, 200 + i % 50, 900 + i % 77, *spent,
        "entropy", (i % 10) / 10, "bench-1",
    )  # fmt: skip


def _calls() -> Iterator[tuple[Any, ...]]:
    for i in range(RUNS):
        for call in range(CALLS):
            yield (
                f"run-{i:07d}", f"c{call}", "of.0/of.0", call, "generate", "openrouter/deepseek/deepseek-r1",
                "openrouter", "real", "done", 90, 540_000,
            )  # fmt: skip


BARE = """SELECT r.system, r.notation, r.prompt_text_id, r.cost_pico_usd, r.wall_ns,
r.prompt_tokens + r.completion_tokens, r.score, g.grade FROM runs r LEFT JOIN grades g ON g.run_id = r.id
WHERE r.kind = 'real' AND r.deleted_unix_ns IS NULL AND r.status = 'done'"""


def bare(path: Path) -> dict[tuple[str, str, int], list[float]]:
    """The same sums row by row in Python."""
    cells: defaultdict[tuple[str, str, int], list[float]] = defaultdict(lambda: [0] * 6)
    with closing(sqlite3.connect(path)) as connection:
        for system, notation, prompt, cost, wall, tokens, score, grade in connection.execute(BARE):
            cell = cells[system, notation, prompt]
            for at, value in enumerate((1, cost, wall, tokens, score, grade == "right")):
                cell[at] += value
    return cells


def cells_ms(path: Path) -> float:
    """Milliseconds of the ledger's answer, the fastest of a few, the file open as the app has it."""
    with open_ledger(path, read_only=True) as ledger:
        found = ledger.measures()
        assert len(found.measured) == SYSTEMS
        assert sum(len(each.cells) for each in found.measured) == SYSTEMS * TASKS
        return seconds(ledger.measures, ROUNDS) * 1000


def main() -> None:
    """Print the figures."""
    measured = systems()
    spent = seconds(lambda: frontier(measured, ("cost", "accuracy"), Options(resamples=RESAMPLES)))
    three = seconds(lambda: frontier(measured, ("cost", "accuracy", "latency"), Options(resamples=RESAMPLES)))
    start = time.perf_counter()
    plain(measured, PLAIN_RESAMPLES)
    peer = (time.perf_counter() - start) * RESAMPLES / PLAIN_RESAMPLES
    what = f"{SYSTEMS} systems × {TASKS:,} tasks × {RESAMPLES:,} resamples"
    detail = f"plain Python {peer:.0f} s, from {PLAIN_RESAMPLES} resamples"
    report(Figure("bootstrap of the frontier against plain Python", peer / spent, "×", 50, "higher", detail))
    report(Figure(f"P(on the frontier), {what}", spent, "s", 2.0, "lower", f"on three axes {three:.2f} s"))
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "ledger.db"
        fill(path)
        ours = cells_ms(path)
        theirs = seconds(lambda: bare(path)) * 1000
    said = f"{RUNS:,} graded runs × {CALLS} calls; bare rows added up in Python {theirs:.0f} ms"
    report(Figure("cells of the ledger against rows added up in Python", theirs / ours, "×", 1.0, "higher", said))
    report(Figure("cells of systems × tasks, ledger of 1,000,000 calls", ours, "ms", 300, "lower"))


if __name__ == "__main__":
    end_after(main)
