"""The data behind a chart as CSV and Markdown."""

from __future__ import annotations

import csv
import io
import re

from workbench.charts import ticks
from workbench.charts.spec import ChartSpec
from workbench.charts.words import kind_said, plain

COLUMNS = ("series", "label", "x", "x_low", "x_high", "y", "y_low", "y_high", "mark")
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def rows(spec: ChartSpec) -> list[dict[str, str]]:
    """Points (series `points`), then each line's; numbers as Python writes them, so that nothing is lost."""
    found: list[dict[str, str]] = []
    for point in spec.points:
        row = {name: _number(getattr(point, name)) for name in COLUMNS[2:8]}
        notes = {f"note: {name}": text for name, text in point.notes}
        found.append({"series": "points", "label": point.label, **row, "mark": point.mark, **notes})
    for line in spec.lines:
        for index, (x, y) in enumerate(zip(line.x, line.y, strict=False)):
            low = line.low[index] if index < len(line.low) else None
            high = line.high[index] if index < len(line.high) else None
            ends = {"y_low": _number(low), "y_high": _number(high)}
            found.append({"series": line.shape, "label": line.label, "x": repr(x), "y": repr(y), **ends})
    return found


def to_csv(spec: ChartSpec) -> str:
    """One row a point; no cell but a number begins with what a spreadsheet takes for a formula."""
    found = rows(spec)
    names = list(dict.fromkeys([*COLUMNS, *(name for row in found for name in row)]))
    out = io.StringIO()
    writer = csv.DictWriter(out, [safe(name) for name in names], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({safe(key): safe(value) for key, value in row.items()} for row in found)
    return out.getvalue()


def safe(cell: str) -> str:
    """With an apostrophe before it where a spreadsheet would take the text for a formula."""
    text = _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", cell.replace("\r\n", "\n").replace("\r", "\n"))
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?|[+-]inf", text) is not None


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


def to_markdown(spec: ChartSpec) -> str:
    """A heading, the points as a table, each curve's too, and the provenance."""
    said = " · ".join(filter(None, (plain(spec.subtitle), kind_said(spec.provenance.kind))))
    parts = [f"### {_cell(spec.title)}", *([_cell(said)] if said else [])]
    if spec.points:
        notes = list(dict.fromkeys(name for point in spec.points for name, _ in point.notes))
        table = [["", spec.x.title, spec.y.title, "", *notes]]
        for point in spec.points:
            told = dict(point.notes)
            values = [text for _, text in ticks.described(point, spec)[:2]]
            table.append([point.label, *values, point.mark, *(told.get(name, "") for name in notes)])
        parts.append(_table(table))
    for line in spec.lines:
        if line.shape == "straight":
            table = [[spec.x.title, line.label]]
            pairs = zip(line.x, line.y, strict=False)
            table += [[ticks.write(x, spec.x.unit), ticks.write(y, spec.y.unit)] for x, y in pairs]
            parts.append(_table(table))
    source = spec.provenance
    by = f"workbench {source.version}" if source.version else ""
    facts = (source.method, source.query, by, source.created_at)
    foot = " · ".join(_cell(fact) for fact in facts if fact)
    return "\n\n".join([*parts, *([f"_{foot}_"] if foot else [])]) + "\n"


def _table(table: list[list[str]]) -> str:
    head, *body = table
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(_cell(each) for each in line)} |" for line in lines)


def _cell(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", plain(text))
