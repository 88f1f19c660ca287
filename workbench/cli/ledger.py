"""`workbench ledger`: the SQLite file itself."""

from __future__ import annotations

import csv
import io
from typing import Annotated

from cyclopts import App, Parameter

from workbench import paths
from workbench.cli.options import JSON
from workbench.cli.output import line, print_json, safe_cell, table, write

app = App(name="ledger", help="The SQLite ledger: path, sql, check, vacuum, export.")
Json = Annotated[bool, JSON]


@app.command
def path() -> int:
    """Print where the ledger is, for sqlite3, Datasette and backups."""
    line(str(paths.ledger_file()))
    return 0


@app.command
def sql(
    query: str, /, *, json: Json = False, as_csv: Annotated[bool, Parameter(name="--csv", negative="")] = False
) -> int:
    """Run one SQL query; the ledger is opened read-only. docs/ledger.md has the tables and ten useful queries.

    Parameters
    ----------
    query
        SQL.
    as_csv
        As CSV.
    """
    names, rows = _query(query)
    if json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    elif as_csv:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([safe_cell(value) for value in row] for row in rows)
        write(out.getvalue())
    else:
        figures = [n for i, n in enumerate(names) if rows and all(isinstance(r[i], int | float | None) for r in rows)]
        table(names, [["" if value is None else str(value) for value in row] for row in rows], right=figures)
    return 0
