"""Untrusted text: nothing that steers a terminal comes through, and what is drawn has the width it claims."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from workbench.tui.text import clean, fit, fit_ends, one_line, tail, wrap

HOSTILE = "\x1b[31mred\x1b[0m [bold]x[/bold] \x1b]0;title\x07\u202egnp.exe\u202c \x9b2J\x00\x08ok\r\nnext\ttab"


def test_hostile_text_loses_its_teeth_and_keeps_its_words() -> None:
    assert clean(HOSTILE) == "red [bold]x[/bold] gnp.exe ok\nnext    tab"


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\x1b", "a"),
        ("\x1bPq#0;2;0;0;0\x1b\\after", "after"),
        ("caf\u00e9 👩‍🚀", "café 👩‍🚀"),
        ("\ud800x", "\ufffdx"),
        ("one\r\rtwo", "one\n\ntwo"),
    ],
)
def test_sequences(raw: str, safe: str) -> None:
    assert clean(raw) == safe


@given(st.text())
def test_no_control_character_survives(text: str) -> None:
    for character in clean(text):
        assert character == "\n" or unicodedata.category(character) not in ("Cc", "Cs")
        assert character not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
    assert clean(clean(text)) == clean(text)


@given(st.text(), st.integers(0, 60), st.booleans())
def test_fit_is_exact(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(one_line(text), width, right=right)) == width


def test_fit_cuts_with_an_ellipsis_and_pads_on_either_side() -> None:
    assert fit("deepseek", 5) == "deep…"
    assert fit("42", 5) == "42   "
    assert fit("42", 5, right=True) == "   42"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"])), st.integers(4, 40))
def test_wrap_stays_inside(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in wrap(clean(text), width))


def test_wrap_folds_at_spaces_and_splits_long_words() -> None:
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_tail_begins_at_a_line_where_one_is_near() -> None:
    assert tail("short", 10) == ("short", 0)
    text = "a" * 100 + "\n" + "b" * 95
    assert tail(text, 100) == ("b" * 95, 101)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40).map(one_line), st.integers(0, 30))
def test_a_name_cut_in_the_middle_has_the_width_it_was_given(name: str, width: int) -> None:
    assert cell_len(fit_ends(name, width)) == width


def test_of_a_cut_name_both_ends_stay() -> None:
    assert fit_ends("single gpt-3.5-turbo-0125", 16) == "single g…bo-0125"
    assert fit_ends("short", 16) == "short".ljust(16)
