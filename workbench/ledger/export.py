"""Runs as files for others: JSON lines, CSV, a Markdown report; `export_html` makes pages. Model text stays text."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias

from workbench import money
from workbench.engine.view import RunView
from workbench.ledger.queries import RunRow

Format: TypeAlias = Literal["jsonl", "csv", "md", "html"]


def jsonl(views: Iterable[tuple[RunRow, RunView]]) -> Iterator[str]:
    """One whole run a line, by the names of docs/json.md, with its grade and tags as they are now."""
    for row, view in views:
        run = {**view.to_json(), "tags": list(row.tags), "grade": row.grade}
        yield _CONTROLS.sub(_escaped, json.dumps(run, ensure_ascii=False)) + "\n"


def as_csv(rows: Iterable[RunRow]) -> Iterator[str]:
    """One run a row. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    header = False
    for row in rows:
        values = row.to_json() | {"tags": " ".join(row.tags)}
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        if not header:
            writer.writerow(values)
            header = True
        writer.writerow([cell(value) for value in values.values()])
        yield out.getvalue()


_FORMULA = ("=", "+", "-", "@")


def cell(value: Any) -> Any:
    """A CSV cell: figures stay figures; text can't be a formula, nor drive a terminal, nor end the row."""
    if not isinstance(value, str):
        return value
    clean = plain(value)
    return "'" + clean if clean.lstrip().startswith(_FORMULA) or clean.startswith(("\t", "\n")) else clean


def markdown(views: Iterable[tuple[RunRow, RunView]]) -> Iterator[str]:
    """A report: each run with its facts, calls and answer."""
    for row, view in views:
        yield f"# {_inline(view.system or view.notation)}\n\n"
        yield f"- run `{view.id}`, {view.kind}, {view.status or 'under way'}, {row.to_json()['started_at']}\n"
        cost = money.show(row.cost, estimated=row.estimated and row.cost != 0)
        wasted = money.show(row.waste, estimated=row.estimated and row.waste != 0)
        seconds = "?" if row.wall_ns is None else f"{row.wall_ns / 1e9:.2f} s"
        yield f"- {seconds}, {cost}, waste {wasted}, {_count(row.completion_tokens, row.estimated)} tokens out\n"
        if row.tags or row.grade:
            yield f"- {_inline(' '.join(row.tags))} {row.grade or ''}".rstrip() + "\n"
        yield f"- system: {_code(view.notation)}\n\n"
        yield f"## Prompt\n\n{_block(row.prompt)}\n\n## Answer\n\n{_block(row.answer or '')}\n\n"
        yield "## Calls\n\n| node | replica | role | model | status | seconds | tokens out | cost |\n"
        yield "|---|--:|---|---|---|--:|--:|--:|\n"
        for call in view.calls.values():
            span = None if call.started_at is None or call.finished_at is None else call.finished_at - call.started_at
            guessed = call.usage.source == "estimated"
            cells = (
                _inline(call.node or "."),
                call.replica,
                call.role,
                _inline(call.model),
                call.status or call.state,
                "?" if span is None else f"{span / 1e9:.2f}",
                _count(call.usage.completion_tokens, guessed),
                money.show(call.cost, estimated=guessed and call.cost != 0),
            )
            yield "| " + " | ".join(str(cell) for cell in cells) + " |\n"
        yield "\n"


def _count(value: int | None, estimated: bool) -> str:
    return "?" if value is None else f"{'~' if estimated else ''}{value:,}"


def _inline(text: str) -> str:
    """Text that can't become markup, nor end a table's cell."""
    return re.sub(r"([\\`*_{}\[\]<>()#+!|~&$])", r"\\\1", plain(text).replace("\n", " "))


def _code(text: str) -> str:
    ticks = "`" * (_longest_ticks(text) + 1)
    said = plain(text).replace("\n", " ")
    return f"{ticks} {said} {ticks}" if "`" in said else f"{ticks}{said}{ticks}"


def _block(text: str) -> str:
    fence = "`" * max(3, _longest_ticks(text) + 1)
    return f"{fence}text\n{plain(text)}\n{fence}"


def _longest_ticks(text: str) -> int:
    return max((len(ticks) for ticks in re.findall("`+", text)), default=0)


_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""C0 but tab and newline, DEL, C1, marks that break a line or reorder it, lone surrogates."""


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def plain(text: str) -> str:
    """Control characters made visible and harmless: ESC becomes `␛`, others `�`. Newlines and tabs stay."""
    return _CONTROLS.sub(_visible, text.replace("\r\n", "\n"))


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\ufffd"
