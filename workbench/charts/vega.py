"""A chart as Vega-Lite: plain data, no expression of which a label is part."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, TypeAlias

from msgspec.structs import replace

from workbench.charts import legends, plane, ticks
from workbench.charts.colours import LIGHT, Palette
from workbench.charts.spec import ChartAxis, ChartLine, ChartPoint, ChartSpec, Mark
from workbench.charts.ticks import Ruler
from workbench.charts.words import cut, kind_said, plain
from workbench.charts.words import rows as facts

Json: TypeAlias = dict[str, Any]
VERSION = "6.4"
"""Of Vega-Lite, as vl-convert takes it."""
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH, HEIGHT = 360, 250
"""Points between the axes: with them, about the text of a paper set in one column."""
FONT = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
_SIZE = 10
_TITLE, _SUBTITLE = 7, 6
"""Pixels that a character of them takes."""
_HEAD = 4
"""Lines of a title or subtitle, at most."""
_CELL = (4.5, 13)
"""Pixels that a character takes; the labels are laid out in such cells."""
_POINT = 55
"""Square pixels of a point."""
_SHAPES: dict[Mark, str] = {
    "frontier": "circle",
    "ambiguous": "diamond",
    "plain": "square",
    "dominated": "triangle-up",
}
"""From the front to the back."""


def vega_lite(spec: ChartSpec, *, colours: Palette = LIGHT, width: int = WIDTH, height: int = HEIGHT) -> Json:
    """The whole chart; its provenance stands under `usermeta`."""
    x, y = ticks.rulers(spec)
    axes = {"x": _axis("x", spec.x, x, max(2, width // 60)), "y": _axis("y", spec.y, y, max(2, height // 40))}
    points = [point for point in spec.points if _shown(point.x, x) and _shown(point.y, y)]
    layers = [*_curves(spec, x, y, axes, colours, width)]
    more = _more(spec, width)
    layers += [_stairs(spec, line, x, y, axes, colours, more) for line in _named(spec, width)]
    layers += _points(spec, points, x, y, axes, colours, more)
    layers += _labels(spec, x, y, axes, colours, (width, height))
    said = " · ".join(filter(None, (plain(spec.subtitle), kind_said(spec.provenance.kind))))
    return {
        "$schema": SCHEMA,
        "title": {
            "text": _lines(plain(spec.title), width // _TITLE) or " ",
            **({"subtitle": _lines(said, width // _SUBTITLE)} if said else {}),
        },
        "width": width,
        "height": height,
        "layer": layers or [{"data": {"values": []}, "mark": "point", "encoding": axes}],
        "resolve": {"scale": dict.fromkeys(("color", "shape", "strokeDash"), "independent")},
        "config": _config(colours),
        "usermeta": {"workbench": provenance(spec)},
    }


def _lines(text: str, cells: int) -> str | list[str]:
    """Several where one would be wider than the plot."""
    found = facts(text, cells, _HEAD)
    return found if len(found) > 1 else "".join(found)


def provenance(spec: ChartSpec) -> Json:
    """What every file says of where its figures come from."""
    told = spec.provenance
    return {
        "title": plain(spec.title),
        "kind": told.kind,
        "query": told.query,
        "runs": list(told.runs),
        "version": told.version,
        "created_at": told.created_at,
        "method": told.method,
    }


def _shown(value: float, ruler: Ruler) -> bool:
    return ruler.share(value) is not None


def _bound(value: float | None, ruler: Ruler) -> float | None:
    """An interval's end; on a log axis one at zero or below ends with the axis."""
    if value is None or not math.isfinite(value):
        return None
    return value if _shown(value, ruler) else ruler.low


def _axis(field: str, axis: ChartAxis, ruler: Ruler, most: int) -> Json:
    found = ruler.ticks(min(8, most))
    told = json.dumps([tick.label for tick in found])
    # A logarithm has no zero; Vega-Lite warns of the word on such a scale.
    zero = {} if ruler.scale == "log" else {"zero": False}
    return {
        "field": field,
        "type": "quantitative",
        "title": _quotable(ticks.title(axis)),
        "scale": {"type": ruler.scale, "domain": [ruler.low, ruler.high], "nice": False, **zero},
        "axis": {
            "title": plain(ticks.title(axis)),
            "values": [tick.value for tick in found],
            "labelExpr": f"{told}[round(datum.index * {max(1, len(found) - 1)})]",
        },
    }


