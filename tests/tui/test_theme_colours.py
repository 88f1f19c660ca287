"""The shipped themes can be read, and the safe one without one kind of cone."""

from __future__ import annotations

from itertools import combinations

import pytest
from textual.theme import Theme

from tests.tui.colours import CONES, contrast, difference, seen
from workbench import paths
from workbench.tui import theme
from workbench.tui.states import COLOURS

THEMES = {one.name: one for one in theme.load((paths.shipped_themes_dir(),)).themes}
STATES = tuple(f"state-{name}" for name in COLOURS)
TEXT = ("foreground", "muted", "faint", "brand", "operator", "model", *STATES)
BACKGROUNDS = ("background", "bar", "select")
AA, AAA = 4.5, 7.0
REVERSED = {("workbench-16", "select")}
"""Drawn in reverse video, in black."""
AT_A_GLANCE = 10.0


def colour(one: Theme, name: str) -> str:
    found = one.variables.get(name) or getattr(one, name)
    assert isinstance(found, str)
    return found


def test_there_are_enough_of_all_kinds() -> None:
    assert len(THEMES) >= 8
    assert sum(not one.dark for one in THEMES.values()) >= 2
    assert {"contrast", "clear", theme.DEFAULT, theme.SIXTEEN} <= set(THEMES)


@pytest.mark.parametrize("name", THEMES)
def test_each_names_every_variable(name: str) -> None:
    assert set(theme.EXTRA) <= set(THEMES[name].variables)


@pytest.mark.parametrize("name", THEMES)
def test_all_text_can_be_read_wherever_it_stands(name: str) -> None:
    one, least = THEMES[name], AAA if name == "contrast" else AA
    low = {
        (text, behind): round(contrast(colour(one, text), colour(one, behind)), 2)
        for text in TEXT
        for behind in BACKGROUNDS
        if (name, behind) not in REVERSED and contrast(colour(one, text), colour(one, behind)) < least
    }
    assert low == {}


@pytest.mark.parametrize("name", THEMES)
def test_quiet_text_is_quieter_than_the_rest(name: str) -> None:
    one = THEMES[name]
    loud, muted, faint = (contrast(colour(one, text), colour(one, "background")) for text in TEXT[:3])
    assert loud > muted >= faint


@pytest.mark.parametrize("name", THEMES)
def test_the_marked_row_can_be_seen(name: str) -> None:
    one = THEMES[name]
    assert difference(seen(colour(one, "select")), seen(colour(one, "background"))) >= 5


@pytest.mark.parametrize("without", ["", *CONES])
def test_the_safe_theme_s_states_stay_apart(without: str) -> None:
    shades = {name: seen(colour(THEMES["clear"], name), without) for name in (*STATES, "background", "select")}
    near = {
        (a, b): round(difference(shades[a], shades[b]), 1)
        for a, b in combinations(shades, 2)
        if {a, b} & set(STATES) and difference(shades[a], shades[b]) < AT_A_GLANCE
    }
    assert near == {}


def test_the_default_theme_would_not_do_for_every_eye() -> None:
    """The measure finds what it is for: answered and failed come close without red cones."""
    one = THEMES[theme.DEFAULT]
    apart = [
        difference(seen(colour(one, a), without), seen(colour(one, b), without))
        for without in CONES
        for a, b in combinations(STATES, 2)
    ]
    assert min(apart) < AT_A_GLANCE


def test_the_measure_agrees_with_published_pairs() -> None:
    """Sharma, Wu and Dalal 2005, pairs 1, 7 and 17."""
    assert difference((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert difference((50.0, 0.0, 0.0), (50.0, -1.0, 2.0)) == pytest.approx(2.3669, abs=1e-4)
    assert difference((50.0, 2.5, 0.0), (73.0, 25.0, -18.0)) == pytest.approx(27.1492, abs=1e-4)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
