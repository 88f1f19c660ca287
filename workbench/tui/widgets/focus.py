"""One call in full: tabs for its answer, thinking, request and money; where the window is small also for the
verdict and the agreement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

import msgspec
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message

from workbench.engine.view import CallView
from workbench.tui import commands, states
from workbench.tui.reading import Frame, siblings
from workbench.tui.text import clean, one_line, tail
from workbench.tui.widgets.agreement import AgreementPane
from workbench.tui.widgets.flow import Flow
from workbench.tui.widgets.money import call_money, run_money
from workbench.tui.widgets.pane import Pane, line, lines, spread
from workbench.tui.widgets.verdict import VerdictPane
from workbench.tui.widgets.why import why

if TYPE_CHECKING:  # it comes with the first answer
    from textual.widgets import Markdown

Tab: TypeAlias = Literal["answer", "thinking", "request", "money", "why", "verdict", "agreement"]
TABS: tuple[Tab, ...] = ("answer", "thinking", "request", "money", "why")
FOLDED: tuple[Tab, ...] = (*TABS, "verdict", "agreement")
STREAMED = 12_000
"""Characters of a running stream that are drawn; all of it is there when the call has ended."""
WELCOME = lines(
    line(("Enter", "$brand"), (" in the prompt runs the system; every replica gets a lane above.", "$muted")),
    line(
        ("^O", "$brand"),
        (" opens another system, ", "$muted"),
        ("F5", "$brand"),
        (" edits this one as notation, ", "$muted"),
        ("F1", "$brand"),
        (" explains.", "$muted"),
    ),
)
RENDERED = 60_000
"""Characters up to which Markdown is rendered; longer texts are shown plain, and no more than so many of them."""


class DetailTabs(Pane):
    """The line of tabs, and whose they are."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, tab: Tab) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self) -> None:
        super().__init__()
        self.tabs: tuple[Tab, ...] = TABS
        self.tab: Tab = "answer"

    def draw(self, frame: Frame, width: int) -> Content:
        """`answer  thinking …` and `replica 1 of 10 · ⚑ answered`."""
        gap = " " * _gap(width)
        parts = [(f" {tab} ", "bold $background on $brand" if tab == self.tab else "$muted") for tab in self.tabs]
        tabs = Content(gap).join(line(part) for part in parts)
        whose = _whose(frame)
        if tabs.cell_length + whose.cell_length + 2 > width:
            whose = _whose(frame, short=True)
        return spread(tabs, whose, width)

    def starts(self) -> Iterator[tuple[Tab, int]]:
        """Each tab and where it begins in the line."""
        gap, x = 2 + _gap(self.content_size.width), 0
        for tab in self.tabs:
            yield tab, x
            x += len(tab) + gap

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the pointer."""
        for tab, x in self.starts():
            if x <= event.x < x + len(tab) + 2 + _gap(self.content_size.width):
                self.post_message(self.Chosen(tab))


def _gap(width: int) -> int:
    return 0 if width < 80 else 1


def _whose(frame: Frame, *, short: bool = False) -> Content:
    call = frame.call
    if call is None:
        return Content("")
    look = states.of_call(call, won=call.id in frame.standing.won)
    group = siblings(frame.view, call)
    what = "replica" if call.role == "generate" else call.role
    who = f"{what} {call.replica} of {len(group)}" if len(group) > 1 else what
    if short:
        who = f"{call.replica} of {len(group)}" if len(group) > 1 else ""
    return line((who, "$muted"), (" · ", "$faint"), (str(look), look.style))


class Detail(VerticalScroll, can_focus=True):
    """The chosen tab's text. Plain while it streams, Markdown once it is whole."""

    ALLOW_MAXIMIZE = True
    PLACE: ClassVar[commands.Where] = "detail"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("detail")

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[object, ...] = ()
        self._plain = Flow(id="plain")
        self._rendered: Markdown | None = None
        self.text = ""
        """What the tab says, as it may be copied."""
        self.tab: Tab = "answer"
        self._frame: Frame | None = None
        self.raw = False
        """Whether answers are shown as they were written, not as Markdown."""

    def compose(self) -> ComposeResult:
        """What is plain; the layer above it comes with the first answer."""
        yield self._plain

    def show(self, frame: Frame, tab: Tab) -> None:
        """Draw this tab of the frame's call."""
        call = frame.call
        self._frame, self.tab = frame, tab
        stamp = (
            tab,
            frame.chosen,
            self._stamp(frame, call, tab),
            self.size.width if tab in FOLDED[4:] else 0,
            self.raw,
        )
        if stamp == self._shown:
            return
        if stamp[:2] != self._shown[:2]:
            self.scroll_home(animate=False)
        self._shown = stamp
        if self._renders(call, tab) and call is not None:
            self.text = clean(str(call.text))
            self._render_whole(self.text)
            return
        content = self._content(frame, call, tab)
        self.text = content.plain
        self._plain.display = True
        if self._rendered is not None:
            self._rendered.display = False
        self._plain.show(content, grows=call is not None and call.state != "ended" and tab in ("answer", "thinking"))

    def reading(self, tab: Tab | None = None) -> str:
        """All that a tab (this one) says, as it was written; of a call that said nothing yet, what it thinks."""
        frame, tab = self._frame, tab or self.tab
        call = frame.call if frame is not None else None
        if frame is None or call is None or tab not in ("answer", "thinking", "request"):
            return "" if frame is None or (call is None and tab != "money") else self._content(frame, call, tab).plain
        if tab == "request":
            return request(call, most=None).plain
        said = call.text if tab == "answer" and call.text.length else call.thinking
        return str(said) if said.length else _nothing(call, tab)

    def _renders(self, call: CallView | None, tab: Tab) -> bool:
        """Whether the answer is shown as Markdown, not as it was written."""
        whole = call is not None and call.state == "ended" and 0 < call.text.length <= RENDERED
        return whole and tab == "answer" and not self.raw

    def _stamp(self, frame: Frame, call: CallView | None, tab: Tab) -> tuple[object, ...]:
        if tab in ("money", "why", "verdict", "agreement"):
            return (frame.view.id, frame.view.version, frame.live)
        return () if call is None else (frame.view.id, call.state, call.text.length, call.thinking.length)

    def _render_whole(self, text: str) -> None:
        self._plain.display = False
        if self._rendered is None:
            from textual.widgets import Markdown

            self._rendered = Markdown(text, id="rendered", open_links=False)
            self.mount(self._rendered)
        else:
            self._rendered.display = True
            self._rendered.update(text)

    def _content(self, frame: Frame, call: CallView | None, tab: Tab) -> Content:
        width = max(20, self.content_size.width)
        if tab == "verdict":
            return lines(*VerdictPane.rows(frame, width))
        if tab == "agreement":
            return AgreementPane().draw(frame, width)
        if call is None:
            return run_money(frame) if tab == "money" and frame.view.id else WELCOME
        if tab == "why":
            return why(frame, width)
        if tab == "money":
            return lines(call_money(call), Content(""), run_money(frame))
        return request(call) if tab == "request" else stream(call, tab)