def _curves(spec: ChartSpec, x: Ruler, y: Ruler, axes: Json, colours: Palette, room: int) -> list[Json]:
    """Bands below lines, one legend for all."""
    lines = [line for line in spec.lines if line.shape == "straight"]
    if not lines:
        return []
    whole = [plain(line.label) for line in lines]
    legend = legends.legend(whole, room)
    rows = [
        row | {"series": name, "name": told}
        for name, told, line in zip(legend.names, whole, lines, strict=True)
        for row in _rows(line, x, y)
    ]
    tones = [colours.series[index % len(colours.series)] for index in range(len(lines))]
    colour = _nominal("series", legend.names, tones) | {"legend": legend.vega()}
    dash = colour | _nominal("series", legend.names, [[4, 3] if line.dash else [1, 0] for line in lines])
    band = axes | {
        "y": axes["y"] | {"field": "low"},
        "y2": {"field": "high"},
        "color": colour | {"legend": None},
    }
    banded = [row for row in rows if row["low"] is not None]
    tips = _tips([("name", ""), ("x", spec.x.title), ("y", spec.y.title)])
    line_layer = {
        "data": {"values": rows},
        "mark": {"type": "line", "strokeWidth": 1.5},
        "encoding": axes | {"color": colour, "strokeDash": dash, "order": {"field": "i"}, "tooltip": tips},
    }
    if not banded:
        return [line_layer]
    return [{"data": {"values": banded}, "mark": {"type": "area", "opacity": 0.16}, "encoding": band}, line_layer]


def _nominal(field: str, names: Sequence[str], looks: Sequence[object]) -> Json:
    """A field whose values look as said, in this order."""
    scale = {"domain": list(names), "range": list(looks)}
    return {"field": field, "type": "nominal", "title": None, "sort": None, "scale": scale}


def _rows(line: ChartLine, x: Ruler, y: Ruler) -> list[Json]:
    rows: list[Json] = []
    for index, (one, other) in enumerate(zip(line.x, line.y, strict=False)):
        if _shown(one, x) and _shown(other, y):
            low = _bound(line.low[index], y) if index < len(line.low) else None
            high = _bound(line.high[index], y) if index < len(line.high) else None
            whole = low is not None and high is not None
            rows.append({"i": index, "x": one, "y": other, "low": low if whole else None, "high": high})
    return rows


def _marks(spec: ChartSpec) -> int:
    """Pixels that the legend of marks takes."""
    return sum(legends.width(mark) for mark in {point.mark for point in spec.points})


def _named(spec: ChartSpec, room: int) -> list[ChartLine]:
    """The stairs, their names cut to the room that each has beside the marks."""
    stairs = [line for line in spec.lines if line.shape == "stairs"]
    pixels = (room - _marks(spec)) // max(1, len(stairs)) - legends.width("")
    return [replace(line, label=legends.fitted(plain(line.label), pixels)) for line in stairs]


def _more(spec: ChartSpec, room: int) -> Json:
    """How the legends of stairs and marks are placed: below the chart where they have no room beside the curves'."""
    stairs = [plain(line.label) for line in spec.lines if line.shape == "stairs"]
    curves = [plain(line.label) for line in spec.lines if line.shape == "straight"]
    below = curves and _marks(spec) + sum(map(legends.width, stairs + curves)) > room
    return {**legends.UNCUT, **({"orient": "bottom"} if below else {})}


def _stairs(spec: ChartSpec, line: ChartLine, x: Ruler, y: Ruler, axes: Json, colours: Palette, more: Json) -> Json:
    interpolate = "step-before" if ticks.step_before(spec) else "step-after"
    mark: Json = {"type": "line", "interpolate": interpolate, "strokeWidth": 1.5}
    if line.dash:
        mark["strokeDash"] = [4, 3]
    name = line.label
    colour = _nominal("series", [name], [colours.line]) | {"legend": {"symbolType": "stroke", **more}}
    return {
        "data": {"values": [row | {"series": name} for row in _rows(line, x, y)]},
        "mark": mark,
        "encoding": axes | {"color": colour, "order": {"field": "i"}},
    }


def _points(
    spec: ChartSpec, points: list[ChartPoint], x: Ruler, y: Ruler, axes: Json, colours: Palette, more: Json
) -> list[Json]:
    """Intervals, then marks that differ by shape and colour."""
    layers: list[Json] = []
    marks = [mark for mark in reversed(_SHAPES) if any(p.mark == mark for p in points)]
    for mark in marks:
        tone = getattr(colours, mark)
        here = [point for point in points if point.mark == mark]
        rows = [_point(point, spec, x, y) for point in here]
        rule = {"type": "rule", "color": tone, "opacity": 0.55, "strokeWidth": 1}
        for field, low, high in (("x", "x_low", "x_high"), ("y", "y_low", "y_high")):
            bars = [row for row in rows if row[low] is not None and row[high] is not None]
            if bars:
                ends = {field: axes[field] | {"field": low}, f"{field}2": {"field": high}}
                layers.append({"data": {"values": bars}, "mark": rule, "encoding": axes | ends})
        told = max((point.notes for point in here), key=len, default=())
        tips = [("label", ""), ("x_said", spec.x.title), ("y_said", spec.y.title)]
        tips += [(f"note{index}", name) for index, (name, _) in enumerate(told)]
        layers.append(
            {
                "data": {"values": rows},
                "mark": {"type": "point", "filled": True, "size": _POINT, "opacity": 1},
                "encoding": axes | _looks(marks, colours, more, told=mark == marks[-1]) | {"tooltip": _tips(tips)},
            }
        )
    return layers


