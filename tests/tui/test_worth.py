"""The agreement pane says what scores like this one have been worth, where graded runs tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.tui.piloting import WIDE, app_of, bench, fire, seen, settle
from tests.tui.scripted import FakeStore, Puppet, long_run
from workbench.analysis.calibration import GradedScore
from workbench.errors import LedgerError
from workbench.models.base import RunKind
from workbench.tui.widgets.agreement import AgreementPane


def score() -> float:
    from workbench.engine.view import RunView

    view = RunView().apply_all(long_run())
    return min(view.disagreements.values(), key=lambda scored: scored.node.count("/")).score


async def shown(graded: Any) -> str:
    async with bench(Puppet(long_run()), size=WIDE, store=FakeStore(), graded=graded) as pilot:
        await fire(pilot)
        await app_of(pilot).workers.wait_for_complete()
        await settle(pilot)
        return " ".join(seen(pilot, AgreementPane).split())


async def test_it_says_how_many_of_how_many_were_wrong_near_this_score() -> None:
    asked: list[RunKind] = []

    def graded(kind: RunKind) -> Sequence[GradedScore]:
        asked.append(kind)
        near = [GradedScore(score(), wrong) for wrong in [True] * 3 + [False] * 17]
        return [*near, *[GradedScore(score(), True, "entropy", "cross")] * 50]

    assert "near this score 3 of 20 answers were wrong (5–36 %)" in await shown(graded)
    assert asked == ["real"]


async def test_where_too_few_are_graded_or_none_can_be_read_it_says_nothing() -> None:
    def broken(kind: RunKind) -> Sequence[GradedScore]:
        raise LedgerError("locked")

    assert "near this score" not in await shown(lambda kind: [GradedScore(score(), True)] * 4)
    assert "near this score" not in await shown(broken)
    assert "near this score" not in await shown(None)
