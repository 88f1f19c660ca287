"""A recorded run's events, exactly as they came."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator

from workbench.engine import events as e
from workbench.engine.view import RunView
from workbench.ledger import texts
from workbench.ledger.blobs import Deltas, Lines
from workbench.ledger.storing import read_blobs


def numbered_events(connection: sqlite3.Connection, run: str) -> Iterator[tuple[int, e.AnyEvent]]:
    """(sequence number, event) in order. All is read at once; events are made as they are asked for.

    Raises `ValueError` or `KeyError` where something is damaged or gone.
    """
    lines, deltas = read_blobs(connection, run)
    streams = [_of_lines(connection, lines), *(_of_deltas(call, part) for call, part in deltas.items())]
    return heapq.merge(*streams, key=lambda pair: pair[0])


def problem(connection: sqlite3.Connection, run: str) -> str | None:
    """Why a run's events can't be read back, None where they can."""
    try:
        lines, deltas = read_blobs(connection, run)
        view = RunView().apply_all(event for _, event in _of_lines(connection, lines))
        for call in deltas:
            view.calls[call]
    except (ValueError, KeyError) as error:
        return f"there is no {error}" if isinstance(error, KeyError) else str(error)
    return None


def _of_lines(connection: sqlite3.Connection, lines: Lines) -> Iterator[tuple[int, e.AnyEvent]]:
    split = lines.text.split("\n") if lines.seqs else []
    names = [name for line in split for name in texts.names_in(line)]
    named = texts.load(connection, names) if names else None
    return _decoded(lines, split, named)


def _decoded(lines: Lines, split: list[str], named: dict[str, str] | None) -> Iterator[tuple[int, e.AnyEvent]]:
    for seq, line in zip(lines.seqs, split, strict=True):
        event = texts.decode_line(line)
        yield seq, event if named is None else texts.whole(event, named)


def _of_deltas(call: str, deltas: Deltas) -> Iterator[tuple[int, e.AnyEvent]]:
    for seq, t, thinking, text in deltas.pieces():
        yield seq, e.TextDelta(t=t, call=call, text=text, channel="thinking" if thinking else "answer")
