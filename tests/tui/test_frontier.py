"""The Frontier screen under a pilot, on a real ledger."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, Static

from tests.ledger.streams import record, short
from tests.tui.frontier_pilot import card, nothing, press, quiet, room, runs, said, screen, seen, until, zoomed
from tests.tui.scripted import STARTED, services
from tests.tui.studies import SYSTEMS, study
from workbench.errors import LedgerError
from workbench.ledger import Ledger, Measures, RunQuery, open_ledger
from workbench.tui.app import WorkbenchApp
from workbench.tui.frontier_asking import Question
from workbench.tui.ledger_store import LedgerStore
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.frontier import FrontierScreen
from workbench.tui.screens.pick import Pick
from workbench.tui.screens.runs import Runs
from workbench.tui.widgets.frontier_bar import FrontierBar
from workbench.tui.widgets.ranking import Ranking
from workbench.tui.widgets.scatter import Scatter


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("frontier") / "ledger.db"
    study(path).close()
    return path


@pytest.fixture
def ledger(template: Path, tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(Path(shutil.copy(template, tmp_path / "study.db"))) as opened:
        yield opened


async def test_systems_stand_on_chart_and_table_with_what_is_left_out(ledger: Ledger) -> None:
    async with room(ledger) as pilot:
        table = seen(pilot, Ranking).splitlines()
        assert table[0].split() == ["system", "accuracy", "$/task", "P(fr)"]
        assert [row.split()[1] for row in table[1:7]] == sorted(SYSTEMS, key=lambda name: SYSTEMS[name][1])
        assert any("newcomer" in row and "not graded" in row for row in table)
        assert any("elsewhere" in row and "shares 0" in row for row in table)
        chart = seen(pilot, Scatter)
        assert "cascade" in chart
        assert "cost per task, log · less is better" in chart
        assert "real" in seen(pilot, FrontierBar)
        told = card(pilot)
        assert "24 runs on 24 tasks" in told
        assert "frontier staircase · bootstrap 2,000" in told.replace("\n", " ")
        assert "not counted: 1 simulated run" in told


async def test_table_and_chart_follow_each_other(ledger: Ledger) -> None:
    async with room(ledger) as pilot:
        scatter, first = screen(pilot).query_one(Scatter), screen(pilot).chosen
        assert scatter.has_focus
        assert first == scatter.chosen == "single-small"
        await press(pilot, "right")
        assert screen(pilot).chosen == scatter.chosen != first
        assert screen(pilot).chosen in card(pilot)
        await press(pilot, "j")
        assert scatter.chosen == screen(pilot).chosen
        await press(pilot, "G")
        assert screen(pilot).chosen in ("newcomer", "elsewhere")
        assert scatter.chosen == ""
        assert "not compared" in card(pilot)
        await press(pilot, "g", "k")
        assert screen(pilot).chosen == "single-small"
        await pilot.click(Ranking, offset=(6, 3))
        await quiet(pilot)
        assert scatter.chosen == "cascade"
        assert screen(pilot).query_one(Ranking).has_focus
        await press(pilot, "down", "down", "home", "end", "up")
        assert screen(pilot).chosen == screen(pilot).query_one(Ranking).labels[-2]


async def test_axes_turn_and_are_chosen_from_a_list(ledger: Ledger) -> None:
    async with room(ledger) as pilot:
        await press(pilot, "x")
        assert "latency, log" in seen(pilot, Scatter)
        await press(pilot, "y")
        assert "x latency  y disagreement" in seen(pilot, FrontierBar)
        assert "no disagreement measured" in nothing(pilot)
        await press(pilot, "y", "z")
        assert "x latency  y tokens  z cost" in seen(pilot, FrontierBar)
        await press(pilot, "h")
        assert "no line" in said(pilot)
        await press(pilot, "z", "z", "z")
        assert "z –" in seen(pilot, FrontierBar)
        await press(pilot, "a")
        await until(pilot, lambda: isinstance(pilot.app.screen, Pick))
        await pilot.press(*"y accuracy", "enter")
        await quiet(pilot)
        assert "x latency  y accuracy" in seen(pilot, FrontierBar)
        assert screen(pilot).query_one(Scatter).display


@pytest.mark.parametrize(
    ("axis", "quantity", "axes"),
    [
        ("x", "accuracy", ("accuracy", "cost")),
        ("z", "latency", ("cost", "accuracy", "latency")),
        ("z", "cost", ("cost", "accuracy")),
        ("z", None, ("cost", "accuracy")),
        ("y", "tokens", ("cost", "tokens")),
    ],
)
def test_an_axis_is_never_there_twice(axis: Any, quantity: Any, axes: tuple[str, ...]) -> None:
    assert Question().with_axis(axis, quantity).axes == axes


def test_turning_goes_through_all_quantities_and_back() -> None:
    asked, found = Question(), []
    for _ in range(4):
        found.append(asked.x)
        asked = asked.turned("x")
    assert (sorted(found), asked) == (["cost", "disagreement", "latency", "tokens"], Question())
    assert Question(hull=True).turned("z").hull is False


async def test_hull_scale_and_zoom(ledger: Ledger) -> None:
    async with room(ledger) as pilot:
        await press(pilot, "h")
        assert "convex hull" in seen(pilot, Scatter)
        await press(pilot, "h", "l")
        assert "convex hull" not in seen(pilot, Scatter)
        assert ", log" not in seen(pilot, Scatter)
        await press(pilot, "l", "plus", "plus")
        assert zoomed(pilot)
        await press(pilot, "escape")
        assert not zoomed(pilot)
        await press(pilot, "tab", "plus")
        assert screen(pilot).query_one(Ranking).has_focus
        assert zoomed(pilot)
        await press(pilot, "minus", "plus", "0")
        assert not zoomed(pilot)


async def test_kinds_are_shown_one_at_a_time(ledger: Ledger) -> None:
    async with room(ledger) as pilot:
        await press(pilot, "r")
        assert screen(pilot).query_one(Input).value == "kind:simulated"
        assert "None of 1 simulated run is graded" in nothing(pilot)
        await press(pilot, "x")
        assert "None of 1" in nothing(pilot)
        await press(pilot, "r")
        assert "No finished recorded run fits" in nothing(pilot)
        assert "r shows those" in nothing(pilot)
        await press(pilot, "r")
        assert screen(pilot).query_one(Input).value == ""
        assert screen(pilot).query_one(Scatter).display


async def test_the_search_line_chooses_runs(ledger: Ledger) -> None:
    async with room(ledger) as pilot:
        await press(pilot, "slash")
        await pilot.press(*"tag:study")
        await press(pilot, "enter")
        assert screen(pilot).query_one(Scatter).has_focus
        assert "newcomer" not in seen(pilot, Ranking)
        await press(pilot, "f")
        await pilot.press(*"tag:odd", "enter")
        await quiet(pilot)
        assert screen(pilot).query_one(Input).value == "tag:odd tag:study"
        assert "Esc empties the search" in nothing(pilot)
        await press(pilot, "escape")
        assert screen(pilot).query_one(Input).value == ""
        await press(pilot, "f")
        await pilot.press(*"since:24h", "enter")
        await quiet(pilot)
        assert "newcomer" in seen(pilot, Ranking)
        await press(pilot, "slash", "escape")
        assert screen(pilot).query_one(Scatter).has_focus


async def test_typing_asks_once_it_pauses(ledger: Ledger) -> None:
    async with room(ledger) as pilot:
        await pilot.press("slash", *"system:cascade")
        await until(pilot, lambda: len(screen(pilot).query_one(Ranking).labels) == 1)
        await quiet(pilot)
        assert "cascade" in seen(pilot, Ranking)


async def test_enter_shows_the_systems_runs_and_o_its_newest(ledger: Ledger) -> None:
    async with room(ledger, whole=True) as pilot:
        await press(pilot, "g", "j", "enter")
        await until(pilot, lambda: runs(pilot).pages.total == 24)
        assert runs(pilot).search == "kind:real system:warming-small"
        await press(pilot, "4")
        await until(pilot, lambda: isinstance(pilot.app.screen, FrontierScreen))
        await press(pilot, "tab", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Runs))
        await press(pilot, "4", "o")
        app = pilot.app
        assert isinstance(app, WorkbenchApp)
        await until(pilot, lambda: app.session.view.system == "warming-small")
        assert app.screen is app.bench


async def test_a_second_click_opens(ledger: Ledger) -> None:
    async with room(ledger, whole=True) as pilot:
        await pilot.click(Ranking, offset=(6, 2), times=2)
        await until(pilot, lambda: isinstance(pilot.app.screen, Runs))
        await press(pilot, "4")
        scatter = screen(pilot).query_one(Scatter)
        assert scatter.laid is not None
        await pilot.click(Scatter, offset=scatter.laid.spots["cascade"], times=2)
        await until(pilot, lambda: isinstance(pilot.app.screen, Runs))
        assert isinstance(pilot.app.screen, Runs)
        assert "system:cascade" in pilot.app.screen.search


async def test_where_nothing_is_graded_enter_goes_to_all_those_runs(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "l.db") as ledger:
        record(ledger, short("a", system="s"))
        async with room(ledger, whole=True) as pilot:
            assert "None of 1 real run is graded" in nothing(pilot)
            await press(pilot, "enter")
            assert isinstance(pilot.app.screen, Runs)
            assert pilot.app.screen.search == "kind:real"
            await press(pilot, "r", "4")
            await quiet(pilot)
            assert "one task" in card(pilot)


async def test_the_chart_goes_to_a_file_with_its_figures(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with room(ledger) as pilot:
        await press(pilot, "e")
        dialog = pilot.app.screen
        text = dialog.query_one(Input)
        assert text.value == "frontier.svg"
        meanings = {"x.doc": "The name says", "no/where.svg": "There is no folder", "f.json": "the chart"}
        for name, meaning in meanings.items():
            text.value = name
            await pilot.pause()
            assert meaning in str(dialog.query_one("#meaning", Static).render())
        await press(pilot, "enter")
        await until(pilot, lambda: "Written: f.json" in said(pilot))
        assert provenance(tmp_path / "f.json") == ("real", "kind real")
        assert files(tmp_path) == ["f.csv", "f.json", "f.provenance.json"]
        await press(pilot, "e")
        pilot.app.screen.query_one(Input).value = "f.json"
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Confirm)


def files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.glob("f.*"))


def provenance(path: Path) -> tuple[str, str]:
    told = json.loads(path.read_text(encoding="utf-8"))["provenance"]
    return told["kind"], told["query"]


async def test_there_is_nothing_to_write_without_a_chart(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "l.db") as ledger:
        async with room(ledger) as pilot:
            assert "Runs come from the Bench" in nothing(pilot)
            await press(pilot, "e", "enter", "o", "j", "a", "escape")
            assert "no chart" in said(pilot)


async def test_without_a_ledger_it_says_so() -> None:
    async with room(None) as pilot:
        assert "no ledger" in nothing(pilot)
        await press(pilot, "x", "f", "r", "e")


class Slow(LedgerStore):
    """Answers when it is told to."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(lambda: ledger)
        self.may, self.broken = threading.Event(), False
        original = self.measures

        def measures(query: RunQuery) -> Measures:
            self.may.wait(10)
            if self.broken:
                raise LedgerError("can't read the ledger: the disk is gone")
            return original(query)

        setattr(self, "measures", measures)  # noqa: B010


