"""The Frontier's chart, through keys and mouse."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.app import ComposeResult
from textual.message import Message

from tests.charts import samples
from workbench.charts.spec import ChartSpec
from workbench.tui.terminal import Terminal
from workbench.tui.theming import Theming
from workbench.tui.widgets.scatter import PAN, Scatter


class Shown(Theming):
    """The widget alone, and what it told."""

    def __init__(self, spec: ChartSpec) -> None:
        super().__init__(css_path=[])
        self.dress("workbench-dark", Terminal())
        self.spec = spec
        self.told: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Scatter()

    def on_mount(self) -> None:
        scatter = self.query_one(Scatter)
        scatter.show(self.spec)
        scatter.focus()

    def on_scatter_picked(self, message: Scatter.Picked) -> None:
        self.told.append(message)

    def on_scatter_opened(self, message: Scatter.Opened) -> None:
        self.told.append(message)


def text(scatter: Scatter) -> str:
    return "\n".join(scatter.render_line(y).text for y in range(scatter.size.height))


async def test_arrows_go_to_the_nearest_point_that_way_and_enter_opens_it() -> None:
    app = Shown(samples.frontier())
    async with app.run_test(size=(100, 30)) as pilot:
        scatter = app.query_one(Scatter)
        await pilot.press("right")
        assert scatter.chosen == "single gpt-3.5"
        await pilot.press("right")
        assert scatter.chosen == "warming 3.5"
        await pilot.press("up", "enter")
        assert scatter.chosen == "cascade → gpt-4"
        await pilot.pause()
        assert app.told[-1] == Scatter.Opened("cascade → gpt-4")
        assert app.told[-2] == Scatter.Picked("cascade → gpt-4")
        assert "◆" in text(scatter)
        await pilot.press("left", "left", "left", "left")
        assert scatter.chosen == "single gpt-3.5"


async def test_every_point_is_reached_by_arrows() -> None:
    app = Shown(samples.frontier())
    async with app.run_test(size=(80, 24)) as pilot:
        scatter = app.query_one(Scatter)
        found = {""}
        for key in ("right", *("right", "up", "down") * 8):
            await pilot.press(key)
            found.add(scatter.chosen)
        assert found - {""} == {point.label for point in samples.frontier().points}


async def test_a_click_picks_the_nearest_point_and_a_second_opens_it() -> None:
    app = Shown(samples.frontier())
    async with app.run_test(size=(100, 30)) as pilot:
        scatter = app.query_one(Scatter)
        assert scatter.laid is not None
        column, row = scatter.laid.spots["gpt-4"]
        await pilot.click(Scatter, offset=(column + 1, row))
        assert scatter.chosen == "gpt-4"
        column, row, _ = scatter.laid.labelled["warming 3.5"]
        await pilot.click(Scatter, offset=(column + 1, row), times=2)
        await pilot.pause()
        assert app.told[-1] == Scatter.Opened("warming 3.5")


async def test_zoom_pan_and_the_whole_again() -> None:
    app = Shown(samples.frontier())
    async with app.run_test(size=(100, 30)) as pilot:
        scatter = app.query_one(Scatter)
        whole = text(scatter)
        await pilot.press("plus", "plus", "plus", "shift+right")
        assert scatter.laid is not None
        assert len(scatter.laid.spots) < 6
        scatter.pick("gpt-4")
        assert "gpt-4" in scatter.laid.spots
        await pilot.press("minus", "minus", "minus", "minus", "0")
        scatter.show(None)
        scatter.show(samples.frontier())
        assert text(scatter) == whole
        for _ in range(60):
            scatter.action_zoom(1)
        assert scatter.laid is not None


async def test_shift_and_an_arrow_move_what_is_in_sight() -> None:
    app = Shown(samples.frontier())
    async with app.run_test(size=(100, 30)) as pilot:
        scatter = app.query_one(Scatter)
        await pilot.press("plus")

        def middle() -> tuple[float, float]:
            """Where the middle of what is in sight would stand in what was in sight at first."""
            assert scatter.laid is not None
            found = (
                was.share(now.value(0.5)) for was, now in zip(first, (scatter.laid.x, scatter.laid.y), strict=True)
            )
            across, up = found
            assert across is not None
            assert up is not None
            return across, up

        assert scatter.laid is not None
        first, before = (scatter.laid.x, scatter.laid.y), text(scatter)
        for key, there in (
            ("left", (0.5 - PAN, 0.5)),
            ("down", (0.5 - PAN, 0.5 - PAN)),
            ("right", (0.5, 0.5 - PAN)),
            ("up", (0.5, 0.5)),
        ):
            assert middle() != pytest.approx(there)
            await pilot.press(f"shift+{key}")
            assert middle() == pytest.approx(there), key
            assert (text(scatter) == before) == (key == "up")


async def test_the_card_says_values_with_intervals_and_notes_as_plain_text() -> None:
    spec = samples.frontier()
    bad = replace(spec.points[0], label="[red]\x1b[31mx", notes=(("[b]", "a\nb"),))
    app = Shown(replace(spec, points=(bad, *spec.points[1:])))
    async with app.run_test(size=(60, 16)):
        scatter = app.query_one(Scatter)
        assert scatter.card(bad.label) == (
            ("", "[red]x"), ("cost per task", "$0.00033"), ("accuracy", "0.739 [0.709, 0.769]"), ("[b]", "a b"),
        )  # fmt: skip
        assert "[red]x" in text(scatter)
        assert "\x1b" not in text(scatter)


async def test_nothing_and_little_room_are_no_error() -> None:
    app = Shown(replace(samples.frontier(), points=(), lines=()))
    async with app.run_test(size=(12, 3)) as pilot:
        await pilot.press("right", "plus", "enter", "shift+up", "0")
        app.query_one(Scatter).show(None)
        await pilot.pause()
        assert app.told == []