def stream(call: CallView, tab: Tab) -> Content:
    """A call's text or thinking as it stands, its last part where it is long."""
    text = call.thinking if tab == "thinking" else call.text
    if not text.length:
        return line((_nothing(call, tab), "$muted"))
    last, hidden = tail(clean(str(text)), STREAMED if call.state != "ended" else RENDERED)
    above = [line((f"… {hidden} characters before this", "$faint"))] if hidden else []
    below = [line((one_line(call.error), "$state-failed"))] if call.error else []
    return lines(*above, Content(last), *below)


def _nothing(call: CallView, tab: Tab) -> str:
    if call.error:
        return clean(call.error)
    if call.state != "ended":
        return "nothing yet"
    return "no thinking was sent" if tab == "thinking" else "no text"


def request(call: CallView, *, most: int | None = RENDERED) -> Content:
    """Exactly what was asked: model, settings, each message (so many characters of it)."""
    asked = call.request
    settings = [
        (name, getattr(asked, name))
        for name in ("temperature", "top_p", "max_tokens", "seed", "reasoning_effort", "stop", "choices", "extra")
    ]
    rows = [line(("model".ljust(18), "$muted"), (one_line(asked.model), "bold $model"))]
    rows += [
        line(
            (name.ljust(18), "$muted"),
            one_line(value if isinstance(value, str) else msgspec.json.encode(value).decode()),
        )
        for name, value in settings
        if value not in (None, (), {})
    ]
    if call.prompt_name:
        rows.append(line(("shaped by prompt".ljust(18), "$muted"), one_line(call.prompt_name)))
    for message in asked.messages:
        text = clean(message.content)
        rows += [Content(""), line((message.role, "$operator")), Content(text[:most])]
        if most is not None and len(text) > most:
            rows.append(line((f"… {len(text) - most:,} characters after this", "$faint")))
    return lines(*rows)