async def test_the_screen_never_waits_for_the_ledger(ledger: Ledger) -> None:
    store = Slow(ledger)
    app = WorkbenchApp(services(store=store, now=lambda: STARTED), system="single", prompt="?")
    setattr(app, "get_default_screen", lambda: FrontierScreen(app.session))  # noqa: B010
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert "reading" in nothing(pilot)
        await pilot.press("h", "h", "slash")
        assert screen(pilot).query_one(Input).has_focus
        store.may.set()
        await asyncio.wait_for(app.workers.wait_for_complete(), 10)
        await quiet(pilot)
        assert "cascade" in seen(pilot, Ranking)
        store.broken = True
        await press(pilot, "escape", "r")
        assert "the disk is gone" in said(pilot)


async def test_f3_reads_table_and_card(ledger: Ledger) -> None:
    async with room(ledger) as pilot:
        shown = screen(pilot).paged()
        assert shown is not None
        assert "cascade" in shown.text
        assert "hypervolume" in shown.text


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (100, 30), (200, 60)])
async def test_every_size_shows_chart_and_table(ledger: Ledger, size: tuple[int, int]) -> None:
    async with room(ledger, size=size) as pilot:
        assert screen(pilot).query_one(Ranking).size.height >= 2
        assert screen(pilot).query_one(Scatter).size.height >= 3
        assert "sing" in seen(pilot, Ranking)
        paged = screen(pilot).paged()
        assert paged is not None
        if size[0] >= 80:
            assert max(map(len, paged.text.splitlines())) <= size[0]


async def test_the_bar_is_clicked(ledger: Ledger) -> None:
    async with room(ledger) as pilot:
        bar = seen(pilot, FrontierBar)
        await pilot.click(FrontierBar, offset=(2 + bar.index("x cost") + 1, 0))
        await quiet(pilot)
        assert "x latency" in seen(pilot, FrontierBar)


async def test_hostile_names_are_only_text(tmp_path: Path) -> None:
    nasty = "[bold]x[/] \x1b[31m\u202e =1+1"
    with open_ledger(tmp_path / "l.db") as ledger:
        for task in range(3):
            record(ledger, short(f"a{task}", system=nasty, prompt=f"p{task}"))
            ledger.grade(f"a{task}", "right")
            record(ledger, short(f"b{task}", system="plain", prompt=f"p{task}", cost=9))
            ledger.grade(f"b{task}", "wrong")
        async with room(ledger) as pilot:
            everything = seen(pilot, Ranking) + seen(pilot, Scatter) + card(pilot)
            assert "[bold]x[/]" in everything
            assert not {"\x1b", "\u202e"} & set(everything)
