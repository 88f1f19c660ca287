"""What each system came to on each task, added up by SQL from one index: the Frontier's cells."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, cast

from msgspec import Struct
from msgspec.structs import replace

from workbench.analysis.measures import Cell, Kind, Measured
from workbench.ledger import queries
from workbench.ledger.queries import RunQuery

COUNTED = ("done", "degraded", "failed", "stopped")
"""How a run ends that says something of its system. One that was cancelled or cut off says nothing."""
NEWEST = 20
"""So many of a system's runs are named."""


class Measures(Struct, frozen=True, kw_only=True):
    """Systems × tasks of one kind."""

    kind: Kind
    measured: tuple[Measured, ...]
    runs: int
    """How many runs the cells are made of."""
    score_names: tuple[str, ...] = ()
    """Measures of disagreement among the cells: figures of two are not comparable."""
    unfinished: int = 0
    """Runs of this kind that were cancelled, cut off, or go on: not counted."""
    other_kinds: dict[str, int] = {}
    """Runs of the other kinds that the same filters let through: never mixed in."""


_RIGHT = "CASE grade WHEN 'right' THEN 1 WHEN 'wrong' THEN 0 WHEN 'skip' THEN NULL ELSE meets_target END"
_TOKENS = "prompt_tokens + completion_tokens"
_TOKENS_UNKNOWN, _SCORE_UNKNOWN = 1 << 20, 1 << 40
_UNKNOWN = f"(cost_pico_usd IS NULL) + (({_TOKENS}) IS NULL) * {_TOKENS_UNKNOWN} + (score IS NULL) * {_SCORE_UNKNOWN}"
"""Three counts in one sum: each aggregate costs as much as the scan of a column."""
_CELLS = f"""SELECT system_text_id, prompt_text_id, score_name, count(*), max(tokens_estimated), sum(wall_ns),
    count(wall_ns), sum(cost_pico_usd), sum({_TOKENS}), sum(score), sum({_UNKNOWN}), sum({_RIGHT}), count({_RIGHT})
FROM runs r WHERE {{where}} GROUP BY system_text_id, prompt_text_id, score_name"""
_LATEST = """SELECT system_text_id, id FROM runs r INDEXED BY runs_newest
WHERE {where} ORDER BY started_unix_ns DESC, id DESC LIMIT 2000"""
_OWN = "SELECT id FROM runs r WHERE {where} AND system_text_id = ? ORDER BY id DESC LIMIT 20"
_NAMED = """SELECT system, notation FROM runs
WHERE kind = ? AND deleted_unix_ns IS NULL AND system_text_id IS ? LIMIT 1"""


def select(connection: sqlite3.Connection, query: RunQuery) -> Measures:
    """Of the runs that `query` means; without a kind, of the real ones. Sums are integers; a mean is one division."""
    query = replace(query, kind=query.kind or "real", deleted=False)
    kind = cast(Kind, query.kind)
    where, values = queries.conditions(query)
    counted = f"{where} AND status IN {COUNTED}"
    rows = connection.execute(_CELLS.format(where=counted), values).fetchall()
    systems = {system: _named(connection, kind, system) for system in {row[0] for row in rows}}
    newest = _newest(connection, counted, values, systems)
    prompts = _prompts(connection, {row[1] for row in rows})
    grouped: dict[tuple[str, str], dict[str, Cell]] = {name: {} for name in sorted(set(systems.values()))}
    for row in rows:
        cells, task, cell = grouped[systems[row[0]]], prompts[row[1]], _cell(row)
        cells[task] = cell if task not in cells else _joined(cells[task], cell)
    counts, runs = _counts(connection, query), sum(row[3] for row in rows)
    return Measures(
        kind=kind,
        measured=tuple(
            Measured(system=name, notation=notation, kind=kind, cells=cells, runs=tuple(newest[name, notation]))
            for (name, notation), cells in grouped.items()
        ),
        runs=runs,
        score_names=tuple(sorted({row[2] for row in rows} - {None})),
        unfinished=counts.pop(kind, runs) - runs,
        other_kinds=counts,
    )


def _cell(row: tuple[Any, ...]) -> Cell:
    _, _, score_name, n, estimated, wall, timed, cost, tokens, score, unknown, right, graded = row
    return Cell(
        repeats=n,
        graded=graded,
        right=right or 0,
        cost=None if unknown % _TOKENS_UNKNOWN else cost / n,
        latency=wall / n if timed == n else None,
        tokens=None if unknown % _SCORE_UNKNOWN >= _TOKENS_UNKNOWN else tokens / n,
        disagreement=None if score_name is None or unknown >= _SCORE_UNKNOWN else score / n,
        estimated=estimated == 1,
    )


def _joined(one: Cell, other: Cell) -> Cell:
    """Of one task: the same system recorded twice (its description changed), or two measures of disagreement, which
    are not averaged."""
    n = one.repeats + other.repeats

    def mean(a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else (a * one.repeats + b * other.repeats) / n

    return Cell(
        repeats=n,
        graded=one.graded + other.graded,
        right=one.right + other.right,
        cost=mean(one.cost, other.cost),
        latency=mean(one.latency, other.latency),
        tokens=mean(one.tokens, other.tokens),
        estimated=one.estimated or other.estimated,
    )


def _named(connection: sqlite3.Connection, kind: Kind, system: int | None) -> tuple[str, str]:
    """(name, notation) as it was recorded."""
    row = connection.execute(_NAMED, (kind, system)).fetchone()
    return row[0], row[1]


def _newest(
    connection: sqlite3.Connection, where: str, values: tuple[Any, ...], systems: dict[int | None, tuple[str, str]]
) -> dict[tuple[str, str], list[str]]:
    """Ids of each system's newest runs: of those among the newest of all, and for others looked up one by one."""
    found: dict[tuple[str, str], list[str]] = {name: [] for name in systems.values()}
    for system, run in connection.execute(_LATEST.format(where=where), values):
        if system in systems and len(found[systems[system]]) < NEWEST:
            found[systems[system]].append(run)
    for system, name in systems.items():
        if not found[name]:
            found[name] = [run for (run,) in connection.execute(_OWN.format(where=where), (*values, system))]
    return found


def _prompts(connection: sqlite3.Connection, ids: Iterable[int | None]) -> dict[int | None, str]:
    """A task's id: the SHA-256 of its prompt."""
    statement = "SELECT sha256 FROM texts WHERE id = ?"
    found: dict[int | None, str] = {}
    for identity in ids:
        row = connection.execute(statement, (identity,)).fetchone()
        found[identity] = "" if row is None else row[0]
    return found


def _counts(connection: sqlite3.Connection, query: RunQuery) -> dict[str, int]:
    """Runs by kind, however they ended."""
    where, values = queries.conditions(replace(query, kind=None))
    return dict(connection.execute(f"SELECT kind, count(*) FROM runs r WHERE {where} GROUP BY kind", values))
