"""The live view draws any run at any moment, whole or cut to the terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from tests.cli import scripted
from workbench.cli.lanes import lanes
from workbench.cli.live import LiveView, render
from workbench.engine.events import CallFinished
from workbench.engine.view import RunView
from workbench.models.base import Prices


def drawn(view: RunView, width: int = 120, lines: int | None = None) -> str:
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False, force_terminal=False)
    console.print(render(view, width, lines))
    out = console.file
    assert isinstance(out, io.StringIO)
    return out.getvalue()


def test_a_finished_race_says_who_won_and_what_it_cost() -> None:
    text = drawn(RunView().apply_all(scripted.race(3)))
    assert "✓ done" in text
    assert "simulated" in text
    assert "~$0.000021" in text
    assert "first to finish its answer" in text
    assert text.count("✕ cancelled") == 2
    assert "⚑ won" in text
    assert "entropy 0.29, n = 2" in text


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_every_moment_of_a_run_fits_the_width(width: int) -> None:
    view = RunView()
    for event in scripted.race(4):
        view.apply(event)
        assert all(len(line.rstrip()) <= width - 2 * (width >= 80) for line in drawn(view, width).splitlines())


def test_lanes_that_do_not_fit_are_counted_and_the_winner_stays() -> None:
    text = drawn(RunView().apply_all(scripted.race(50)), lines=5)
    assert "45 more calls" in text
    assert "⚑ won" in text


def test_text_of_a_model_is_no_markup_and_no_control_sequence() -> None:
    text = drawn(RunView().apply_all(scripted.race(2, answer="[red]a[/red] \x1b[31mb \x1b]0;c\x07")))
    assert "[red]a[/red]" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_speed_counts_from_the_first_token() -> None:
    view = RunView().apply_all(scripted.race(2))
    winner = lanes(view)[0]
    assert winner.tokens == 5
    assert winner.per_second == pytest.approx(4 / 0.399, rel=0.01)


def test_money_runs_with_the_tokens_and_is_never_nothing_while_they_stream() -> None:
    events = scripted.race(2)
    view = RunView().apply_all(events[: next(i for i, x in enumerate(events) if isinstance(x, CallFinished))])
    assert "$ ?" in drawn(view)
    console = Console(file=io.StringIO(), width=120)
    console.print(render(view, 120, None, lambda model: Prices(input=10, output=1_000_000)))
    console.print(render(view, 120, None, lambda model: Prices(input=0, output=0)))
    assert isinstance(console.file, io.StringIO)
    priced, free = (line for line in console.file.getvalue().splitlines() if line.startswith("quick"))
    assert f"~${sum(c.deltas for c in view.calls.values()) / 1e6:.8f}" in priced
    assert " $0.00" in free


def test_the_last_frame_shows_the_end() -> None:
    console = Console(file=io.StringIO(), width=100, height=24, force_terminal=True, markup=False)
    view = RunView()
    with LiveView(console, view) as live:
        for event in scripted.race(3):
            view.apply(event)
            live(event)
    out = console.file
    assert isinstance(out, io.StringIO)
    assert "✓ done" in out.getvalue()
