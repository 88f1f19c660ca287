"""The answers of one repeat beside each other, or the word diff of two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from workbench.engine.view import RunView
from workbench.tui import commands, figures
from workbench.tui.outcomes import Outcome
from workbench.tui.text import clean, fit, one_line, tail, wrap
from workbench.tui.widgets.compare_grid import column_widths, grid_line, label_width
from workbench.tui.widgets.pane import Part, line, lines
from workbench.tui.word_diff import Diff

LIVE = 600
"""Characters of an answer under way that are shown."""
HINTS = ("compare_run", "compare_add", "compare_change", "compare_take", "compare_more", "compare_together")
"""Commands that are told of before there are answers."""
NARROW = 22
"""Cells under which a column is too narrow to read an answer in."""
MOST, MOST_LIVE = 12_000, 2_000
"""Characters of an answer that are shown here, and of a finished one while others are being written; the Bench shows
all."""
GRADES = {"right": ("✓ right", "$state-done"), "wrong": ("✗ wrong", "$state-failed"), "skip": ("· skipped", "$muted")}
CHANGES = {"same": ("", "", ""), "gone": ("[-", "-]", "$state-failed"), "new": ("{+", "+}", "$state-done")}
"""As `git diff --word-diff` writes them, so that colour says nothing alone."""


class Shown(msgspec.Struct, frozen=True):
    """What the answers pane shows."""

    turn: int
    turns: int
    found: tuple[Outcome | None, ...] = ()
    cursor: int = 0
    grades: tuple[str | None, ...] = ()
    names: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    """Of each system what its first call that is under way has said last; empty where none is."""
    pair: tuple[int, int] | None = None
    """The two systems whose answers are compared."""
    diff: Diff | None = None
    """None while it is being worked out."""


class CompareAnswers(VerticalScroll, can_focus=True):
    """Scrolls; drawn only when what it shows has changed."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._shown = Shown(0, 0)
        self._width = 0
        self._hints = hints(keymap)

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(id="compare-text", markup=False)

    def show(self, shown: Shown) -> None:
        """Draw this from now on."""
        if shown != self._shown:
            if (shown.turn, shown.pair) != (self._shown.turn, self._shown.pair):
                self.scroll_home(animate=False)
            self._shown = shown
            self._draw()

    def reading(self) -> str:
        """Every answer of the repeat in full, each under its system; of a diff what is shown."""
        shown = self._shown
        if shown.pair is not None:
            return drawn(shown, 100).plain
        parts = []
        for index, (name, found) in enumerate(zip(shown.names, shown.found, strict=True)):
            live = shown.live[index] if shown.live else ""
            said = live if found is None else found.answer if found.answer is not None else found.reason or found.status
            parts.append(f"{index + 1} {name}\n\n{clean(said) or 'no run yet'}")
        return "\n\n\n".join(parts)

    def on_resize(self) -> None:
        """The columns follow the width."""
        if self.scrollable_content_region.width != self._width:
            self._draw()

    def _draw(self) -> None:
        self._width = self.scrollable_content_region.width
        self.query_one("#compare-text", Static).update(drawn(self._shown, self._width, self._hints))


def hints(keymap: Mapping[str, str]) -> list[Content]:
    """What can be done before there are answers."""
    told = [command for command in commands.of("compare") if command.id in HINTS]
    keys = ["  ".join(commands.keys_of(command, keymap)[:1]) for command in told]
    return [line((f"{key:<6}", "$brand"), (command.help, "$muted")) for key, command in zip(keys, told, strict=True)]


def drawn(shown: Shown, width: int, hints: Sequence[Content] = ()) -> Content:
    """The pane's content at a width. Pure."""
    if not any(shown.found) and not any(shown.live):
        return lines(*hints)
    return _diff(shown, width) if shown.pair is not None else _side_by_side(shown, width)


