"""Terminals that can do less: no colour, 16 or 256 of them, no Unicode. All stays to be read."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from rich._palettes import STANDARD_PALETTE
from rich.cells import cell_len
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot

import workbench.tui
from tests.tui.idling import MOMENT
from tests.tui.scripted import MS, PROMPT, STARTED, Puppet, long_run, race_and_judge, services, until
from workbench.tui import states, theme
from workbench.tui.app import WorkbenchApp
from workbench.tui.states import Look
from workbench.tui.terminal import FULL, Fewer, Plain, Terminal, detect

TRUE = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "en_GB.UTF-8"}
BLACK = Color(0, 0, 0)


def app(terminal: Terminal, ms: int = 6200) -> WorkbenchApp:
    """The Bench in mid-run on a terminal."""
    system = race_and_judge()
    puppet, now = Puppet(until(long_run(system), ms), ends=ms > 8105), STARTED + ms * MS
    return WorkbenchApp(services(puppet, now=lambda: now), system=system, prompt=PROMPT, terminal=terminal)


async def drawn(pilot: Pilot[Any]) -> list[list[Segment]]:
    """What is on the screen, line by line, the lanes in focus."""
    one = pilot.app
    assert isinstance(one, WorkbenchApp)
    for _ in range(50):
        if one.screen.query("AgreementPane") and one.focused is not None:
            break
        await pilot.pause(MOMENT)
    await pilot.press("ctrl+r", "alt+l")
    for _ in range(4):
        await pilot.pause()
    one.bench.tick()
    await pilot.pause()
    return [list(strip) for strip in one.screen._compositor.render_strips()]


def line_with(lines: list[list[Segment]], words: str) -> list[Segment]:
    return next(line for line in lines if words in "".join(segment.text for segment in line))


def style_of(lines: list[list[Segment]], words: str) -> Style:
    found = next(s for s in line_with(lines, words) if words.split()[-1] in s.text)
    assert found.style is not None
    return found.style


@pytest.mark.parametrize(
    ("environ", "terminal"),
    [
        (TRUE, Terminal()),
        ({**TRUE, "NO_COLOR": "1"}, Terminal(0)),
        ({**TRUE, "NO_COLOR": ""}, Terminal()),
        ({"TERM": "screen-256color", "LANG": "C.UTF-8"}, Terminal(256)),
        ({"TERM": "xterm", "LANG": "en_GB.utf8"}, Terminal(16)),
        ({"TERM": "linux", "LANG": "en_GB.utf8"}, Terminal(16)),
        ({"TERM": "dumb", "LANG": "en_GB.utf8"}, Terminal(16)),
        ({**TRUE, "LC_ALL": "C"}, Terminal(FULL, True, "ascii")),
        ({**TRUE, "LC_ALL": "POSIX"}, Terminal(FULL, True, "ascii")),
        ({**TRUE, "LANG": "de_DE.ISO-8859-1@euro"}, Terminal(FULL, True, "ISO-8859-1")),
        ({**TRUE, "LANG": "xx.nonsense"}, Terminal(FULL, True, "ascii")),
        ({**TRUE, "LC_ALL": "C", "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}, Terminal()),
        ({**TRUE, "WORKBENCH_ASCII": "1"}, Terminal(FULL, True)),
        ({**TRUE, "LC_ALL": "C", "WORKBENCH_ASCII": "0"}, Terminal()),
    ],
)
def test_what_a_terminal_can_do(environ: dict[str, str], terminal: Terminal) -> None:
    assert detect(environ=environ) == terminal


def test_the_config_may_ask_for_ascii() -> None:
    assert detect(ascii_wanted=True, environ=TRUE).ascii
    assert not detect(ascii_wanted=True, environ={**TRUE, "WORKBENCH_ASCII": "0"}).ascii


def glyphs() -> dict[str, str]:
    """Each character beyond ASCII in the app's strings → where. Docstrings are for people who read the source."""
    found: dict[str, str] = {}
    for file in sorted(Path(workbench.tui.__file__).parent.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
                found |= {
                    one: f"{file.name}:{node.lineno}" for one in node.value if one.isprintable() and not one.isascii()
                }
    return found


def test_every_glyph_of_the_app_has_a_twin() -> None:
    without = {glyph: where for glyph, where in glyphs().items() if states.twin(glyph) is None}
    assert without == {}, "give each its ASCII twin in states.py"


def test_twins_keep_every_width() -> None:
    assert [chr(code) for code in states.ASCII if cell_len(chr(code)) != 1] == []
    assert all(one.isascii() and len(one) == 1 for one in states.ASCII.values())


def test_states_differ_in_more_than_colour() -> None:
    for table in (states.CALLS, states.RUNS, states.VERDICTS):
        looks: list[Look] = list(table.values())
        assert len({look.word for look in looks}) == len(looks)
    told = {str(states.twin(look.glyph) or look.glyph) for look in states.CALLS.values()}
    assert len(told) >= 8


@pytest.mark.parametrize(
    ("encoding", "text", "told"),
    [
        ("utf-8", "✓ naïve 日本 –", "+ naïve 日本 -"),
        ("ascii", "✓ naïve 日本 –", "+ naive ???? -"),
        ("iso8859-1", "✓ naïve 日本 –", "+ naïve ???? -"),
        ("ascii", "─┐ ⣿⠀ Ω", "-+ #  ?"),
        ("ascii", "number ≥ 1, ≤ 64", "number >=1, <=64"),
        ("ascii", "↓  j    1 → 2", "Dn j    1 > 2"),
    ],
)
def test_text_keeps_what_the_encoding_can_carry(encoding: str, text: str, told: str) -> None:
    (segment,) = Plain(encoding).apply([Segment(text)], BLACK)
    assert segment.text == told
    assert cell_len(told) == cell_len(text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_bench_in_ascii_stands_as_it_does_in_unicode(size: tuple[int, int]) -> None:
    rows: list[list[str]] = []
    for terminal in (Terminal(), Terminal(ascii=True, encoding="ascii")):
        async with app(terminal).run_test(size=size) as pilot:
            rows.append(["".join(s.text for s in line) for line in await drawn(pilot)])
    unicode, plain = rows
    assert all(row.isascii() for row in plain)
    assert [cell_len(row) for row in plain] == [cell_len(row) for row in unicode]
    joined = "\n".join(plain)
    for said in ("+ 1st", "* thinking", "===", "---"):
        assert said in joined


async def test_without_colour_words_glyphs_and_the_marked_row_remain() -> None:
    async with app(Terminal(0)).run_test(size=(120, 40)) as pilot:
        lines = await drawn(pilot)
    for line in lines:
        for _, style, _ in line:
            assert style is None or all(c is None or c.is_default for c in (style.color, style.bgcolor))
    text = "\n".join("".join(s.text for s in line) for line in lines)
    for said in ("✓ 1st", "● thinking", "↻ retry", "✗ failed"):
        assert said in text
    assert style_of(lines, "✓ 1st 6.1 s").reverse
    assert not style_of(lines, "✓ 2nd 6.2 s").reverse


async def test_with_16_colours_the_marked_row_winners_and_errors_are_seen() -> None:
    async with app(Terminal(16)).run_test(size=(120, 40)) as pilot:
        assert pilot.app.theme == theme.SIXTEEN
        lines = await drawn(pilot)
    assert style_of(lines, "✓ 1st 6.1 s").reverse
    shown = {
        words: (style.color.downgrade(ColorSystem.STANDARD).number if style.color else None)
        for words in ("✓ 2nd", "● thinking", "✗ failed")
        for style in (style_of(lines, words),)
    }
    assert shown == {"✓ 2nd": 2, "● thinking": 13, "✗ failed": 9}


def test_the_theme_for_16_colours_is_made_of_them() -> None:
    one = {one.name: one for one in theme.load().themes}[theme.SIXTEEN]
    for value in one.variables.values():
        rgb = RichColor.parse(value).get_truecolor()
        assert STANDARD_PALETTE[STANDARD_PALETTE.match(rgb)] == rgb


def test_256_colours_leave_quiet_greys_grey() -> None:
    said: dict[str, str] = {"select": "#1d2733"}
    filters = Fewer(256, lambda: said)
    style = Style(color="#8b939e", bgcolor="#0f1318")
    (segment,) = filters.apply([Segment("x", style)], BLACK)
    assert segment.style is not None
    numbers = (segment.style.color, segment.style.bgcolor)
    assert all(one is not None and one.number is not None and one.number >= 232 for one in numbers)
    bright = filters.apply([Segment("x", Style(color="#ec7471"))], BLACK)[0].style
    assert bright is not None
    assert bright.color is not None
    assert (bright.color.number or 0) < 232


async def test_dialogs_have_an_edge_where_backgrounds_say_nothing() -> None:
    async with app(Terminal(0)).run_test(size=(120, 40)) as pilot:
        await pilot.press("f1")
        await pilot.pause()
        assert pilot.app.screen.query_one(".dialog").styles.border_top[0] == "solid"
    async with app(Terminal()).run_test(size=(120, 40)) as pilot:
        await pilot.press("f1")
        await pilot.pause()
        assert pilot.app.screen.query_one(".dialog").styles.border_top[0] != "solid"


async def test_a_toast_says_how_grave_it_is_where_its_colour_can_not() -> None:
    for terminal, titles in ((Terminal(0), ["", "warning", "said"]), (Terminal(), ["", "", "said"])):
        one = app(terminal)
        async with one.run_test() as pilot:
            one.notify("a")
            one.notify("b", severity="warning")
            one.notify("c", severity="error", title="said")
            await pilot.pause()
            assert [toast.title for toast in one._notifications] == titles
