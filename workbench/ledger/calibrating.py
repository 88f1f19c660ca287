"""Disagreement scores of graded runs: what an answer's score has been worth."""

from __future__ import annotations

import sqlite3

from msgspec.structs import replace

from workbench.analysis.calibration import GradedScore
from workbench.ledger import queries
from workbench.ledger.queries import RunQuery

MOST = 20_000
"""Runs, the newest; older ones were of other models and prompts anyway."""
_WRONG = "CASE r.grade WHEN 'right' THEN 0 WHEN 'wrong' THEN 1 WHEN 'skip' THEN NULL ELSE NOT r.meets_target END"
_MODELS = "(SELECT count(DISTINCT model) FROM calls c WHERE c.run_id = r.id AND c.role = 'generate')"
_ROWS = f"""SELECT r.score_name, r.score, {_WRONG} AS wrong, {_MODELS}
FROM runs r WHERE {{where}} AND r.score IS NOT NULL AND wrong IS NOT NULL
ORDER BY r.started_unix_ns DESC LIMIT {MOST}"""


def select(connection: sqlite3.Connection, query: RunQuery) -> list[GradedScore]:
    """Of the runs that `query` means, the newest first; without a kind, of the real ones. A run counts whose answer has
    been graded (the newest grade), or else has a target."""
    query = replace(query, kind=query.kind or "real", deleted=False)
    where, values = queries.conditions(query)
    return [
        GradedScore(score, bool(wrong), name, "cross" if models > 1 else "within")
        for name, score, wrong, models in connection.execute(_ROWS.format(where=where), values)
    ]
