"""Figures as a person reads them. Unknown is `–`, an estimate carries `~`."""

from __future__ import annotations

from workbench import money
from workbench.engine.view import CallView
from workbench.models.base import Prices

UNKNOWN = "–"


def count(value: int | None) -> str:
    """1842 → `1 842`."""
    return UNKNOWN if value is None else f"{value:,}".replace(",", " ")


def seconds(ns: int | None) -> str:
    """Nanoseconds → `0.84 s`, `6.2 s`, `1 m 12 s`."""
    if ns is None:
        return UNKNOWN
    value = ns / 1e9
    if value < 0.995:
        return f"{value:.2f} s"
    if value < 99.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} m {rest:02d} s"


def ordinal(rank: int) -> str:
    """1 → `1st`."""
    suffix = "th" if 10 <= rank % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{suffix}"


def per_second(call: CallView, now: int) -> str:
    """Tokens a second of a call between its first token and its end (or the last piece of text)."""
    first, last = call.first_token_at, call.finished_at or call.last_delta_at
    if first is None or last is None or last <= first or call.tokens < 2 or now < first:
        return UNKNOWN
    return f"{(call.tokens - 1) / ((last - first) / 1e9):.0f}"


def running_cost(call: CallView, prices: Prices | None) -> int | None:
    """Pico-dollars that a call has cost so far: what its end said, until then output received × price. The prompt is
    left out until it is known."""
    if call.state == "ended":
        return call.cost
    known = call.prices or prices
    if known is None or known.output is None:
        return None
    return call.deltas * known.output + (call.retried_cost or 0)


def cost(call: CallView, prices: Prices | None, width: int = 40) -> str:
    """The call's cost, `~` where any part of it is an estimate, `?` where it is unknown. Where three significant
    figures are wider than `width` cells there are fewer."""
    value = running_cost(call, prices)
    if value is None and call.state != "ended" and call.deltas == 0:
        return UNKNOWN
    shown = money.show(value, estimated=is_estimate(call, prices))
    return shown if len(shown) <= width or value is None else _narrow(shown, value, width)


def _narrow(shown: str, value: int, width: int) -> str:
    mark, room = shown.partition("$")[0], width - len("<$0.")
    digits = max(0, width - len(mark) - len(f"${value // money.PICO}."))
    said = f"{value / money.PICO:.{digits}f}"
    return f"{mark}${said}" if float(said) else f"<${10.0**-room:.{room}f}"


def is_estimate(call: CallView, prices: Prices | None) -> bool:
    """Whether the call's cost may still turn out different; what is free costs nothing however it is counted."""
    if call.state == "ended":
        return call.usage.source != "reported" and call.cost_high != 0
    known = call.prices or prices
    return known is None or known.input != 0 or known.output != 0


def bar(share: float, width: int) -> tuple[str, str]:
    """A thin bar and the thin line that is left of it: together `width` cells."""
    filled = min(width, max(0, round(share * width)))
    if share > 0 and filled == 0:
        filled = min(1, width)
    return "━" * filled, "─" * (width - filled)


def scale(largest: int) -> int:
    """The full length of the lanes' bars, tokens: steps, so that they do not stretch with every token."""
    step = 16
    while step < largest:
        step = step * 3 // 2 if step & (step - 1) == 0 else step * 4 // 3
    return step