def _side_by_side(shown: Shown, width: int) -> Content:
    rooms = column_widths(width, max(2, len(shown.found)))
    if min(rooms) < NARROW:
        return _marked_alone(shown, width)
    label = f"run {shown.turn + 1} of {shown.turns}" if shown.turns > 1 else "answer"
    padding = [Content("")] * (len(rooms) - len(shown.found))
    live = shown.live or ("",) * len(shown.found)
    heads = [_head(each, index == shown.cursor, live[index]) for index, each in enumerate(shown.found)]
    drawn_lines = [grid_line(label, [*heads, *padding], width)]
    most = MOST_LIVE if any(shown.live) else MOST
    columns = [_lines(each, said, room - 2, most) for each, said, room in zip(shown.found, live, rooms, strict=False)]
    for cells in zip_longest(*columns, fillvalue=Content("")):
        drawn_lines.append(grid_line("", [*(line("  ", cell) for cell in cells), *padding], width))
    return lines(*drawn_lines)


def _marked_alone(shown: Shown, width: int) -> Content:
    """Where columns are too narrow to read in: the answer that is pointed at, at full width."""
    found, live = shown.found[shown.cursor], shown.live[shown.cursor] if shown.live else ""
    label = f"run {shown.turn + 1} of {shown.turns}" if shown.turns > 1 else "answer"
    name = (f"{shown.cursor + 1} {shown.names[shown.cursor]}", "bold")
    head = line((fit(label, label_width(width)), "$muted"), name, _head(found, False, live)).truncate(
        width, ellipsis=True
    )
    return lines(head, *_lines(found, live, width, MOST))


def _head(found: Outcome | None, here: bool, live: str) -> Content:
    """`▸ 42  ✓ right  4.1 s  $0.0002`."""
    mark = ("▸ " if here else "  ", "$brand")
    if found is None:
        return line(mark, ("● writing", "$state-answering") if live else ("no run yet", "$faint"))
    if found.answer is None:
        return line(mark, ("✗ no answer", "$state-failed"))
    parts: list[Part] = [mark, (one_line(found.key)[:24] if found.key else "no key", "bold" if found.key else "$muted")]
    if found.grade:
        text, style = GRADES[found.grade]
        parts += ["  ", (text, style)]
    parts.append((f"  {figures.seconds(found.answered)}  {found.price}", "$muted"))
    return line(*parts)


def _lines(found: Outcome | None, live: str, room: int, most: int) -> list[Content]:
    if found is None:
        return [line((text, "$muted")) for text in wrap(clean(live), room)] if live else []
    if found.answer is None:
        return [line((text, "$muted")) for text in wrap(clean(found.reason or found.status), room)]
    more = [line(("… the rest is in the Bench", "$faint"))] if len(found.answer) > most else []
    return [Content(text) for text in wrap(clean(found.answer[:most]), room)] + more


def _diff(shown: Shown, width: int) -> Content:
    assert shown.pair is not None
    first, second = (f"{index + 1} {shown.names[index]}" for index in shown.pair)
    heading: list[Part] = [
        (fit("word diff", label_width(width)), "$muted"),
        (f"[-only in {first}-]", "$state-failed"),
        "  ",
        (f"{{+only in {second}+}}", "$state-done"),
    ]
    if shown.diff is None:
        return lines(line(*heading), line(("comparing …", "$faint")))
    told = f"  {shown.diff.likeness:.0%} alike{', line by line: the answers are long' if shown.diff.by_line else ''}"
    return lines(line(*heading, (told, "$muted")), Content(""), pieces(shown.diff))


def pieces(diff: Diff) -> Content:
    """The text with what is gone and what is new marked."""
    parts: list[Part] = []
    for piece in diff.pieces:
        before, after, style = CHANGES[piece.change]
        text = clean(piece.text)
        inside = text.rstrip() or text
        parts += [(f"{before}{inside}{after}", style), text[len(inside) :]]
    return line(*parts)


def marked(found: Sequence[Outcome | None]) -> tuple[str | None, ...]:
    """The grades, which `Shown` must tell apart: outcomes change in place."""
    return tuple(each.grade if each is not None else None for each in found)


def saying(view: RunView) -> str:
    """The last that the first call under way has said: its answer, or what it thinks."""
    call = next((call for call in view.calls.values() if call.state in ("thinking", "answering")), None)
    return "" if call is None else tail(str(call.text) or str(call.thinking), LIVE)[0]
