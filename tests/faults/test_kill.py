"""A process that records is killed at any moment: what had ended is there, the rest ends as interrupted."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from workbench.engine import events as e
from workbench.engine.grammar import Validator
from workbench.engine.view import RunView
from workbench.ledger import Ledger, open_ledger

ROOT = Path(__file__).parents[2]
MS = 1_000_000
INTERVAL_NS = 250 * MS
COMMIT_NS = 750 * MS
"""What a commit may take on a machine that is busy with other things, the writer's waiting for a core included."""


class Told(NamedTuple):
    """A line of the racer's."""

    what: str
    run: str
    call: str
    at: int
    figure: int


class Loss(NamedTuple):
    """How old what is missing was when the process was killed, in ns; 0 where nothing is."""

    text: int
    calls: int


def start(path: Path, seed: int, count: int = 0) -> subprocess.Popen[bytes]:
    """The racer under way."""
    command = [sys.executable, "-m", "tests.faults.racer", str(path), str(seed), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)


def told(output: bytes) -> list[Told]:
    """Its lines, the last one only where it is whole."""
    lines = [line.split() for line in output.decode().split("\n")[:-1]]
    return [Told(what, run, call, int(at), int(figure)) for what, run, call, at, figure in lines]


def killed(path: Path, seed: int, after_s: float) -> tuple[list[Told], int]:
    """Start it, kill it so long after it is ready: (what it had told, when it was killed on the monotonic clock)."""
    process = start(path, seed)
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first.startswith(b"ready")
    time.sleep(after_s)
    at = time.monotonic_ns()
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    return told(first + rest), at


def check(path: Path, lines: Iterable[Told], at: int) -> Loss:
    """Open the ledger as the next command would, and compare it with what was told."""
    runs: dict[str, list[Told]] = {}
    for line in lines:
        if line.what != "ready":
            runs.setdefault(line.run, []).append(line)
    with open_ledger(path) as ledger:
        assert ledger.check() == []
        losses = [_check_run(ledger, run, told_of_it, at) for run, told_of_it in runs.items()]
        assert not [row for row in ledger.runs(limit=10_000) if row.status is None]
    return Loss(max((loss.text for loss in losses), default=0), max((loss.calls for loss in losses), default=0))


def _check_run(ledger: Ledger, run: str, lines: list[Told], at: int) -> Loss:
    rows = {row.id: row for row in ledger.runs(limit=10_000)}
    if run not in rows:
        assert at - lines[0].at < COMMIT_NS, f"{run} is lost"
        return Loss(max(at - line.at for line in lines), 0)
    events = list(ledger.events(run))
    Validator().feed_all(events).close()
    view = RunView().apply_all(events)
    assert view.to_json() == ledger.view(run).to_json()
    ended = any(line.what == "ended" and at - line.at > COMMIT_NS for line in lines)
    assert view.status in (("done", "degraded") if ended else ("done", "degraded", "interrupted"))
    assert rows[run].status == view.status
    assert rows[run].known_cost == view.known_cost()
    _, sums = ledger.sql(f"SELECT coalesce(sum(cost_pico_usd), 0) FROM calls WHERE run_id = '{run}'")
    assert sums == [(view.known_cost(),)]
    return Loss(_text_lost(events, lines, at), _calls_lost(view, lines, at))


def _text_lost(events: list[e.AnyEvent], lines: list[Told], at: int) -> int:
    """Each call's text is there from its beginning; returns the age of the oldest piece that is not."""
    stored = Counter(event.call for event in events if isinstance(event, e.TextDelta))
    pieces = [event for event in events if isinstance(event, e.TextDelta)]
    oldest = 0
    for call in {line.call for line in lines if line.what == "text"}:
        of_call = [line for line in lines if line.what == "text" and line.call == call]
        sizes = [len(piece.text) for piece in pieces if piece.call == call]
        common = min(len(sizes), len(of_call))
        assert sizes[:common] == [line.figure for line in of_call[:common]]
        oldest = max([oldest, *(at - line.at for line in of_call[stored[call] :])])
    return oldest


def _calls_lost(view: RunView, lines: list[Told], at: int) -> int:
    """A call that had ended costs what it was told to; returns the age of the oldest end that is not there."""
    oldest = 0
    for line in lines:
        if line.what == "finished":
            call = view.calls.get(line.call)
            if call is None or call.error_kind == "interrupted":
                oldest = max(oldest, at - line.at)
            else:
                assert (call.cost or 0) == line.figure
    return oldest


def kill_often(path: Path, times: int, seed: int) -> list[Loss]:
    """The same ledger, over and over."""
    moments = random.Random(seed)
    losses = []
    for index in range(times):
        lines, at = killed(path, index * 1000, moments.uniform(0.0, 1.6))
        losses.append(check(path, lines, at))
        assert losses[-1].text <= INTERVAL_NS + COMMIT_NS
        assert losses[-1].calls <= COMMIT_NS
    return losses


def test_killed_thrice(tmp_path: Path) -> None:
    kill_often(tmp_path / "ledger.db", 3, seed=1)
    with open_ledger(tmp_path / "ledger.db", read_only=True) as ledger:
        assert ledger.count() > 0


def test_a_reader_does_not_call_a_dead_run_under_way(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    lines, _ = killed(path, 0, 1.2)
    with open_ledger(path, read_only=True) as reader:
        statuses = {row.id: row.status for row in reader.runs(limit=1000)}
    assert "interrupted" in statuses.values()
    assert None not in statuses.values()
    assert statuses.keys() <= {line.run for line in lines}


@pytest.mark.slow
def test_killed_sixty_times(tmp_path: Path) -> None:
    kill_often(tmp_path / "ledger.db", 60, seed=2)
    with open_ledger(tmp_path / "ledger.db") as ledger:
        statuses = Counter(row.status for row in ledger.runs(limit=10_000))
        assert statuses["interrupted"] > 60
        assert statuses["done"] > 60
        _, writers = ledger.sql("SELECT count(DISTINCT writer) FROM runs")
    assert writers[0][0] > 40
    # One that died with no run open leaves its lock; a day later it goes.
    left = list((tmp_path / "ledger.db.writers").iterdir())
    assert len(left) < 30
    for file in left:
        os.utime(file, (time.time() - 86_400,) * 2)
    with open_ledger(tmp_path / "ledger.db"):
        pass
    assert not list((tmp_path / "ledger.db.writers").iterdir())


@pytest.mark.slow
def test_killed_while_it_is_mended(tmp_path: Path) -> None:
    """The process that ends the runs of a dead one dies as well; the next one finishes the work."""
    path = tmp_path / "ledger.db"
    lines, at = killed(path, 0, 1.0)
    mending = start(path, 5000, 1)
    assert mending.stdout is not None
    assert mending.stdout.readline().startswith(b"ready")
    mending.kill()
    mending.stdout.close()
    mending.wait()
    loss = check(path, lines, at)
    assert loss.text <= INTERVAL_NS + COMMIT_NS


def test_processes_that_record_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    processes = [start(path, 100 * number, 8) for number in range(2)]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    with open_ledger(path) as ledger:
        assert ledger.check() == []
        ended = {line.run: line.figure for output in outputs for line in told(output) if line.what == "ended"}
        assert len(ended) == ledger.count() == 16
        for row in ledger.runs():
            events = list(ledger.events(row.id))
            assert len(events) == ended[row.id]
            Validator().feed_all(events).close()
            assert row.status != "interrupted"
