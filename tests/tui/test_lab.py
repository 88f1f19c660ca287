"""The Lab: knobs, curves, the calculator, and c and s from judged draws."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.widgets import Input

from tests.tui.lab_pilot import LINES, Shelf, ask, lab, lines, meant, pool, press, ready, toast, words
from tests.tui.piloting import Bench, app_of, bench
from tests.tui.scripted import Puppet, long_run
from workbench.errors import InputError
from workbench.tui.lab_knobs import Drawn, Knobs, knobs_for, place, placed, put, reach, turned, within
from workbench.tui.screens.lab_grading import Grading
from workbench.tui.widgets.curves import Curves
from workbench.tui.widgets.knob_rows import KnobRows

# Knobs

SOME = [None, Drawn.of(pool()), Drawn.of(pool(models=("a", "b"))), Drawn.of(pool(draws=1))]
RULE = st.sampled_from(["race", "vote", "verify", "short-m", "cascade", "pass"])


@given(st.integers(1, 3000))
def test_the_k_that_are_worked_out_begin_at_one_and_end_where_the_draws_do(most: int) -> None:
    ks = reach(most)
    assert (ks[0], ks[-1]) == (1, most)
    assert list(ks) == sorted(set(ks))
    assert len(ks) < 50


@given(st.sampled_from(SOME), RULE, st.lists(st.tuples(st.integers(0, 9), st.integers(-150, 150)), max_size=12))
def test_a_turned_knob_stands_at_one_of_its_stops(drawn: Drawn | None, rule: str, turns: list[tuple[int, int]]) -> None:
    knobs = within(Knobs(rule=rule), drawn)
    for row, by in turns:
        found = knobs_for(drawn, knobs)
        knob = found[row % len(found)]
        before = place(knobs, knob)
        knobs = turned(knobs, knob, by)
        assert getattr(knobs, knob.name) in knob.stops
        if not knob.sliding:
            assert place(turned(knobs, knob, -by), knob) == before
        knobs = within(knobs, drawn)
        assert within(knobs, drawn) == knobs


@given(st.sampled_from(SOME), st.floats(-2, 3))
def test_a_click_on_a_slider_is_undone_by_a_click_where_it_stood(drawn: Drawn | None, share: float) -> None:
    for knob in knobs_for(drawn, Knobs()):
        there = placed(Knobs(), knob, share)
        at = place(there, knob)
        assert put(there, knob, at) == there
        assert place(placed(there, knob, at / max(1, len(knob.stops) - 1)), knob) == at


# The screen


async def test_without_draws_it_is_a_calculator_with_the_formula_s_vectors() -> None:
    async with lab() as (pilot, screen):
        said = words(screen, "#lab-figures")
        assert ".600" in said
        assert ".793" in said
        assert "p 0.60, c 0.90, s 0.70: Verification gains" in words(screen, "#lab-advice")
        assert "No draws yet" in words(screen, "#lab-advice").replace("\n", " ")
        await press(pilot, "L", "left", "left", "left")
        assert screen.knobs.k == 10
        assert ".818" in words(screen, "#lab-figures")
        assert lines(screen) == ["Acc(K) p .60 c .90 s .70"]


async def test_keys_go_to_a_knob_and_turn_it_by_ten_steps_or_to_its_ends() -> None:
    async with lab() as (pilot, screen):
        rows = screen.query_one(KnobRows)
        await press(pilot, "down", "j", "down", "k")
        assert rows.render_line(2).text.startswith(" c  right kept")
        for key, c in (("H", 0.8), ("shift+left", 0.7), ("shift+right", 0.8), ("left", 0.79)):
            await press(pilot, key)
            assert screen.knobs.c == c, key
        for key, c in (("end", 1.0), ("g", 0.0), ("G", 1.0), ("home", 0.0)):
            await press(pilot, key)
            assert screen.knobs.c == c, key
        assert rows.render_line(2).text.rstrip().endswith(".00")
        assert lines(screen) == ["Acc(K) p .60 c .00 s .70"]
        await press(pilot, "up", "H", "k", "up", "H")
        assert (screen.row, screen.knobs.k, screen.knobs.p) == (0, 1, 0.5)


async def test_draws_of_a_run_become_curves_with_intervals_and_figures_at_k() -> None:
    async with lab(pool()) as (pilot, screen):
        assert screen.session.services.store.asked == ("7f3a91c2",)  # type: ignore[union-attr]
        assert "72 draws · simulated" in words(screen, "#lab-source")
        assert lines(screen) == ["race@k", "pass@k"]
        said = words(screen, "#lab-figures")
        assert "race@3" in said
        assert "any right" in said
        assert "gap" in said
        await press(pilot, "right")
        assert screen.knobs.rule == "vote"
        assert lines(screen) == ["vote@k", "pass@k", "F(K)"]
        await press(pilot, "t")
        assert lines(screen) == ["vote@k", "pass@k"]
        await press(pilot, "c")
        assert lines(screen)[-1].startswith("Acc(K) p")
        await press(pilot, "down", "right")
        assert screen.knobs.quantity == "latency"
        assert lines(screen) == ["vote@k"]


async def test_where_nothing_is_graded_it_shows_what_is_known() -> None:
    async with lab(pool(graded=False)) as (_, screen):
        assert screen.knobs.quantity == "latency"
        assert lines(screen) == ["race@k"]
        assert "Nothing is graded" in words(screen, "#lab-advice")


async def test_knobs_come_and_go_with_the_rule() -> None:
    async with lab(pool()) as (pilot, screen):
        names = [knob.words for knob in knobs_for(screen.drawn, screen.knobs)]
        assert "m  voters" not in names
        while screen.knobs.rule != "short-m":
            await press(pilot, "right")
        names = [knob.words for knob in knobs_for(screen.drawn, screen.knobs)]
        assert "m  voters" in names
        await press(pilot, "right")
        names = [knob.words for knob in knobs_for(screen.drawn, screen.knobs)]
        assert "τ  accepts from" in names


async def test_each_model_has_a_curve_and_one_can_be_chosen() -> None:
    async with lab(pool(models=("a", "b"))) as (pilot, screen):
        assert lines(screen) == ["race@k a", "race@k b", "pass@k a", "pass@k b"]
        await press(pilot, "right")
        assert lines(screen)[4:] == ["F(K) a", "F(K) b"]
        await press(pilot, "left")
        await press(pilot, "down", "down", "right")
        assert screen.knobs.model == "a"
        assert lines(screen) == ["race@k", "pass@k"]


async def test_the_last_that_was_asked_for_is_drawn_and_the_screen_waits_for_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from workbench.tui import lab_reading

    gate, real = threading.Event(), lab_reading.work

    def slow(drawn: Drawn, knobs: Knobs) -> Any:
        if knobs.rule == "vote":
            gate.wait(20)
        return real(drawn, knobs)

    monkeypatch.setattr(lab_reading, "work", slow)
    async with lab(pool()) as (pilot, screen):
        try:
            await pilot.press("right")
            await pilot.pause()
            assert lines(screen) == []
            assert "working it out" in words(screen, "#lab-source")
            spec = screen.query_one(Curves)._spec
            assert spec is not None
            assert [each.label for each in spec.lines] == ["race@k", "pass@k"]
            assert "race@3" in words(screen, "#lab-figures")
            await pilot.press("right")
            for _ in range(400):
                await pilot.pause(0.01)
                if lines(screen):
                    break
            assert screen.knobs.rule == "verify"
            assert lines(screen) == ["verify@k", "pass@k", "Acc(K)"]
        finally:
            gate.set()


async def test_while_other_draws_are_worked_out_no_figure_of_those_before_stands_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from workbench.tui import lab_reading

    gate, real = threading.Event(), lab_reading.work
    async with lab(pool()) as (pilot, screen):
        assert "accuracy" in words(screen, "#lab-figures")

        def slow(drawn: Drawn, knobs: Knobs) -> Any:
            gate.wait(20)
            return real(drawn, knobs)

        monkeypatch.setattr(lab_reading, "work", slow)
        try:
            screen.take(lambda: pool(draws=4), "others")
            for _ in range(400):
                await pilot.pause(0.01)
                if "working it out" in words(screen, "#lab-source"):
                    break
            assert "48 draws" not in words(screen, "#lab-source")
            assert words(screen, "#lab-figures") == words(screen, "#lab-advice") == ""
            spec = screen.query_one(Curves)._spec
            assert spec is not None
            assert not spec.lines
        finally:
            gate.set()
        await ready(pilot)
        assert "race@3" in words(screen, "#lab-figures")


async def test_mouse_points_and_slides() -> None:
    async with lab(pool()) as (pilot, screen):
        rows = screen.query_one(KnobRows)
        await pilot.mouse_down(rows, offset=(17, 2))
        await ready(pilot)
        assert (screen.row, screen.knobs.k) == (2, 1)
        await pilot.hover(rows, offset=(rows.size.width - 1, 2))
        await ready(pilot)
        assert screen.knobs.k == 6
        await pilot.mouse_up(rows, offset=(rows.size.width - 1, 2))
        await pilot.hover(rows, offset=(18, 2))
        await ready(pilot)
        assert screen.knobs.k == 6
        await pilot.click(rows, offset=(22, 0))
        await ready(pilot)
        assert screen.knobs.rule == "vote"


async def test_a_file_of_samples_is_read_and_a_bad_one_said(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_text(LINES)
    bad.write_text('{"text": 3}\n')
    async with lab() as (pilot, screen):
        await press(pilot, "o", *str(bad), "enter")
        assert "bad.jsonl" in toast(pilot)
        assert screen.drawn is None
        await press(pilot, "o", *str(good), "enter")
        assert "72 draws" in words(screen, "#lab-source")
        await press(pilot, "enter")
        assert "came from no run" in toast(pilot)


async def test_names_that_are_none_are_said_and_nothing_falls_over() -> None:
    async with lab(pool()) as (pilot, _):
        for key, names in (("o", ("x" * 5000, "~nobody/x.jsonl")), ("e", ("~nobody/x.svg", f"{'x' * 5000}/x.svg"))):
            for name in names:
                await press(pilot, key)
                pilot.app.screen.query_one(Input).value = name
                await press(pilot, "enter")
                assert "There is no f" in meant(pilot)
                await press(pilot, "escape")
        await press(pilot, "o")
        pilot.app.post_message(events.Paste(" \x1b[31mred\x1b[0m\nrace(\r\n)"))
        await ready(pilot)
        assert pilot.app.screen.query_one(Input).value == " red race( )"


async def test_what_can_t_be_read_is_said_and_what_was_there_stays() -> None:
    async with lab(InputError("there are no draws in these runs")) as (pilot, screen):
        assert "there are no draws in these runs" in toast(pilot)
        assert words(screen, "#lab-source").startswith("calculator")


async def test_the_bench_s_run_and_back_to_it() -> None:
    store = Shelf(kept={"7f3a91c2": long_run()})
    async with bench(Puppet(long_run()), store=store, size=(120, 40)) as pilot:
        app = app_of(pilot)
        app.action_go("lab")
        await ready(pilot)
        await press(pilot, "b")
        assert "no finished run" in toast(pilot)
        app.action_go("bench")
        await press(pilot, "ctrl+r")
        await app.session.wait()
        app.action_go("lab")
        await press(pilot, "b")
        assert store.asked == ("7f3a91c2",)
        await press(pilot, "enter")
        assert app.current_mode == "bench"


async def test_c_and_s_come_from_graded_draws_at_once() -> None:
    async with lab(pool()) as (pilot, screen):
        await press(pilot, "n")
        drawn = [draw for draws in pool().tasks.values() for draw in draws]
        right = [draw for draw in drawn if draw.correct]
        wrong = [draw for draw in drawn if not draw.correct]
        assert screen.knobs.c == round(sum(bool(draw.accepted) for draw in right) / len(right), 2)
        assert screen.knobs.s == round(sum(not draw.accepted for draw in wrong) / len(wrong), 2)
        assert screen.knobs.formula
        assert f"of {len(right)}" in toast(pilot)


async def test_ungraded_draws_are_graded_one_after_the_other_with_the_verdict_hidden() -> None:
    async with lab(pool(graded=False)) as (pilot, screen):
        await press(pilot, "n")
        dialog = pilot.app.screen
        assert isinstance(dialog, Grading)
        shown = "\n".join(str(each.render()) for each in dialog.query("Static"))
        assert "Is this answer right?" in shown
        assert "accepted" not in shown
        first = bool(dialog._rows[0][1].accepted)
        second = bool(dialog._rows[1][1].accepted)
        await press(pilot, "y", "n", "s", "n", "u", "u")
        assert dialog.tally.n == 2
        await press(pilot, "escape")
        assert screen.knobs.c == (1.0 if first else 0.0)
        assert screen.knobs.s == (0.0 if second else 1.0)
        assert "Only 2 graded" in toast(pilot)


async def test_without_verdicts_there_is_nothing_to_estimate() -> None:
    async with lab(pool(judged=False)) as (pilot, _):
        await press(pilot, "n")
        assert "No draw here was judged" in toast(pilot)


async def test_the_chart_goes_to_a_file_with_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with lab(pool()) as (pilot, _):
        await press(pilot, "e", "enter")
        assert (tmp_path / "lab.svg").read_text().lstrip().startswith("<")
        assert "race@k" in (tmp_path / "lab.csv").read_text()


SIZES = ((80, 24), (120, 40), (200, 60))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("view", ["calculator", "curves", "grading"])
def test_how_it_looks(view: str, size: tuple[int, int], snap_compare: Any) -> None:
    from tests.tui.scripted import PROMPT, services
    from workbench.tui.app import WorkbenchApp

    store = Shelf()
    store.made = pool(graded=view != "grading")
    app = WorkbenchApp(services(store=store), system="laconic-then-judge", prompt=PROMPT)

    async def act(pilot: Bench) -> None:
        await pilot.pause()
        if view == "calculator":
            app.action_go("lab")
            await ready(pilot)
            return
        await app.open_lab(["7f3a91c2"])
        await ready(pilot)
        if view == "curves":
            await press(pilot, "right", "right", "down", "down", "right", "n")
            app.clear_notifications()
            await ask(pilot, "vote(3*m)")
            await ask(pilot, "race(m, m) >> m")
        else:
            await press(pilot, "n", "y", "y")

    assert snap_compare(app, run_before=act, terminal_size=size)
