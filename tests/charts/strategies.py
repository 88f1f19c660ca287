"""Any chart, with labels as bad as they come."""

from __future__ import annotations

from hypothesis import strategies as st

from workbench.charts.spec import ChartAxis, ChartLine, ChartPoint, ChartSpec, Provenance

HOSTILE = (
    "</script><script>alert(1)</script>", "=cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\x1b[31mred\x1b[0m", "a\nb",
    "\u202eback",
    "日本語のラベル", "e\u0301\u0301", "👩‍👩‍👧", "", "datum.x; 1", "x" * 300, "a|b", "&lt;<b>",
    "[link](javascript:1)", "\ud800",
)  # fmt: skip
words = st.sampled_from([each for each in HOSTILE if each != "\ud800"]) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=30
)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=64)
maybe = st.none() | numbers
axes = st.builds(
    ChartAxis,
    title=words,
    unit=st.sampled_from(["usd", "seconds", "tokens", "share", "count", ""]),
    scale=st.sampled_from(["linear", "log"]),
    better=st.sampled_from(["low", "high", ""]),
)
points = st.builds(
    ChartPoint,
    label=words,
    x=numbers,
    y=numbers,
    x_low=maybe,
    x_high=maybe,
    y_low=maybe,
    y_high=maybe,
    mark=st.sampled_from(["frontier", "ambiguous", "dominated", "plain"]),
    notes=st.lists(st.tuples(words, words), max_size=2).map(tuple),
)
rows = st.lists(numbers, max_size=6).map(tuple)
lines = st.builds(
    ChartLine, label=words, x=rows, y=rows, low=rows, high=rows, shape=st.sampled_from(["straight", "stairs"]),
    dash=st.booleans(),
)  # fmt: skip
specs = st.builds(
    ChartSpec,
    title=words,
    subtitle=words,
    x=axes,
    y=axes,
    points=st.lists(points, max_size=8, unique_by=lambda point: point.label).map(tuple),
    lines=st.lists(lines, max_size=3).map(tuple),
    provenance=st.builds(Provenance, kind=words, query=words, runs=st.lists(words, max_size=2).map(tuple)),
)
