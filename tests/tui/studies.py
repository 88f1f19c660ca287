"""A ledger with a small study, for the tests of the Frontier screen."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from msgspec import structs

from tests.ledger.streams import SECOND, short
from tests.tui.scripted import STARTED
from workbench.engine import events as e
from workbench.ledger import Ledger, open_ledger
from workbench.models.base import Usage

TASKS = 24
SYSTEMS = {
    # name: (notation, pico-dollars a run, seconds a run, tasks solved)
    "single-small": ("lab/small", 330_000_000, 2.0, 15),
    "warming-small": ("cascade[agreement](lab/small, lab/small)", 890_000_000, 2.3, 18),
    "cascade": ("cascade[regex:done](lab/small, lab/middle, lab/large)", 2_660_000_000, 2.5, 20),
    "single-large": ("lab/large", 11_770_000_000, 11.2, 21),
    "vote-large": ("vote(5*lab/large@0.8)", 14_930_000_000, 16.9, 23),
    "single-old": ("lab/old", 17_900_000_000, 9.2, 17),
}


def study(path: Path) -> Ledger:
    """Six graded systems on the same tasks, tagged `study`; one that is not graded, one on other tasks, a simulated
    one."""
    ledger, dice = open_ledger(path), random.Random(3)
    grades: list[tuple[str, bool]] = []
    for number, (name, (notation, cost, seconds, solved)) in enumerate(SYSTEMS.items()):
        right = set(dice.sample(range(TASKS), solved))
        for task in range(TASKS):
            run = f"{number}{task:03d}{name[:4]}"
            spent, took = round(cost * dice.uniform(0.6, 1.4)), seconds * dice.uniform(0.6, 1.4)
            at = STARTED - (number * TASKS + task + 1) * 60 * SECOND
            prompt = f"Task {task}: what is {task} × 7?"
            events = short(run, prompt=prompt, system=name, notation=notation, cost=spent, started_at=at)
            _record(ledger, _lasting(events, round(took * SECOND), 80 + number * 40), "study")
            grades.append((run, task in right))
    for run, kind, name, task in (("new00000", "real", "newcomer", 1), ("sim00000", "simulated", "single-small", 2)):
        at = STARTED - 86_400 * SECOND
        prompt = f"Task {task}: what is {task} × 7?"
        _record(ledger, short(run, prompt=prompt, system=name, kind=kind, started_at=at), "odd")
    apart = short("other000", prompt="Another question", system="elsewhere", started_at=STARTED - SECOND)
    _record(ledger, apart, "odd")
    grades.append(("other000", True))
    ledger.flush()
    for run, good in grades:
        ledger.grade(run, "right" if good else "wrong")
    return ledger


def _record(ledger: Ledger, events: list[e.AnyEvent], tag: str) -> None:
    recorder = ledger.recorder()
    for event in events:
        recorder(structs.replace(event, tags=(tag,)) if isinstance(event, e.RunStarted) else event)


def _lasting(events: list[e.AnyEvent], ns: int, tokens: int) -> list[e.AnyEvent]:
    """So long, and with so many tokens."""
    changed: list[e.AnyEvent] = []
    for event in events:
        fields: dict[str, Any] = {}
        if isinstance(event, e.CallFinished):
            fields["usage"] = Usage(prompt_tokens=20, completion_tokens=tokens, source="reported")
        if event.t >= 4:
            fields["t"] = ns
        changed.append(structs.replace(event, **fields))
    return changed
