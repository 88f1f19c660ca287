"""The money of a call and of its run, as it is told in the detail's money tab."""

from __future__ import annotations

from textual.content import Content

from workbench import money
from workbench.engine.view import CallView
from workbench.models.base import RunKind
from workbench.tui import figures
from workbench.tui.reading import Frame, totals
from workbench.tui.text import one_line
from workbench.tui.widgets.pane import line, lines

LABEL = 22
FIGURE = 20


def call_money(call: CallView) -> Content:
    """Tokens × price of one call, and where both come from."""
    usage, prices = call.usage, call.prices
    rows = [line(("this call", "$muted"), *_made_up(call.kind))]
    counted = (
        ("prompt", usage.prompt_tokens, prices.input if prices else None),
        ("  of it cached", usage.cached_tokens, prices.cached_input if prices else None),
        (
            "completion",
            usage.completion_tokens if call.state == "ended" else call.deltas,
            prices.output if prices else None,
        ),
        ("  of it reasoning", usage.reasoning_tokens, prices.reasoning if prices else None),
    )
    for name, tokens, price in counted:
        if tokens is not None or not name.startswith(" "):
            each = "" if price is None else f"  × {money.show(price * 10**6)} a million"
            rows.append(line((name.ljust(LABEL), "$muted"), figures.count(tokens).rjust(FIGURE), (each, "$muted")))
    ended = call.state == "ended"
    rows.append(
        _row("cost", money.show(call.cost, estimated=usage.source != "reported") if ended else "not yet known", "bold")
    )
    if ended and call.cost_high != call.cost_low:
        low, high = money.show(call.cost_low), money.show(call.cost_high)
        rows.append(_row("received – worst case", f"{low} – {high}"))
    if call.attempt > 1:
        rows.append(_row(f"earlier attempts ({call.attempt - 1})", money.show(call.retried_cost)))
    how = usage.source if not usage.estimated_by else f"{usage.source} by {usage.estimated_by}"
    rows.append(_row("tokens are", one_line(how) if ended else "counted as they come"))
    rows.append(_row("prices from", one_line(prices.source) if prices and prices.source else figures.UNKNOWN))
    return lines(*rows)


def run_money(frame: Frame) -> Content:
    """What the run has cost, what of it was waste, and what two other ways would have cost."""
    sums = totals(frame)
    rows = [line(("the run", "$muted"), *_made_up(frame.view.kind))]
    rows.append(_row("so far" if frame.live else "spent", money.show(sums.cost, estimated=sums.estimated), "bold"))
    if sums.unknown:
        rows.append(_row("calls of unknown cost", str(sums.unknown)))
    if frame.view.finished:
        rows.append(_row("of it waste", money.show(sums.waste, estimated=sums.estimated)))
        rows.append(_row("one call alone", money.show(sums.single, estimated=True)))
        rows.append(_row("all to completion", money.show(sums.everything, estimated=True)))
    return lines(*rows)


def _made_up(kind: RunKind) -> list[tuple[str, str]]:
    return [(f" · {kind} money", "$state-retrying")] if kind != "real" else []


def _row(name: str, figure: str, style: str = "") -> Content:
    return line((name.ljust(LABEL), "$muted"), (figure.rjust(FIGURE), style))
