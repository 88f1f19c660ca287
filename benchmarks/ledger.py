"""The ledger: calls through recorder and writer thread, and the runs list over 100,000 runs.

Peers in the same run: bare `sqlite3` that writes the very rows the ledger made of the calls (`executemany`, one
transaction), and one bare SELECT that reads as many runs.
"""

from __future__ import annotations

import gc
import itertools
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.common import Figure, end_after, report
from workbench.engine import events as e
from workbench.ledger import Ledger, RunQuery, open_ledger
from workbench.models.base import Message, Prices, Request, Usage

RUNS = 100
CALLS = 500
ANSWER = 120
"""Characters of each answer, which differs from all others; it comes in one chunk: chunks are throughput.py's part."""
WRITE_ROUNDS = 3
ROUNDS = 5
LISTED_RUNS = 100_000
BATCH = 1000
PAGE = 50
STARTED_AT = 1_700_000_000 * 10**9
PRICES = Prices(input=150_000, output=600_000, source="bench")
TABLES = ("texts", "runs", "calls", "candidates", "selections", "run_texts", "event_blobs")


def events(run: int, calls: int) -> list[e.AnyEvent]:
    """A whole run as the engine tells it: `calls` replicas of one prompt, each with an answer of its own."""
    prompt = (Message("user", f"Case {run}. Name the largest planet and say why."),)
    start = e.RunStarted(
        t=0,
        run=f"run-{run:07d}",
        kind="real",
        system="",
        notation=f"race({calls}*lab/m)",
        system_json="{}",
        messages=prompt,
        seed=run,
        started_at=STARTED_AT + run * 10**9,
    )
    made = [e.NodeStarted(t=1, node="", kind="race"), *itertools.chain(*(call(run, i, prompt) for i in range(calls)))]
    end = (
        e.Selected(t=10, node="", winners=("k0",), because="first to finish", considered=("k0",)),
        e.NodeFinished(t=11, node="", status="done"),
        e.RunFinished(t=12, status="done", answer="k0"),
    )
    return [start, *made, *end]


def call(run: int, index: int, prompt: tuple[Message, ...]) -> list[e.AnyEvent]:
    """One call from its queue to its candidate."""
    identity = f"c{index}"
    text = f"Jupiter, by case {run} replica {index}: it has more mass than all others together. ".ljust(ANSWER, ".")
    request = Request(model="lab/m", messages=prompt, temperature=0.8, max_tokens=200, seed=index)
    usage = Usage(prompt_tokens=20, completion_tokens=ANSWER // 4, source="reported")
    queued = e.CallQueued(
        t=2,
        call=identity,
        node="of.0",
        replica=index + 1,
        role="generate",
        request=request,
        endpoint="lab",
        kind="real",
    )
    finished = e.CallFinished(
        t=9,
        call=identity,
        status="done",
        finish_reason="stop",
        usage=usage,
        prices=PRICES,
        cost=5_400_000,
        cost_low=5_400_000,
        cost_high=5_400_000,
    )
    made = e.Candidate(id=f"k{index}", node=f"of.0#{index + 1}", status="done", text=text, calls=(identity,))
    return [
        queued,
        e.CallStarted(t=3, call=identity),
        e.FirstToken(t=4, call=identity),
        e.TextDelta(t=5, call=identity, text=text),
        finished,
        e.CandidateMade(t=9, candidate=made),
    ]


def record(ledger: Ledger, runs: Sequence[Sequence[e.AnyEvent]]) -> None:
    """All runs at once, each with a recorder of its own; returns when they are in the file."""
    recorders = [ledger.recorder() for _ in runs]
    for recorder, run in zip(recorders, runs, strict=True):
        for event in run:
            recorder(event)
    ledger.flush()
    assert not any(recorder.error for recorder in recorders)


def calls_per_second(folder: Path) -> tuple[float, float, Path]:
    """(Call rows a second from the first event to the last commit, the best of some rounds; least CPU µs a call, all
    threads; the last round's file)."""
    runs = [events(run, CALLS) for run in range(RUNS)]
    gc.collect()
    gc.freeze()  # the engine keeps no events; a heap full of them would slow the collector, which is not the ledger's
    taken, used = [], []
    for index in range(WRITE_ROUNDS):
        path = folder / f"calls{index}.db"
        with open_ledger(path) as ledger:
            started, cpu = time.perf_counter(), time.process_time()
            for batch in batches(runs, 10):
                record(ledger, batch)
            taken.append(time.perf_counter() - started)
            used.append(time.process_time() - cpu)
            assert ledger.count(RunQuery()) == RUNS
    return RUNS * CALLS / min(taken), min(used) / (RUNS * CALLS) * 1e6, path


def batches(runs: Sequence[list[e.AnyEvent]], size: int) -> Iterator[Sequence[list[e.AnyEvent]]]:
    """In tens: about as many runs as are under way at once."""
    return (runs[i : i + size] for i in range(0, len(runs), size))


def bare_calls_per_second(path: Path, folder: Path) -> float:
    """The same where bare sqlite3 writes all the ledger's rows of those calls, tables and indexes alike."""
    return max(_bare(path, folder / f"bare{index}.db") for index in range(WRITE_ROUNDS))


def _bare(path: Path, fresh: Path) -> float:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(fresh)) as target:
        target.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        for (statement,) in source.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger'"):
            if "text_search" not in statement:
                target.execute(statement)
        rows = {table: source.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
        calls = len(rows["calls"])
        assert calls == RUNS * CALLS
        started = time.perf_counter()
        with target:
            for table, values in rows.items():
                target.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(values[0]))})", values)
        return calls / (time.perf_counter() - started)


