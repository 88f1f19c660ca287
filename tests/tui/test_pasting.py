"""What is pasted is text, whatever it holds, and arrives whole."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message
from textual.widgets import TextArea

from tests.tui.piloting import Bench, bench, fire, settle
from tests.tui.scripted import Puppet, long_run
from workbench.tui import pasting
from workbench.tui.pasting import PasteParser
from workbench.tui.widgets.notation_line import NotationText
from workbench.tui.widgets.prompt_box import PromptBox, PromptText

START, END = "\x1b[200~", "\x1b[201~"
COLOURED = "first \x1b[31mred\x1b[0m\rsecond \x1b\x1b[A \x1b[<0;1;1M\r\n"


def parsed(*reads: str) -> list[str]:
    """Pastes as their text, keys by name, one after another."""
    parser = PasteParser()
    return [named(message) for data in reads for message in parser.feed(data)]


def named(message: Message) -> str:
    if isinstance(message, events.Paste):
        return f"paste {message.text!r}"
    return message.key if isinstance(message, events.Key) else type(message).__name__


def test_escape_codes_in_a_paste_are_text() -> None:
    assert parsed(f"a{START}{COLOURED}{END}b") == ["a", f"paste {COLOURED!r}", "b"]


@given(st.text(alphabet="ab\x1b[201~\r\n", max_size=30), st.lists(st.integers(0, 60), max_size=6))
def test_a_paste_is_the_same_however_the_terminal_cuts_it(text: str, cuts: list[int]) -> None:
    text = text.replace(END, "")
    whole = f"x{START}{text}{END}y"
    if END in f"{text}{END}"[:-1]:
        return
    ends = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    reads = [whole[a:b] for a, b in pairwise(ends) if a < b]
    assert parsed(*reads) == ["x", f"paste {text!r}", "y"]


def test_two_pastes_and_keys_between_them() -> None:
    assert parsed(f"{START}one{END}\r{START}{END}{START}two{END}\x1b[A") == [
        "paste 'one'",
        "enter",
        "paste ''",
        "paste 'two'",
        "up",
    ]


def test_keys_are_read_as_before() -> None:
    assert parsed("q\r\x1b[A\x1b[1;5C", "\x1b[", "B") == ["q", "enter", "up", "ctrl+right", "down"]


def test_a_megabyte_is_one_paste() -> None:
    text = "0123456789abcdef" * 65536
    reads = [(START + text + END)[at : at + 4096] for at in range(0, len(text) + 12, 4096)]
    assert parsed(*reads) == [f"paste {text!r}"]


def test_the_terminal_s_driver_reads_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = pytest.importorskip("textual.drivers.linux_driver")
    monkeypatch.setattr(driver, "XTermParser", driver.XTermParser)
    pasting.install()
    assert driver.XTermParser is PasteParser


async def typed(pilot: Bench, data: str) -> None:
    """As the terminal's driver does it."""
    driver = pilot.app._driver
    assert driver is not None
    send(driver.process_message, PasteParser().feed(data))
    await settle(pilot)


def send(process: object, messages: Iterable[Message]) -> None:
    assert callable(process)
    for message in messages:
        process(message)


@pytest.mark.parametrize(
    ("read", "keys"),
    [
        (("\x1bl",), ["alt+l"]),
        (("\x1bl3",), ["alt+l", "3"]),
        (("\x1bl\x1b[<35;4;5M",), ["alt+l"]),
        (("\x1bt\x1bl", "\x1b[A"), ["alt+t", "alt+l", "up"]),
        (("\x1b", "r\x1b[13;2u"), ["alt+r", "shift+enter"]),
        (("\x1b1\x1b9\x1b[A", "3"), ["alt+1", "alt+9", "up", "3"]),
        (("\x1bOP\x1b[5~\x1bOQ",), ["f1", "pageup", "f2"]),
    ],
)
def test_alt_with_a_letter_or_digit_is_a_key_whatever_follows(read: tuple[str, ...], keys: list[str]) -> None:
    parser = PasteParser()
    found = [message for data in read for message in parser.feed(data)]
    assert [message.key for message in found if isinstance(message, events.Key)] == keys


async def test_a_paste_with_escape_codes_and_newlines_fires_nothing() -> None:
    puppet = Puppet(long_run())
    async with bench(puppet) as pilot:
        box = pilot.app.screen.query_one(PromptBox)
        pilot.app.screen.query_one(PromptText).text = ""
        await typed(pilot, f"{START}{COLOURED}{END}")
        assert puppet.fired == []
        assert box.text == "first red\nsecond  \n"


@pytest.mark.parametrize("by", ["terminal", "ctrl+v"])
async def test_a_long_paste_is_kept_aside_and_asked_whole(by: str) -> None:
    puppet = Puppet(long_run())
    text = "one line of many\n" * 60_000
    async with bench(puppet) as pilot:
        area = pilot.app.screen.query_one(PromptText)
        area.text = "Sum up: this"
        area.move_cursor(area.document.end)
        await pilot.press("ctrl+shift+left")
        if by == "terminal":
            await typed(pilot, f"{START}{text}{END}!")
        else:
            pilot.app._clipboard = text
            await pilot.press("ctrl+v", "!")
        assert area.text == "Sum up: ⟦text 1: 1,020,000 characters⟧!"
        assert pilot.app.screen.query_one(PromptBox).text == f"Sum up: {text}!"
        await fire(pilot)
        assert len(puppet.fired) == 1
        assert puppet.prompt == f"Sum up: {text}!"


@pytest.mark.parametrize("box", ["f2", "f5", "f7", "f8"])
async def test_ctrl_v_puts_in_what_the_terminal_would(box: str) -> None:
    async with bench() as pilot:
        await pilot.press(box, "ctrl+end")
        await pilot.pause()
        area = pilot.app.focused
        assert isinstance(area, TextArea)
        before = area.text
        await typed(pilot, f"{START}{COLOURED}{END}")
        pasted = area.text
        assert "\x1b" not in pasted
        await pilot.press("ctrl+z")
        assert area.text == before
        pilot.app._clipboard = COLOURED
        await pilot.press("ctrl+v")
        assert area.text == pasted
        pilot.app._clipboard = ""
        await pilot.press("ctrl+a", "ctrl+v")
        assert area.text == pasted


async def test_a_paste_into_the_notation_is_cleaned_and_bounded() -> None:
    async with bench() as pilot:
        await pilot.press("f5", "ctrl+a")
        await typed(pilot, f"{START}race(3*\x1b[1msim/small\x1b[0m){END}")
        area = pilot.app.screen.query_one(NotationText)
        assert area.text == "race(3*sim/small)"
        await typed(pilot, f"{START}{'x' * 1_000_000}{END}")
        assert len(area.text) < 30_000


@pytest.mark.parametrize("opens", ["f2", "f5", "f7", "f8"])
async def test_a_paste_that_is_longer_than_its_box_can_be_undone_and_done_again(opens: str) -> None:
    async with bench() as pilot:
        await pilot.press(opens)
        await pilot.pause()
        box = pilot.app.focused
        assert isinstance(box, TextArea)
        before = box.text
        pilot.app.post_message(events.Paste("\n".join(map(str, range(60)))))
        await settle(pilot)
        assert "\n58\n" in box.text
        await pilot.press("ctrl+z")
        assert box.text == before
        await pilot.press("ctrl+y")
        assert "\n58\n" in box.text
