"""Several runs side by side in tabs: one is shown, the others go on. What each tab's user looked at is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import msgspec
from textual.widget import Widget

from workbench import money
from workbench.tui import figures
from workbench.tui.lane_filter import ALL, Only
from workbench.tui.lane_table import Sort
from workbench.tui.one_run import OneRun, Resting
from workbench.tui.reading import totals
from workbench.tui.screens import dialogs
from workbench.tui.screens.watching import Watching
from workbench.tui.tabs import MOST
from workbench.tui.widgets import panes


class Gaze(msgspec.Struct, frozen=True):
    """How a tab is looked at."""

    picked: str | None = None
    following: bool = False
    tab: panes.Tab = "answer"
    sort: Sort = "replica"
    only: Only = ALL
    columns: bool = False
    scroll: int = 0
    expected: type[Widget] | None = None


class Tabbing(Watching):
    """The Bench's half that holds several runs."""

    def __init__(self) -> None:
        super().__init__()
        self._gazes: WeakKeyDictionary[OneRun, Gaze] = WeakKeyDictionary()

    def labels(self) -> tuple[panes.Label, ...]:
        """What stands on the tabs."""
        return tuple(panes.label(one) for one in self.session.tabs.items)

    def draw_tabs(self) -> None:
        """The line of tabs, where there are several."""
        tabs = self.session.tabs
        self.set_class(len(tabs.items) > 1, "-tabs")
        self.query_one(panes.RunTabs).show(self.labels(), tabs.at)

    def bring_back(self, left: Sequence[Resting | None], at: int, gaze: Gaze) -> None:
        """The tabs of another time, each looked at like this at first."""
        self._gazes[self.session.shown] = self._gaze()
        self.session.bring_back(left, at)
        for one in self.session.tabs.items:
            self._gazes.setdefault(one, gaze)
        self._look_again()

    def action_new_tab(self) -> None:
        """An empty tab; what is on the bench stays."""
        self.room_for_another()

    def room_for_another(self) -> bool:
        """An empty tab is shown from now on; False, and said, where there is no room."""
        gaze = self._gaze()
        self._gazes[self.session.shown] = gaze
        if not self.session.open_tab():
            self.notify(f"There are {MOST} tabs; Alt+W closes one.", severity="warning", markup=False, timeout=4)
            return False
        self._put(Gaze(sort=gaze.sort, columns=gaze.columns))
        return True

    def action_close_tab(self) -> None:
        """The shown tab goes; a run that is under way in it is asked about."""
        session = self.session
        if session.running:
            question = "A run is under way in this tab. Close it and cancel the run? What has arrived is kept."
            self.app.push_screen(dialogs.Confirm(question, "cancel it and close", "stay"), self._close)
        elif len(session.tabs.items) == 1 and not session.view.id:
            self.notify("This is the only tab, and it is empty.", markup=False, timeout=3)
        else:
            self._close(True)

    def _close(self, sure: bool | None) -> None:
        if sure:
            self.session.close_tab()
            self._look_again()

    def action_turn_tab(self, by: int) -> None:
        """The tab to the right or left."""
        if len(self.session.tabs.items) > 1:
            self._go((self.session.tabs.at + by) % len(self.session.tabs.items))

    def action_tab_at(self, number: int) -> None:
        """The tab of this number, from 1."""
        if number <= len(self.session.tabs.items):
            self._go(number - 1)
        else:
            self.notify(f"There is no tab {number}; ^T opens one.", markup=False, timeout=3)

    def on_run_tabs_chosen(self, message: panes.RunTabs.Chosen) -> None:
        """A tab was clicked."""
        self._go(message.at)

    def action_stop_all(self) -> None:
        """Every run in every tab is cancelled."""
        under_way = len(self.session.under_way)
        self.session.stop_all()
        said = f"{under_way} run{'' if under_way == 1 else 's'} stopped." if under_way else "No run is under way."
        self.notify(said, markup=False, timeout=3)
        self.wake()

    def _go(self, at: int) -> None:
        if at != self.session.tabs.at:
            self._gazes[self.session.shown] = self._gaze()
            self.session.to_tab(at)
            self._look_again()

    def _look_again(self) -> None:
        self._put(self._gazes.get(self.session.shown, Gaze()))

    def _gaze(self) -> Gaze:
        lanes = self.query_one(panes.Lanes)
        return Gaze(
            picked=self.picked,
            following=self.following,
            tab=self.query_one(panes.DetailTabs).tab,
            sort=lanes.sort,
            only=lanes.only,
            columns=self.has_class("-columns"),
            scroll=lanes.scroll_offset.y,
            expected=self._expected,
        )

    def _put(self, gaze: Gaze) -> None:
        """As this tab was looked at the last time."""
        lanes = self.query_one(panes.Lanes)
        self.picked, self.following, self._expected = gaze.picked, gaze.following, gaze.expected
        self._leading = None
        self.query_one(panes.DetailTabs).tab = gaze.tab
        lanes.only = gaze.only
        self.set_class(gaze.columns, "-columns")
        lanes.order(gaze.sort)
        self.refresh_bindings()
        self.wake()
        lanes.scroll_to(y=gaze.scroll, animate=False)

    def over(self, one: OneRun) -> None:
        """A run has ended: where it is not looked at, say so."""
        items = self.session.tabs.items
        if self.app._exit or not self.app.screen_stack:
            return
        if one in items and (one is not self.session.shown or self.app.screen is not self):
            frame = one.frame(self.session.price_of)
            sums, said = totals(frame), panes.label(one)
            cost = money.show(sums.cost, estimated=sums.estimated)
            where = f"Tab {items.index(one) + 1}, {said.name}" if len(items) > 1 else said.name
            self.notify(
                f"{where}: {said.look}, {figures.seconds(frame.elapsed)}, {cost}.",
                severity="information" if one.view.status == "done" else "warning",
                markup=False,
            )
