"""The Lab in the app, over draws that are made up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from textual.widgets import Input, Static

from tests.tui.piloting import Bench, app_of, bench
from tests.tui.scripted import FakeStore
from workbench.analysis.pool import Draw, Pool
from workbench.tui.screens.lab import Lab
from workbench.tui.widgets.words_pane import WordsPane

LINES = "\n".join(
    f'{{"task_id": "t{task}", "model": "m", "text": "{task}-{draw}", "latency_s": {1 + (task + draw * 3) % 5}, '
    f'"completion_tokens": {10 + draw}, "correct": {"true" if (task + draw) % 3 else "false"}, '
    f'"accepted": {"true" if (task * 2 + draw) % 4 else "false"}}}'
    for task in range(12)
    for draw in range(6)
)


def pool(*, graded: bool = True, judged: bool = True, models: Sequence[str] = ("m",), draws: int = 6) -> Pool:
    def one(task: int, model: str, draw: int) -> Draw:
        return Draw(
            model=model,
            correct=bool((task + draw) % 3) if graded else None,
            key=str((task + draw) % 3),
            latency=1.0 + (task + draw * 3) % 5,
            tokens=10 + draw,
            cost=1_000_000 * (10 + draw),
            accepted=bool((task * 2 + draw) % 4) if judged else None,
            score=((task + draw) % 10) / 10,
            text=f"answer {task}-{draw} of {model}",
        )

    tasks = {f"t{t}": tuple(one(t, m, d) for m in models for d in range(draws)) for t in range(12)}
    return Pool(tasks=tasks, kind="simulated", source="12 runs of load", prompts={"t0": "2 + 2?"}, runs=("7f3a91c2",))


class Shelf(FakeStore):
    """A ledger whose runs make this pool."""

    made: Pool | Exception = pool()
    asked: Sequence[str] = ()

    def pool(self, runs: Sequence[str]) -> Pool:
        self.asked = tuple(runs)
        if isinstance(self.made, Exception):
            raise self.made
        return self.made


@asynccontextmanager
async def lab(made: Pool | Exception | None = None, **changes: Any) -> AsyncIterator[tuple[Bench, Lab]]:
    store = Shelf()
    if made is not None:
        store.made = made
    async with bench(store=store, **{"size": (120, 40), **changes}) as pilot:
        if made is None:
            app_of(pilot).action_go("lab")
        else:
            await app_of(pilot).open_lab(["7f3a91c2"])
        await ready(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, Lab)
        yield pilot, screen


async def ready(pilot: Bench) -> None:
    for _ in range(2):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def press(pilot: Bench, *keys: str) -> None:
    await pilot.press(*keys)
    await ready(pilot)


def words(screen: Lab, pane: str) -> str:
    return screen.query_one(pane, WordsPane).at(60).plain


def toast(pilot: Bench) -> str:
    return " ".join(str(notification.message) for notification in pilot.app._notifications)


def meant(pilot: Bench) -> str:
    """What the dialog says of what is typed."""
    return str(pilot.app.screen.query_one("#meaning", Static).content)


def lines(screen: Lab) -> list[str]:
    spec = screen.to_write
    return [line.label for line in spec.lines] if spec is not None else []


async def ask(pilot: Bench, system: str) -> None:
    await press(pilot, "w")
    pilot.app.screen.query_one(Input).value = system
    await press(pilot, "enter")
