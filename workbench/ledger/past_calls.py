"""What recent calls of a model came to: for estimates before a run is fired."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from msgspec import Struct

RUNS = 200
"""So many of the newest runs are looked at."""
ROWS = 2_000


class PastCalls(Struct, frozen=True):
    """Recent calls of one model that ended by themselves; both lists sorted."""

    tokens: tuple[int, ...] = ()
    """Completion tokens."""
    ns: tuple[int, ...] = ()
    """From being sent to the end."""


def select(connection: sqlite3.Connection, models: Sequence[str]) -> dict[str, PastCalls]:
    """By model; one without calls among the newest runs is left out."""
    asked = ", ".join("?" * len(models))
    statement = f"""SELECT c.model, c.completion_tokens, c.finished_ns - c.started_ns FROM
        (SELECT id FROM runs WHERE deleted_unix_ns IS NULL ORDER BY started_unix_ns DESC, id DESC LIMIT {RUNS}) r
        CROSS JOIN calls c ON c.run_id = r.id WHERE c.status = 'done' AND c.model IN ({asked}) LIMIT {ROWS}"""
    tokens: dict[str, list[int]] = {}
    times: dict[str, list[int]] = {}
    for model, completion, ns in connection.execute(statement, tuple(models)):
        if completion is not None:
            tokens.setdefault(model, []).append(completion)
        if ns is not None and ns > 0:
            times.setdefault(model, []).append(ns)
    found = tokens.keys() | times.keys()
    return {m: PastCalls(tuple(sorted(tokens.get(m, ()))), tuple(sorted(times.get(m, ())))) for m in found}
