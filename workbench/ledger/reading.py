"""A recorded run's events, exactly as they came."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator

from workbench.engine import events as e
from workbench.ledger import texts
from workbench.ledger.blobs import Deltas, Lines
from workbench.ledger.storing import read_blobs


def numbered_events(connection: sqlite3.Connection, run: str) -> Iterator[tuple[int, e.AnyEvent]]:
    """(sequence number, event) in order. All is read at once; events are made as they are asked for.

    Raises `ValueError` or `KeyError` where something is damaged or gone.
    """
    lines, deltas = read_blobs(connection, run)
    split = lines.text.split("\n") if lines.seqs else []
    named = texts.load(connection, (name for line in split for name in texts.names_in(line)))
    streams = [_of_lines(lines, split, named), *(_of_deltas(call, part) for call, part in deltas.items())]
    return heapq.merge(*streams, key=lambda pair: pair[0])


def _of_lines(lines: Lines, split: list[str], named: dict[str, str]) -> Iterator[tuple[int, e.AnyEvent]]:
    for seq, line in zip(lines.seqs, split, strict=True):
        event = texts.decode_line(line)
        yield seq, texts.whole(event, named) if named else event


def _of_deltas(call: str, deltas: Deltas) -> Iterator[tuple[int, e.AnyEvent]]:
    for seq, t, thinking, text in deltas.pieces():
        yield seq, e.TextDelta(t=t, call=call, text=text, channel="thinking" if thinking else "answer")