def fill(path: Path) -> None:
    """100,000 runs of one call each, through the recorder."""
    with open_ledger(path) as ledger:
        for first in range(0, LISTED_RUNS, BATCH):
            record(ledger, [events(run, 1) for run in range(first, first + BATCH)])


BARE_LIST = """SELECT r.*, p.content, a.content FROM runs r LEFT JOIN texts p ON p.id = r.prompt_text_id
LEFT JOIN texts a ON a.id = r.answer_text_id WHERE r.deleted_unix_ns IS NULL
ORDER BY r.started_unix_ns DESC, r.id DESC LIMIT ?"""


def list_times(path: Path) -> tuple[float, float, float, float]:
    """Median ms: (open the file and list, list again, a page in the middle, the bare SELECT on a new connection)."""
    opened, again, middle, bare = [], [], [], []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        with closing(sqlite3.connect(path)) as connection:
            assert len(connection.execute(BARE_LIST, (PAGE,)).fetchall()) == PAGE
            bare.append(time.perf_counter() - started)
        started = time.perf_counter()
        with open_ledger(path, read_only=True) as ledger:
            assert len(ledger.runs(limit=PAGE)) == PAGE
            opened.append(time.perf_counter() - started)
            started = time.perf_counter()
            ledger.runs(limit=PAGE)
            again.append(time.perf_counter() - started)
            (anchor,) = ledger.runs(RunQuery(until_unix_ns=STARTED_AT + LISTED_RUNS // 2 * 10**9), limit=1)
            started = time.perf_counter()
            assert len(ledger.runs(limit=PAGE, after=anchor)) == PAGE
            middle.append(time.perf_counter() - started)
    first, second, third, fourth = (statistics.median(times) * 1000 for times in (opened, again, middle, bare))
    return first, second, third, fourth


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, cpu, path = calls_per_second(folder)
        bare = bare_calls_per_second(path, folder)
        listed = folder / "list.db"
        fill(listed)
        opened, again, middle, select = list_times(listed)
    what = (
        f"{RUNS} runs × {CALLS} calls, {ANSWER} characters each; all rows, texts and blobs; {cpu:.0f} µs of CPU a call"
    )
    report(
        Figure("calls through recorder and writer", ours, "calls/s", 20_000, "higher", what),
        Figure(
            "calls through recorder and writer against bare sqlite3 `executemany` of the same rows",
            ours / bare,
            "×",
            0.1,
            "higher",
            f"bare: {bare:,.0f} calls/s, without full-text index, packing or folding",
        ),
        Figure(
            "open the ledger and list the newest runs", opened, "ms", 100, "lower", f"{PAGE} of {LISTED_RUNS:,} runs"
        ),
        Figure(
            "open the ledger and list against a bare SELECT",
            opened / select,
            "×",
            20,
            "lower",
            f"bare {select:.2f} ms; list again {again:.2f} ms, a page in the middle {middle:.2f} ms",
        ),
    )


if __name__ == "__main__":
    end_after(main)
