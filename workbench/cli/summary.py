"""A finished run in one line, and as an exit code."""

from __future__ import annotations

from workbench import money
from workbench.cli.output import one_line
from workbench.engine.view import RunView
from workbench.errors import ErrorKind

DONE, FAILED, UNAVAILABLE, NOT_RECORDED, STOPPED, INTERRUPTED = 0, 1, 3, 4, 5, 130

_OUT_OF_REACH = frozenset(
    {ErrorKind.AUTH, ErrorKind.PAYMENT, ErrorKind.CONNECTION, ErrorKind.NOT_FOUND, ErrorKind.UNAVAILABLE}
)
"""Failures of a call that say the model can't be reached at all, rather than that it answered badly."""


def exit_code(view: RunView, *, recorded: bool = True) -> int:
    """What the process returns for this run; `recorded`: the ledger has it, or was not asked to."""
    if view.status in ("cancelled", "interrupted", None):
        return INTERRUPTED
    if view.status == "stopped":
        return STOPPED
    if view.status == "failed":
        kinds = {call.error_kind for call in view.calls.values() if call.status == "failed"}
        return UNAVAILABLE if kinds and kinds <= _OUT_OF_REACH else FAILED
    return DONE if recorded else NOT_RECORDED


def summary(view: RunView) -> str:
    """`done in 6.2 s, 1,842 tokens, $0.00231 (waste $0.0004), run 7f3a, simulated`."""
    tokens = sum(call.tokens for call in view.calls.values())
    mark = "~" if view.estimated() else ""
    waste = view.waste()
    parts = [
        f"{view.status or 'interrupted'} in {view.t / 1e9:.1f} s",
        f"{mark}{tokens:,} tokens",
        spent(view) + (f" (waste {money.show(waste, estimated=view.cost_estimated())})" if waste else ""),
        f"run {view.id}",
    ]
    if view.kind != "real":
        parts.append(view.kind)
    if view.answer is not None and view.answer.verified is False:
        parts.append("unverified: no candidate was accepted")
    if view.reason and view.status != "done":
        parts.append(one_line(view.reason, 300))
    return ", ".join(parts)


def spent(view: RunView) -> str:
    """What the run cost as far as it is known: `~` where counts are estimated, `+ ?` where a call's cost is unknown."""
    cost = view.cost()
    if cost is None:
        known = view.known_cost()
        return f"{money.show(known)} + ?" if known else "$ ?"
    return money.show(cost, estimated=view.cost_estimated())
