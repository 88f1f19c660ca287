"""A model of the catalogue on one line: name, price, context, and why it can't be called."""

from __future__ import annotations

from textual.content import Content

from workbench import money
from workbench.models.base import ModelInfo, Prices
from workbench.tui.text import fit, one_line
from workbench.tui.widgets.pane import line

PRICE, CONTEXT, PROBLEM = 15, 5, 15


def entry(info: ModelInfo, width: int) -> Content:
    """`openai/gpt-4o   $2.50 / $10.00   128k  key missing` in so many cells."""
    name = max(12, width - PRICE - CONTEXT - PROBLEM - 6)
    style = "$model" if info.available else "$muted"
    return line(
        (fit(one_line(info.name), name), style),
        ("  " + fit(price(info.prices), PRICE, right=True), ""),
        ("  " + fit(context(info.context), CONTEXT, right=True), "$muted"),
        ("  " + fit(state(info), PROBLEM), "$muted" if info.available else "$state-retrying"),
    )


def price(prices: Prices | None) -> str:
    """Dollars per million tokens, in and out; `?` is unknown, `free` costs nothing."""
    if prices is None or (prices.input is None and prices.output is None):
        return "?"
    if prices.input == 0 and prices.output == 0:
        return "free"
    return " / ".join(_dollars(one) for one in (prices.input, prices.output))


def _dollars(pico: int | None) -> str:
    return "?" if pico is None else money.show(pico * 1_000_000)


def context(tokens: int | None) -> str:
    """`128k`, `1M`; `?` is unknown."""
    if tokens is None:
        return "?"
    if tokens >= 1_000_000:
        return f"{tokens / 1_000_000:.3g}M"
    return f"{tokens // 1000}k" if tokens >= 1000 else str(tokens)


def state(info: ModelInfo) -> str:
    """Whether it can be called, in two words."""
    if not info.available:
        problem = info.problem.lower()
        return "key missing" if "key" in problem else one_line(info.problem) or "can't be called"
    return info.kind if info.kind != "real" else ""