def _looks(marks: list[Mark], colours: Palette, more: Json, *, told: bool) -> Json:
    """What each mark looks like, the same in every layer; one of the layers has the legend, whose symbols have no
    stroke: its width puts them at the height of a line's."""
    names = [mark for mark in _SHAPES if mark in marks]
    legend = {"symbolSize": _POINT, "symbolStrokeWidth": 4, **more} if told and names != ["plain"] else None
    tones = [getattr(colours, mark) for mark in names]
    return {
        "color": _nominal("mark", names, tones) | {"legend": legend},
        "shape": _nominal("mark", names, [_SHAPES[mark] for mark in names]) | {"legend": legend},
    }


def _point(point: ChartPoint, spec: ChartSpec, x: Ruler, y: Ruler) -> Json:
    said = ticks.described(point, spec)
    return {
        "label": plain(point.label),
        "mark": point.mark,
        "x": point.x,
        "y": point.y,
        "x_low": _bound(point.x_low, x),
        "x_high": _bound(point.x_high, x),
        "y_low": _bound(point.y_low, y),
        "y_high": _bound(point.y_high, y),
        "x_said": said[0][1],
        "y_said": said[1][1],
        **{f"note{index}": plain(text) for index, (_, text) in enumerate(point.notes)},
    }


def _tips(fields: list[tuple[str, str]]) -> list[Json]:
    return [{"field": field, "title": _quotable(title) or field} for field, title in fields]


def _quotable(title: str) -> str:
    """For titles that Vega-Lite writes into an expression: it escapes quotes, but not what escapes them."""
    return plain(title).replace("\\", "\\\\")


def _labels(spec: ChartSpec, x: Ruler, y: Ruler, axes: Json, colours: Palette, size: tuple[int, int]) -> list[Json]:
    """Placed as in the terminal, so that none lies on another."""
    laid = plane.lay(spec, int(size[0] // _CELL[0]), size[1] // _CELL[1], view=(x, y), bare=True)
    dim = {point.label for point in spec.points if point.mark == "dominated"}
    rows: dict[bool, list[Json]] = {False: [], True: []}
    for label, (column, row, cells) in laid.labelled.items():
        left = column < laid.spots[label][0]
        across, up = laid.at(column + cells if left else column, row)
        rows[label in dim].append(
            {
                "label": cut(plain(label), cells),
                "x": x.value(across),
                "y": y.value(up),
                "align": "right" if left else "left",
            }
        )
    layers: list[Json] = []
    for dimmed, here in rows.items():
        for align in ("left", "right"):
            told = [{k: v for k, v in row.items() if k != "align"} for row in here if row["align"] == align]
            tone = colours.muted if dimmed else colours.foreground
            mark = {"type": "text", "align": align, "baseline": "middle", "fontSize": _SIZE - 1, "color": tone}
            if told:
                text = {"text": {"field": "label", "type": "nominal"}}
                layers.append({"data": {"values": told}, "mark": mark, "encoding": axes | text})
    return layers


def _config(colours: Palette) -> Json:
    quiet = {"labelColor": colours.muted, "titleColor": colours.muted, "labelFontSize": _SIZE - 1}
    return {
        "background": colours.background,
        "font": FONT,
        "padding": 8,
        "view": {"stroke": None},
        "axis": {
            **quiet,
            "titleFontSize": _SIZE,
            "titleFontWeight": "normal",
            "titlePadding": 6,
            "gridColor": colours.grid,
            "domainColor": colours.grid,
            "tickColor": colours.grid,
        },
        "axisX": {"grid": False},
        "legend": {**quiet, "orient": "top", "offset": 4, "padding": 0, "symbolStrokeWidth": 1.5},
        "title": {
            "anchor": "start",
            "color": colours.foreground,
            "subtitleColor": colours.muted,
            "fontSize": _SIZE + 2,
            "subtitleFontSize": _SIZE,
            "offset": 10,
        },
    }
