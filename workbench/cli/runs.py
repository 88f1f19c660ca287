"""`workbench runs`: what was run, when, with what result, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from cyclopts import App, Parameter

from workbench import money
from workbench.cli.confirm import ask
from workbench.cli.files import write_whole
from workbench.cli.filters import Filter
from workbench.cli.options import HYPHEN, JSON
from workbench.cli.output import counted, line, note, one_line, print_json, table, write
from workbench.cli.services import Services
from workbench.errors import InputError

if TYPE_CHECKING:
    from workbench.ledger import RunQuery, RunRow

app = App(name="runs", help="Past runs: list, show, search, grade, tag, untag, delete, restore, export, distil.")
app.command("workbench.cli.distil:distil", name="distil", help="Winners as training data.")
Json = Annotated[bool, JSON]
Limit = Annotated[int, Parameter(help="At most so many, the newest.")]
Yes = Annotated[bool, Parameter(alias="-y", negative="", show_default=False, help="Do not ask.")]
Format: TypeAlias = Literal["jsonl", "csv", "md", "html"]
COLUMNS = ("id", "when", "kind", "system", "prompt", "status", "time", "cost", "calls", "score", "grade", "tags")
DROP = ("tags", "grade", "score", "calls", "time", "system")
"""Columns that a narrow terminal goes without, the first first."""
PROMPT_WIDTH = 60


@app.command(name="list")
def list_runs(*, filter: Filter = Filter(), limit: Limit = 50, json: Json = False) -> int:  # noqa: A002
    """List past runs, the newest first. `~`: from estimated token counts; `?`: unknown."""
    return _list(filter.query(), limit, json=json)


@app.command
def search(
    *words: str,
    filter: Filter = Filter(),  # noqa: A002
    limit: Limit = 50,
    json: Json = False,
) -> int:
    """List the runs whose prompts and answers hold all these words.

    Parameters
    ----------
    words
        Plain words; there is no syntax.
    """
    text = " ".join(words)
    if not text.strip():
        raise InputError("needs a word to look for", where="workbench runs search")
    return _list(filter.query(text), limit, json=json)


@app.command
def show(run: str = "last", /, *, json: Json = False) -> int:
    """Print one run: every call with its money, verdicts, who won and why, the answer.

    Parameters
    ----------
    run
        Id, the beginning of one, `last`, or `last~2` for the third newest.
    json
        The whole run as JSON (docs/json.md).
    """
    from workbench.cli.show import print_run

    with Services().ledger(read_only=True) as ledger:
        row = ledger.row(run)
        view = ledger.view(row.id)
    if json:
        print_json({**view.to_json(), "tags": list(row.tags), "grade": row.grade})
    else:
        print_run(view, tags=row.tags, grade=row.grade)
    return 0


@app.command
def grade(
    run: str,
    grade: Literal["right", "wrong", "skip"],
    /,
    *,
    note: Annotated[str, Parameter(name="--note")] = "",
    json: Json = False,
) -> int:
    """Say whether a run's answer is right.

    Parameters
    ----------
    run
        Id, the beginning of one, or `last`.
    grade
        right, wrong or skip.
    note
        Why.
    """
    with Services().ledger() as ledger:
        identity = ledger.resolve(run)
        ledger.grade(identity, grade, note=note)
    return _say({"id": identity, "grade": grade}, f"{identity}: {grade}", json=json)


@app.command
def tag(run: str, /, *tags: str, json: Json = False) -> int:
    """Add tags to a run.

    Parameters
    ----------
    run
        Id, the beginning of one, or `last`.
    tags
        Words.
    """
    return _tagged(run, tags, add=True, json=json)


@app.command
def untag(run: str, /, *tags: str, json: Json = False) -> int:
    """Take tags from a run.

    Parameters
    ----------
    run
        Id, the beginning of one, or `last`.
    tags
        Words.
    """
    return _tagged(run, tags, add=False, json=json)


@app.command
def delete(*runs: str, yes: Yes = False, json: Json = False) -> int:
    """Hide runs. `restore` brings them back until `workbench ledger vacuum` takes their content out; what they cost
    stays counted.

    Parameters
    ----------
    runs
        Ids, or beginnings of them.
    """
    if not runs:
        raise InputError("needs a run", where="workbench runs delete", hint="`workbench runs list` shows them.")
    with Services().ledger() as ledger:
        ids = list(dict.fromkeys(ledger.resolve(run) for run in runs))
        if not yes:
            ask(
                f"this deletes {counted(len(ids), 'run')}: {', '.join(ids)}",
                "--yes deletes without asking.",
                "nothing deleted",
            )
        ledger.delete(*ids)
    return _say({"deleted": ids}, "\n".join(f"{identity}: deleted" for identity in ids), json=json)


@app.command
def restore(*runs: str, json: Json = False) -> int:
    """Bring deleted runs back.

    Parameters
    ----------
    runs
        Whole ids; `workbench runs list --deleted` shows them.
    """
    if not runs:
        raise InputError("needs a run", where="workbench runs restore")
    with Services().ledger() as ledger:
        ledger.restore(*runs)
    return _say({"restored": list(runs)}, "\n".join(f"{identity}: restored" for identity in runs), json=json)


@app.command
def export(
    *runs: str,
    filter: Filter = Filter(),  # noqa: A002
    format: Format | None = None,  # noqa: A002
    output: Annotated[Path | None, HYPHEN, Parameter(alias="-o")] = None,
) -> int:
    """Write runs for other programs.

    Parameters
    ----------
    runs
        Ids, or beginnings of them; all that the flags select by default.
    format
        jsonl: whole runs, one a line. csv: one run a row; text that a spreadsheet would take for a formula begins with
        `'`. md, html: a report. By default what the file's name ends in, else jsonl.
    output
        File to write, whole or not at all; by default (or `-`) stdout.
    """
    if runs and filter != Filter():
        raise InputError("runs and filters exclude each other", where="workbench runs export")
    to_file = None if output is None or str(output) == "-" else output
    suffix = "" if to_file is None else to_file.suffix.lstrip(".").lower()
    named: dict[str, Format] = {"jsonl": "jsonl", "csv": "csv", "md": "md", "html": "html", "": "jsonl"}
    if format is None and suffix not in named:
        hint = "--format jsonl, csv, md or html."
        raise InputError(f"no format is known by .{suffix}", where=str(to_file), hint=hint)
    with Services().ledger(read_only=True) as ledger:
        query = filter.query()
        pieces = ledger.export(query, refs=runs, format=format or named[suffix])
        if to_file is None:
            for piece in pieces:
                write(piece)
        else:
            write_whole(to_file, pieces)
            note(f"workbench: {counted(len(runs) or ledger.count(query), 'run')} in {to_file}")
    return 0


def _list(query: RunQuery, limit: int, *, json: bool) -> int:
    if limit < 1:
        raise InputError("must be 1 or more", where="--limit")
    with Services().ledger(read_only=True) as ledger:
        rows = ledger.runs(query, limit=limit)
        more = ledger.count(query) - len(rows) if len(rows) == limit else 0
    if json:
        print_json([row.to_json() for row in rows])
        return 0
    if not rows:
        note("workbench: no such run" if query.text else "workbench: no runs")
        return 0
    table(COLUMNS, map(_cells, rows), right=COLUMNS[6:10], flex="prompt", drop=DROP)
    if more > 0:
        note(f"workbench: {more:,} more; --limit shows them")
    return 0


def _cells(row: RunRow) -> tuple[str, ...]:
    when = datetime.fromtimestamp(row.started_at / 1e9)
    cost = money.show(row.cost, estimated=row.estimated and row.cost != 0)
    if row.cost is None and row.known_cost:
        cost = f"{money.show(row.known_cost)} + ?"
    return (
        row.id,
        f"{when:%Y-%m-%d %H:%M}",
        row.kind,
        one_line(row.system or row.notation, 30),
        one_line(row.prompt, PROMPT_WIDTH),
        row.status or "under way",
        "?" if row.wall_ns is None else f"{row.wall_ns / 1e9:.1f} s",
        cost,
        f"{row.calls:,}",
        "" if row.score is None else f"{row.score_name} {row.score:.2f}",
        row.grade or "",
        " ".join(row.tags),
    )


def _tagged(run: str, tags: Sequence[str], *, add: bool, json: bool) -> int:
    if not tags:
        raise InputError("needs a tag", where=f"workbench runs {'tag' if add else 'untag'}")
    with Services().ledger() as ledger:
        identity = ledger.resolve(run)
        (ledger.tag if add else ledger.untag)(identity, *tags)
        now = list(ledger.row(identity).tags)
    return _say({"id": identity, "tags": now}, f"{identity}: {', '.join(now) or 'no tags'}", json=json)


def _say(data: dict[str, Any], text: str, *, json: bool) -> int:
    if json:
        print_json(data)
    else:
        line(text)
    return 0
