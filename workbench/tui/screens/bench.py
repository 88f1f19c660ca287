"""The Bench: a system, a prompt, and a run. Everything on it is drawn from the session's RunView."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from workbench.errors import WorkbenchError
from workbench.models.base import RunKind
from workbench.tui import commands
from workbench.tui.commands import transport
from workbench.tui.reading import Frame
from workbench.tui.screens.places import where_of
from workbench.tui.screens.tabbing import Tabbing
from workbench.tui.services import Past
from workbench.tui.session import Session
from workbench.tui.text import one_line
from workbench.tui.widgets import panes
from workbench.tui.widgets.header import HeaderBar
from workbench.tui.widgets.key_bar import KeyBar
from workbench.tui.widgets.pane import line
from workbench.tui.widgets.prompt_box import PromptBox, PromptText
from workbench.tui.widgets.system_tree import SystemTree

DRAWS_PER_SECOND = 15


def _run_panes() -> list[Widget]:
    verdicts = VerticalScroll(panes.VerdictPane(), id="verdicts")
    bottom = Horizontal(verdicts, panes.AgreementPane(), id="bottom")
    return [
        panes.RunTabs(),
        panes.RunBar(),
        panes.TransportBar(),
        panes.Lanes(),
        panes.LaneColumns(),
        panes.DetailTabs(),
        panes.Detail(),
        bottom,
    ]


class Bench(Tabbing, Screen[None]):
    """The main screen. `before_rest`: its first frame is to show the system, the prompt and the keys alone; this is
    done before what a run fills comes with the next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *commands.bindings("bench"),
        *commands.bindings("transport", only=transport.ANYWHERE),
    ]
    ALLOW_IN_MAXIMIZED_VIEW: ClassVar[str | None] = "KeyBar"

    class Stands(Message):
        """Every pane is there."""

    def __init__(
        self, session: Session, prompt: str, replay: str | None = None, before_rest: Callable[[], None] | None = None
    ) -> None:
        super().__init__()
        self.session = session
        self._before_rest = before_rest
        self._prompt = prompt
        self._replay = replay
        self.picked = None
        self._shown: str | None = None
        self._drawn: tuple[object, ...] = ()
        self._said = ""
        self._lively = False
        """Whether the shown run was going on when it was last looked at."""
        self._past: Past | None = None
        self._store_is_open = False
        self._resumed = False
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Header; system left, run right; prompt; keys."""
        at_once = self._before_rest is None
        yield HeaderBar("bench")
        with Horizontal(id="main"):
            with Vertical(id="left"):
                yield Static(id="name", markup=False)
                yield SystemTree()
                yield from self._about_system() if at_once else ()
            yield Vertical(*(_run_panes() if at_once else ()), id="right")
        yield PromptBox(self._prompt)
        if at_once:
            yield panes.PromptNotes()
        yield KeyBar(self.session.services.config.keys)

    def _about_system(self) -> list[Widget]:
        title = Static("notation", id="notation-title", markup=False)
        return [title, panes.NotationLine(self.session.services.notation), panes.Outlook()]

    def on_mount(self) -> None:
        """Draw at most so often; not at all while nothing goes on."""
        self._timer = self.set_interval(1 / DRAWS_PER_SECOND, self.tick, pause=True)
        self.session.ended = self.over
        store = self.session.services.store
        self._store_is_open = store is None or store.ready
        self._count_past()
        self.call_after_refresh(self._add_the_rest)
        self.query_one(PromptText).focus()
        if self._before_rest is None:
            self._begin()
        else:
            self._draw_name()
            self._draw_tree()

    def _begin(self) -> None:
        """Every pane is there."""
        self.draw_system()
        self.look_at_prompt(self.query_one(PromptText).text)
        if self._replay is not None:
            self.replay(self._replay)
        else:
            self.wake()
        self.take_up_draft()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Other screens may have spent money since."""
        if self._resumed:
            self._count_past()
            self.draw()
        else:
            self._resumed = True
            event.refresh_styles = False  # the panes were styled and drawn as they were mounted, just now

    def wake(self) -> None:
        """Something goes on from now: draw it as it comes."""
        self._lively = True
        self.draw()
        if self._timer is not None:
            self._timer.resume()

    def tick(self) -> None:
        """Draw what has changed since; sleep when nothing goes on any more."""
        session = self.session
        live = session.moving
        if live or self._stamp() != self._drawn:
            self.draw()
        if not live and self._lively:
            self._count_past()
            self.learn(again=session.view.finished)
            self.weigh()
            self.draw()
        self._lively = live
        if self._timer is not None and not any(one.moving for one in session.tabs.items):
            self._timer.pause()

    def _stamp(self) -> tuple[object, ...]:
        return self.session.stamp, self.session.tabs.at, self.labels()

    def draw(self) -> None:
        """Every pane from one frame; none while they come or, as the app closes, go one by one."""
        if self.app._exit or not self.whole:
            return
        session = self.session
        self._drawn = self._stamp()
        self.draw_tabs()
        frame = self._frame()
        self.query_one(panes.RunBar).show(frame)
        self.draw_transport()
        self._draw_lanes(frame)
        self.query_one(panes.DetailTabs).show(frame)
        self.query_one(panes.Detail).show(frame, self.query_one(panes.DetailTabs).tab)
        for pane in (panes.VerdictPane, panes.AgreementPane):
            self.query_one(pane).show(frame)
        self._draw_tree()
        kind = session.view.kind if session.view.id else self._kind()
        self.query_one(HeaderBar).show(self._past, kind, known=self._store_is_open)
        if session.problem and session.problem != self._said:
            self.notify(session.problem, severity="error", markup=False, timeout=10)
        self._said = session.problem

    def _draw_tree(self) -> None:
        session = self.session
        ran, at = session.fired if session.fired is not None and session.ran is not None else (session.ran, "")
        self.query_one(SystemTree).show(session.system.root, ran, session.view, at)

    def _draw_lanes(self, frame: Frame) -> None:
        lanes = self.query_one(panes.Lanes)
        lanes.show(frame, self.session.ran)
        self.draw_columns(frame)
        if frame.chosen != self._shown:
            self._shown = frame.chosen
            self.call_after_refresh(lanes.reveal)

    def draw_system(self) -> None:
        """Name, tree, notation and outlook of the system."""
        self._draw_name()
        self._draw_tree()
        self.query_one(panes.NotationLine).show(self.session.system.root)
        self.foresee()
        self.call_after_refresh(self.session.warm)

    def _draw_name(self) -> None:
        system = self.session.system
        name, unsaved = one_line(system.name) or "unnamed", self.session.kept.unsaved(system)
        mark = line(("  ● ", "$brand"), ("unsaved", "$muted"), ("   ^S", "$brand"), (" save", "$muted"))
        said = line((name, "bold"), mark if unsaved else "")
        self.query_one("#name", Static).update(said)

    def _frame(self) -> Frame:
        """The run now, with the call the user points at; else the answer's, else the first winner's, else the first."""
        frame = self.session.frame()
        view = frame.view
        chosen = self.picked if self.picked in view.calls else None
        chosen = self.leader(frame) or chosen
        if chosen is None and view.answer is not None and view.answer.calls:
            chosen = view.answer.calls[-1]
        if chosen is None:
            won = frame.standing.won
            chosen = next((call for call in view.calls if call in won), next(iter(view.calls), None))
        return replace(frame, chosen=chosen)

    async def _add_the_rest(self) -> None:
        """What can come after the first frame: panes, then what the ledger knows."""
        if self._left():
            return
        if self._before_rest is not None:
            self._before_rest()
            coming = [
                self.query_one("#left").mount_all(self._about_system()),
                self.mount(panes.PromptNotes(), before=self.query_one(KeyBar)),
                self.query_one("#right").mount_all(_run_panes()),
            ]
            for each in coming:
                await each
            if self._left():  # panes may be gone again
                return
            self._begin()
            self.call_after_refresh(self._open_store)
        else:
            await self._open_store()

    def _left(self) -> bool:
        return bool(self.app._exit)

    async def _open_store(self) -> None:
        self.post_message(self.Stands())
        if self._store_is_open:
            return
        services = self.session.services
        if services.store is not None:
            try:
                await asyncio.to_thread(services.store.open)
            except WorkbenchError as error:
                services.go_without_store()
                self.notify(f"Runs are not kept: {error}", severity="warning", markup=False, timeout=10)
        self._store_is_open = True
        self._count_past()
        self.learn()
        self.draw()

    def _count_past(self) -> None:
        if self._store_is_open:
            self._past = self.session.today()

    def _kind(self) -> RunKind:
        kinds = {info.kind for info in self.session.models()}
        return next(iter(kinds)) if len(kinds) == 1 else "real"

    # What the user does

    def on_prompt_text_submitted(self) -> None:
        """Enter in the prompt."""
        self.action_run()

    def on_lanes_pointed(self, message: panes.Lanes.Pointed) -> None:
        """Another lane."""
        self.point(message.call, opened=message.opened)

    def on_lanes_stopped(self, message: panes.Lanes.Stopped) -> None:
        """One call is not wanted any more."""
        self.session.stop_call(message.call)

    def action_lane(self, by: int) -> None:
        """The detail of a lane further on."""
        if call := self.query_one(panes.Lanes).neighbour(by):
            self.on_lanes_pointed(panes.Lanes.Pointed(call))

    # Tabs, focus, sizes

    def on_detail_tabs_chosen(self, message: panes.DetailTabs.Chosen) -> None:
        """A tab was clicked."""
        self._tab(message.tab)

    def action_tab(self, by: int) -> None:
        """The next tab, or the one before."""
        tabs = self.query_one(panes.DetailTabs)
        self._tab(tabs.tabs[(tabs.tabs.index(tabs.tab) + by) % len(tabs.tabs)])

    def action_tab_number(self, number: int) -> None:
        """The tab of this number, from 1."""
        tabs = self.query_one(panes.DetailTabs).tabs
        if number <= len(tabs):
            self._tab(tabs[number - 1])

    def _tab(self, tab: panes.Tab) -> None:
        self.query_one(panes.DetailTabs).tab = tab
        self.draw()

    def action_copy(self) -> None:
        """The tab's text to the clipboard."""
        self.app.copy_to_clipboard(self.query_one(panes.Detail).text)
        self.notify("Copied", markup=False, timeout=2)

    def action_focus_prompt(self) -> None:
        """To the prompt."""
        self.set_focus(self.query_one(PromptText))  # at once; `focus()` lets keys that came with this one go astray

    def action_focus_lanes(self) -> None:
        """To the lanes."""
        self.set_focus(self.query_one(panes.Lanes))

    def action_focus_tree(self) -> None:
        """To the tree; where the window is small it opens and closes."""
        tree = self.query_one(SystemTree)
        self.set_class(not (tree.has_focus and self.has_class("-tree")), "-tree")
        there = tree if self.has_class("-tree") else self.query_one(PromptText)
        if there.display:
            self.set_focus(there)
        else:
            self.call_after_refresh(there.focus)

    def action_focus_notation(self) -> None:
        """To the notation."""
        self.set_focus(self.query_one(panes.NotationText))

    def action_maximise(self) -> None:
        """The focused pane alone, or all again."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None:
            self.maximize(self.focused)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The keys below follow the focus; a pane that stood alone gives way to the one that is gone to."""
        if self.maximized is not None and self.maximized not in event.widget.ancestors_with_self:
            self.minimize()
        self.query_one(KeyBar).show(where_of(event.widget))

    def on_resize(self) -> None:
        """Where verdict and agreement have no panes of their own they become tabs."""
        self.once_drawn(self._fold)

    def _fold(self) -> None:
        tabs = self.query_one(panes.DetailTabs)
        folded = self.has_class("-compact") or self.has_class("-short")
        tabs.tabs = panes.FOLDED if folded else panes.TABS
        if tabs.tab not in tabs.tabs:
            tabs.tab = "answer"
        self.draw()
