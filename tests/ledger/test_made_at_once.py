"""A ledger that many make at once."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Barrier
from pathlib import Path

from workbench.ledger import open_ledger


def make(path: Path, together: Barrier) -> None:
    """In a process of its own: ends with 1 where it can't be opened."""
    together.wait()
    with open_ledger(path) as ledger:
        assert ledger.check() == []


def test_processes_that_make_it_at_the_same_moment_all_have_it(tmp_path: Path) -> None:
    forked = multiprocessing.get_context("fork")
    for number in range(8):
        together = forked.Barrier(4)
        path = tmp_path / f"{number}.db"
        processes = [forked.Process(target=make, args=(path, together)) for _ in range(4)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0] * 4
