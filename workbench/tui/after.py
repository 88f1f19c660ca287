"""What a run came to in the end, and how near it is to its limits until then. Pure."""

from __future__ import annotations

import msgspec

from workbench import money
from workbench.tui import figures
from workbench.tui.reading import Frame, Totals


class Limit(msgspec.Struct, frozen=True):
    """The budget's part that is used up most."""

    most: str
    """`$0.05`, `2 000 tokens`, `30 s`."""
    share: float
    """Of it used; above 1 where it was passed."""


def limit(frame: Frame, sums: Totals) -> Limit | None:
    """The limit that the run is nearest to; None without a budget."""
    budget = frame.view.budget
    found: list[Limit] = []
    if budget.max_usd is not None:
        found.append(Limit(f"${budget.max_usd:g}", _share(money.to_usd(sums.cost) or 0.0, budget.max_usd)))
    if budget.max_tokens is not None:
        used = sums.tokens + sum(call.usage.prompt_tokens or 0 for call in frame.view.calls.values())
        found.append(Limit(f"{figures.count(budget.max_tokens)} tokens", _share(used, budget.max_tokens)))
    if budget.deadline is not None:
        found.append(Limit(f"{budget.deadline:g} s", _share(frame.elapsed / 1e9, budget.deadline)))
    return max(found, key=lambda one: one.share, default=None)


def _share(used: float, most: float) -> float:
    return used / most if most else 1.0


def outcome(frame: Frame, sums: Totals) -> list[str]:
    """What is said of a run that has ended, the most telling first: against one call, waste, all to completion."""
    if not frame.view.finished:
        return []
    said: list[str] = []
    if sums.single and sums.cost and sums.single_ns:
        said.append(f"{sums.cost / sums.single:.1f}× one call")
        said.append(f"{frame.view.t / sums.single_ns:.1f}× its time")
    if sums.waste:
        said.append(f"waste {money.show(sums.waste, estimated=sums.estimated)}")
    if sums.everything and sums.everything != sums.cost:
        said.append(f"all to completion {money.show(sums.everything, estimated=True)}")
    return said
