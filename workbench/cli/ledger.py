"""`workbench ledger`: the SQLite file itself."""

from __future__ import annotations

import csv
import io
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from workbench import paths
from workbench.cli.files import whole
from workbench.cli.options import FLAG, HYPHEN, JSON
from workbench.cli.output import counted, line, note, print_json, table, write
from workbench.cli.services import Services
from workbench.errors import InputError

app = App(name="ledger", help="The SQLite ledger: path, sql, check, vacuum, export.")
Json = Annotated[bool, JSON]


@app.command
def path(*, json: Json = False) -> int:
    """Print where the ledger is, for sqlite3, Datasette and backups."""
    file = paths.ledger_file()
    if json:
        print_json({"path": str(file), "exists": file.exists()})
    else:
        line(str(file))
    return 0


@app.command
def sql(
    query: Annotated[str, HYPHEN],
    /,
    *,
    json: Json = False,
    as_csv: Annotated[bool, Parameter(name="--csv", negative="")] = False,
) -> int:
    """Run one SQL query; the ledger is opened read-only. docs/ledger.md has the tables and ten useful queries.

    Parameters
    ----------
    query
        SQL; `-` reads standard input.
    as_csv
        As CSV.
    """
    if json and as_csv:
        raise InputError("--json and --csv both want stdout", hint="Choose one.")
    text = sys.stdin.read() if query == "-" else query
    if not text.strip():
        raise InputError("the query is empty", hint="docs/ledger.md has the tables and ten queries.")
    with Services().ledger(read_only=True) as ledger:
        names, found = ledger.sql(text)
    rows = [[_plain(value) for value in row] for row in found]
    if json:
        keys = _unique(names)
        print_json([dict(zip(keys, row, strict=True)) for row in rows])
    elif as_csv:
        from workbench.ledger.export import cell

        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([cell(value) for value in row] for row in rows)
        write(out.getvalue())
    elif names:
        figures = [n for i, n in enumerate(names) if rows and all(isinstance(r[i], int | float | None) for r in rows)]
        table(names, [["" if value is None else str(value) for value in row] for row in rows], right=figures)
    return 0


@app.command
def check(*, json: Json = False) -> int:
    """Look for damage: the file's structure, links, sums that don't add up, events that can't be read.

    Exit code 1 where there is some."""
    with Services().ledger(read_only=True) as ledger:
        problems, stats = ledger.check(), ledger.stats()
    if json:
        print_json({"problems": problems, **stats})
    else:
        for problem in problems:
            line(problem)
        verdict = counted(len(problems), "problem") if problems else "sound"
        held = (counted(stats["runs"], "run"), counted(stats["calls"], "call"), _size(stats["bytes"]))
        line(f"{verdict}: {', '.join(held)}")
    return 1 if problems else 0


@app.command
def vacuum(*, json: Json = False) -> int:
    """Take the content of deleted runs out for good and give the space back."""
    with Services().ledger() as ledger:
        before, after = ledger.vacuum()
    if json:
        print_json({"bytes_before": before, "bytes_after": after})
    else:
        line(f"{_size(before)} before, {_size(after)} after")
    return 0


@app.command
def export(output: Path, /, *, force: Annotated[bool, FLAG] = False, json: Json = False) -> int:
    """Copy the whole ledger into one SQLite file, sound even while runs are being recorded. `workbench runs export`
    writes JSON lines, CSV and Markdown.

    Parameters
    ----------
    output
        File to write.
    force
        Replace a file that is there.
    """
    if output.exists() and not force:
        raise InputError("is there already", where=str(output), hint="--force replaces it.")
    with Services().ledger(read_only=True) as ledger:
        if output.exists() and ledger.path.exists() and output.samefile(ledger.path):
            raise InputError("is the ledger itself", where=str(output), hint="Name another file.")
        with whole(output) as draft:
            ledger.copy_to(draft)
        count = ledger.count()
    if json:
        print_json({"path": str(output), "runs": count, "bytes": output.stat().st_size})
    else:
        note(f"workbench: {counted(count, 'run')} in {output}")
    return 0


def _plain(value: Any) -> Any:
    """What JSON and CSV can hold: bytes as hexadecimal digits, infinity as a word."""
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _unique(names: Sequence[str]) -> list[str]:
    """Keys for columns of which several may have one name: `n`, `n:2`."""
    keys: list[str] = []
    for name in names:
        key, turn = name, 2
        while key in keys:
            key, turn = f"{name}:{turn}", turn + 1
        keys.append(key)
    return keys


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"
