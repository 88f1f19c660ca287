"""The systems of a comparison side by side, each with its run as it goes: state, progress, tokens, speed, who was
chosen."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from workbench import money
from workbench.systems import notation
from workbench.tui import figures, states
from workbench.tui.comparing import LEAST, MOST, Comparing, Lane
from workbench.tui.reading import Frame, totals
from workbench.tui.text import fit, one_line
from workbench.tui.widgets.compare_grid import column_widths, grid_line, label_width
from workbench.tui.widgets.outlook import cost_text, time_text
from workbench.tui.widgets.pane import Part, line, lines

CURSOR = "▸"


class CompareLanes(Widget, can_focus=True):
    """Panels. Remembers only what was drawn."""

    ALLOW_SELECT: ClassVar[bool] = False

    class Pointed(Message):
        """A panel was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, comparing: Comparing) -> None:
        super().__init__()
        self._comparing = comparing
        self._cursor = 0
        self._drawn: tuple[object, ...] = ()

    def show(self, cursor: int) -> None:
        """Draw how things stand; `cursor` is the system that the user points at."""
        self._cursor = cursor
        stamp = (self._comparing.stamp, cursor)
        if stamp != self._drawn or self._comparing.live:
            self._drawn = stamp
            self.refresh()

    def render(self) -> Content:
        """As many lines as the style sheet gives room."""
        width, lanes = self.content_size.width, self._comparing.lanes
        rooms = column_widths(width, _slots(len(lanes)))
        frames = [self._comparing.frame(lane) for lane in lanes]
        full = figures.scale(max((_tokens(frame) for frame in frames), default=0))
        panels = [
            _panel(self._comparing, lane, frame, room, full)
            for lane, frame, room in zip(lanes, frames, rooms, strict=False)
        ]
        heads = [self._head(i, lane, rooms[i]) for i, lane in enumerate(lanes)]
        if len(lanes) < LEAST:
            heads += [line(("a", "$brand"), (" add a system", "$muted"))] * (LEAST - len(lanes))
            panels += [[Content("")] * 4] * (LEAST - len(lanes))
        labels = [("", 0), ("run", 1), ("tokens", 2), ("chosen", 3)]
        rows = [grid_line("system", heads, width)]
        rows += [grid_line(label, [panel[index] for panel in panels], width) for label, index in labels]
        if self.size.height < len(rows):
            del rows[1]  # the notation: the least that a low window misses
        return lines(*rows)

    def _head(self, index: int, lane: Lane, room: int) -> Content:
        here = index == self._cursor
        mark = (f"{CURSOR} " if here else "  ", "$brand" if self.has_focus else "$muted")
        name = fit(name_of(lane), max(1, room - 4)).rstrip()
        return line(mark, (f"{index + 1} ", "$muted"), (name, "bold" if here else "bold $muted"))

    def on_focus(self) -> None:
        """The cursor is drawn stronger."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor is drawn weaker."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Point at the panel under the pointer."""
        width, slots = self.content_size.width, _slots(len(self._comparing.lanes))
        x = event.x - self.gutter.left - label_width(width)
        if x >= 0 and width > label_width(width):
            self.post_message(self.Pointed(min(x * slots // (width - label_width(width)), MOST - 1)))


def name_of(lane: Lane) -> str:
    """The system's name, its notation where it has none."""
    return one_line(lane.system.name) or one_line(notation.print_node(lane.system.root))


def _slots(count: int) -> int:
    return max(LEAST, count)


def _panel(comparing: Comparing, lane: Lane, frame: Frame, room: int, full: int) -> list[Content]:
    inside = room - 2
    told = [
        _what(lane, inside),
        _state(comparing, lane, frame, inside),
        _progress(frame, inside, full),
        _chosen(lane, frame, inside),
    ]
    return [line("  ", row) for row in told]


def _what(lane: Lane, room: int) -> Content:
    """`simulated 5*sim/small`: the kind where it is not real, and the notation under a name."""
    kind = "" if lane.view.kind == "real" else f"{lane.view.kind} "
    said = one_line(notation.print_node(lane.system.root)) if lane.system.name else ""
    return line((kind, "$state-retrying"), (said, "$muted")).truncate(room, ellipsis=True)


def _state(comparing: Comparing, lane: Lane, frame: Frame, room: int) -> Content:
    """`● streaming  2 of 5  3.2 s  ~$0.00021`, as much of it as fits."""
    if lane.problem:
        return line(("✗ ", "$state-failed"), (one_line(lane.problem), "$state-failed"))
    look = states.of_run(frame.view, live=frame.live)
    if not frame.view.id:
        look = states.QUEUED if comparing.live else states.IDLE
        return line((str(look), look.style), *_ahead(lane, room - len(str(look))))
    parts: list[Part] = [(str(look), look.style)]
    sums = totals(frame)
    turn = len(lane.outcomes) + lane.live
    more = [f"{turn} of {comparing.planned}"] if comparing.planned > 1 else []
    for text in (*more, figures.seconds(frame.elapsed), money.show(sums.cost, estimated=sums.estimated)):
        if Content.assemble(*parts).cell_length + 2 + len(text) <= room:
            parts += ["  ", (text, "")]
    return line(*parts)


def _ahead(lane: Lane, room: int) -> list[Part]:
    """`11 calls  ~$0.0021 – $0.0060  ~4.1 – 9.0 s` before firing, as much of it as fits."""
    low, high = lane.calls
    told = [f"{high if low == high else f'{low} – {high}'} call{'' if high == 1 else 's'}"]
    if lane.estimate is not None:
        told += [cost_text(lane.estimate.cost), time_text(lane.estimate.ns)]
    parts: list[Part] = []
    for index, text in enumerate(text for text in told if text != "?"):
        room -= len(text) + 2
        if room >= 0:
            parts.append((f"  {text}", "" if index else "$muted"))
    return parts


def _progress(frame: Frame, room: int, full: int) -> Content:
    tokens = _tokens(frame)
    if not frame.view.id:
        return Content("")
    speed = _speed(frame)
    told = fit(figures.count(tokens), 7, right=True)
    rate = fit(f"{speed}/s", 7, right=True) if room >= 24 else ""
    look = states.of_run(frame.view, live=frame.live)
    done, rest = figures.bar(tokens / full, max(3, room - len(told) - len(rate)))
    return line((done, look.style), (rest, "$line"), told, (rate, "$muted"))


def _chosen(lane: Lane, frame: Frame, room: int) -> Content:
    """Who was chosen and why, by the last selection; else the answer of a single call; else why there is none."""
    view = frame.view
    if view.finished and view.answer is None:
        return line((fit(one_line(view.reason) or "no answer", room).rstrip(), "$state-failed"))
    if not view.selections:
        key = view.answer.key if view.answer is not None else None
        return (
            line(("one answer, nothing to choose" if view.finished else "", "$faint"))
            if not key
            else line(("answer ", "$muted"), (fit(one_line(key), max(1, room - 7)).rstrip(), "bold"))
        )
    last = view.selections[-1]
    drawn = [view.candidates[one].node.rpartition("#")[2] for one in last.winners if one in view.candidates]
    numbers = ", ".join(number for number in drawn[:4] if number.isdigit())
    parts: list[Part] = [("⚑ ", "$state-won"), (numbers, "bold"), (" · " if numbers else "", "$faint")]
    return line(*parts, (fit(one_line(last.because), max(1, room - 5 - len(numbers))).rstrip(), "$muted"))


def _tokens(frame: Frame) -> int:
    return sum(call.tokens for call in frame.view.calls.values())


def _speed(frame: Frame) -> str:
    """Tokens a second over all calls, from the first token on."""
    first, last = frame.view.first_token_at, frame.elapsed
    tokens = _tokens(frame)
    return figures.UNKNOWN if first is None or last <= first or tokens < 2 else f"{tokens / ((last - first) / 1e9):.0f}"
