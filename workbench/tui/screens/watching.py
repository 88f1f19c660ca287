"""How the user watches a run: which lanes, side by side or one under the other, and whether the cursor follows."""

from __future__ import annotations

from workbench.systems import files
from workbench.tui import lane_filter, lane_table
from workbench.tui.lane_filter import Only
from workbench.tui.paged import Shown, width_in
from workbench.tui.reading import Frame
from workbench.tui.screens import dialogs
from workbench.tui.screens.running import Running
from workbench.tui.widgets import panes
from workbench.tui.widgets.pane import Pane
from workbench.tui.widgets.system_tree import SystemTree


class Watching(Running):
    """The Bench's half that looks at runs."""

    following = False
    """Whether the detail is always the leader's."""
    _leading: str | None = None

    def paged(self) -> Shown:
        """The focused pane's text: the system's on the left, the run's on the right."""
        focused, detail = self.focused, self.query_one(panes.Detail)
        if isinstance(focused, panes.NotationText):
            return Shown("notation", focused.text, "system")
        if isinstance(focused, SystemTree):
            return Shown("system as YAML", files.dumps(self.session.system), "system")
        if focused is not None and focused.id == "verdicts":
            both: list[Pane] = [self.query_one(panes.VerdictPane), self.query_one(panes.AgreementPane)]
            width = width_in(self.app.size.width)
            return Shown("verdict and agreement", "\n\n".join(pane.reading(width) for pane in both))
        if focused is detail:
            return Shown(detail.tab, detail.reading())
        return Shown("answer", detail.reading("answer"))

    def point(self, call: str, *, opened: bool = False) -> None:
        """The user chooses a call."""
        self.following = False
        self.picked = call
        lanes = self.query_one(panes.Lanes)
        if lanes.display and lanes.point(call):
            self.call_after_refresh(self.draw)
        else:
            self.draw()
        lanes.reveal()
        if opened:
            self.query_one(panes.Detail).focus()

    def leader(self, frame: Frame) -> str | None:
        """The call that leads where the cursor follows it."""
        if not self.following:
            return None
        self._leading = lane_filter.leader(frame, self._leading)
        return self._leading

    def draw_columns(self, frame: Frame) -> None:
        """The chosen call and those it runs against; all where it stands alone."""
        if not self.has_class("-columns"):
            return
        calls = frame.view.calls
        shown = self.query_one(panes.Lanes).calls
        here = calls.get(frame.chosen or "")
        beside = [name for name in shown if here and calls[name].node == here.node and calls[name].role == here.role]
        self.query_one(panes.LaneColumns).show(frame, beside if len(beside) > 1 else shown)

    def action_follow(self) -> None:
        """The cursor stays on the leader, or where it is."""
        self.following = not self.following
        if self.following:
            self._leading = None
        else:
            self.picked = self._leading
        said = "follows the leader" if self.following else "stays"
        self.notify(f"The cursor {said}.", markup=False, timeout=2)
        self.draw()

    def action_raw(self) -> None:
        """Answers as they were written, or as Markdown."""
        detail = self.query_one(panes.Detail)
        detail.raw = not detail.raw
        said = "as written" if detail.raw else "as Markdown"
        self.notify(f"Answers {said}.", markup=False, timeout=2)
        self.draw()

    def action_filter_lanes(self) -> None:
        """Choose which lanes are shown."""
        frame, lanes = self.session.frame(), self.query_one(panes.Lanes)
        if not frame.view.calls:
            self.notify("There are no lanes yet.", markup=False, timeout=2)
            return
        root, calls = self.session.ran, list(frame.view.calls.values())

        def name(node: str) -> str:
            return lane_table.heading(root, node, "generate", [call for call in calls if call.node == node])

        found = {only.words: (only, said) for only, said in lane_filter.choices(frame, name).items()}

        def picked(words: str | None) -> None:
            if words is not None:
                self._only(found[words][0])

        lanes.focus()
        entries = {words: said for words, (_, said) in found.items()}
        self.app.push_screen(dialogs.Pick("Show which lanes", entries), picked)

    def _only(self, only: Only) -> None:
        self.query_one(panes.Lanes).only = only
        self.draw()

    def action_columns(self) -> None:
        """Side by side, or one under the other."""
        there = not self.has_class("-columns")
        self.set_class(there, "-columns")
        self.draw()
        columns, lanes = self.query_one(panes.LaneColumns), self.query_one(panes.Lanes)
        if self.focused in (columns, lanes, None):
            (columns if there else lanes).focus()  # at once: the next key may be there before the next frame
        self.once_drawn(self.draw)

    def on_lane_columns_pointed(self, message: panes.LaneColumns.Pointed) -> None:
        """Another column."""
        columns = self.query_one(panes.LaneColumns)
        if call := message.call or columns.neighbour(message.by):
            self.point(call)

    def action_read_column(self) -> None:
        """The column's call in full."""
        if call := self.query_one(panes.LaneColumns).neighbour(0):
            self.set_class(False, "-columns")
            self.picked = call
            self.draw()
            self.call_after_refresh(self.query_one(panes.Detail).focus)

    def action_stop_column(self) -> None:
        """The column's call is not wanted any more."""
        if call := self.query_one(panes.LaneColumns).neighbour(0):
            self.session.stop_call(call)
