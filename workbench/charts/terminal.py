"""A chart as text: with colours for a terminal, without them for a pipe. Never wider than asked."""

from __future__ import annotations

from workbench.charts import ticks
from workbench.charts.plane import Cells, lay
from workbench.charts.spec import ChartSpec
from workbench.charts.words import cut, kind_said, plain
from workbench.charts.words import rows as facts

_SGR = {
    "tick": "2",
    "grid": "2",
    "title": "2",
    "band": "2",
    "dominated": "2",
    "line": "36",
    "frontier": "32",
    "ambiguous": "33",
    "chosen": "1",
    "series-0": "36",
    "series-1": "33",
    "series-2": "32",
    "series-3": "35",
    "theory": "35",
}
"""Colours of the terminal's own sixteen: they go with whatever its background is."""

_FACTS = 8
"""A chart of so many rows has one line of facts above and below, one of twice as many two."""


def draw(spec: ChartSpec, width: int, height: int, *, colour: bool) -> str:
    """Title, what the figures are, the chart, and how they were made; at most so many columns and rows."""
    head = cut(plain(spec.title), width)
    said = " · ".join(filter(None, (plain(spec.subtitle), kind_said(spec.provenance.kind))))
    foot = plain(spec.provenance.method)
    missing = ticks.left_out(spec)
    if missing:
        foot = f"{missing} not drawn: no number, or none above zero on a log axis" + (f" · {foot}" if foot else "")
    above: list[Cells] = [((head, "chosen"),)] if head else []
    most = max(1, height // _FACTS)
    above += [((line, "title"),) for line in facts(said, width, most)]
    below: list[Cells] = [((line, "title"),) for line in facts(foot, width, most)]
    rows = height - len(above) - len(below)
    lines = [*above, *lay(spec, width, max(1, rows)).lines, *below][: max(0, height)]
    return "\n".join(_line(line, colour) for line in lines) + "\n"


def _line(line: Cells, colour: bool) -> str:
    if not colour:
        return "".join(text for text, _ in line).rstrip()
    parts = [f"\x1b[{_SGR[style]}m{text}\x1b[0m" if style in _SGR and text.strip() else text for text, style in line]
    return "".join(parts).rstrip()
