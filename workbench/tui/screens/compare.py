"""The Compare screen: two to four systems at one prompt, side by side, one table under them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.timer import Timer

from workbench.errors import WorkbenchError
from workbench.tui import commands, paged
from workbench.tui.commands import Where
from workbench.tui.comparing import Comparing
from workbench.tui.outcomes import Outcome
from workbench.tui.screens.compare_acts import ComparingActs
from workbench.tui.session import Session
from workbench.tui.text import clean
from workbench.tui.widgets.compare_answers import CompareAnswers, Shown, marked, saying
from workbench.tui.widgets.compare_bar import CompareBar
from workbench.tui.widgets.compare_lanes import CompareLanes, name_of
from workbench.tui.widgets.compare_table import CompareTable
from workbench.tui.widgets.prompt_box import PromptBox, PromptText
from workbench.tui.word_diff import Diff, word_diff

DRAWS_PER_SECOND = 12
AGAINST = "single"
"""The shipped system that stands beside the Bench's at first."""


class Compare(ComparingActs):
    """Remembers only what the user points at: a system, a repeat, whether two answers are compared."""

    ROOM: ClassVar[Where] = "compare"
    BINDINGS: ClassVar[list[BindingType]] = commands.bindings("compare")

    def __init__(
        self,
        session: Session,
        comparing: Comparing,
        prompt: Callable[[], str],
        show_run: Callable[[str], None],
        written: str | None = None,
    ) -> None:
        """`prompt`: what stands on the Bench; `written`: what stood here the last time, which comes before it."""
        super().__init__(session)
        self.comparing = comparing
        self._bench_prompt, self._show_run, self._left = prompt, show_run, written
        self._turn: int | None = None
        self._other = 1
        self._diffing = False
        self._diffs: dict[tuple[str, str], Diff] = {}
        self._drawn: tuple[object, ...] = ()
        self._said: tuple[str, ...] = ()
        self._timer: Timer | None = None

    def paged(self) -> paged.Shown:
        """What the pager shows."""
        return paged.Shown("answers", self.query_one(CompareAnswers).reading())

    def body(self) -> ComposeResult:
        """How it is set up, lanes, table, answers, prompt."""
        yield CompareBar(self.comparing)
        yield CompareLanes(self.comparing)
        with VerticalScroll(id="compare-figures", can_focus=False):
            yield CompareTable(self.comparing)
        yield CompareAnswers(self.session.services.config.keys)
        yield PromptBox(self._bench_prompt() if self._left is None else self._left)

    def on_mount(self) -> None:
        """The Bench's system, and a single call beside it."""
        self._timer = self.set_interval(1 / DRAWS_PER_SECOND, self.tick, pause=True)
        if not self.comparing.lanes:
            self.comparing.add(self.session.system)
            self._beside()
        self.query_one(CompareLanes).focus()
        self.foresee()

    def on_screen_resume(self) -> None:
        """What has happened while another screen was shown."""
        super().on_screen_resume()
        self.draw()

    def on_resize(self) -> None:
        """Other sizes show other lines."""
        self.call_after_refresh(self.draw)

    def wake(self) -> None:
        """Runs are under way from now."""
        self._turn, self._said = None, ()
        self.draw()
        if self._timer is not None:
            self._timer.resume()

    def tick(self) -> None:
        """Draw what has changed since; sleep when nothing goes on any more."""
        live, shown = self.comparing.live, self.is_current
        if shown and (live or self.comparing.stamp != self._drawn):
            self.draw()
        if not live and self._timer is not None:
            self._timer.pause()
            super().on_screen_resume()

    def draw(self) -> None:
        """Everything from the comparison as it stands."""
        if not self.is_mounted:
            return
        self._drawn = self.comparing.stamp
        self.set_class(not any(lane.outcomes for lane in self.comparing.lanes), "-empty")
        self.query_one(CompareBar).show(instructed=bool(self.session.wording.instruction))
        self.query_one(CompareLanes).show(self.cursor)
        self.query_one(CompareTable).show()
        self.query_one(CompareAnswers).show(self._shown())
        problems = (self.comparing.problem, *(lane.problem for lane in self.comparing.lanes))
        for problem in problems:
            if problem and problem not in self._said:
                self.warn(problem)
        self._said = problems

    @property
    def written(self) -> str | None:
        """What stands in the prompt's box; None where nothing was ever written."""
        boxes = self.query(PromptText)
        return boxes.first().whole if boxes else self._left

    # What is pointed at

    @property
    def turn(self) -> int:
        """The repeat whose answers are shown: the newest until the user goes to another."""
        return self.comparing.newest if self._turn is None else min(self._turn, self.comparing.newest)

    def marked(self) -> Outcome | None:
        """The run that the user points at."""
        lanes = self.comparing.lanes
        return lanes[self.cursor].at(self.turn) if self.cursor < len(lanes) else None

    def on_compare_lanes_pointed(self, message: CompareLanes.Pointed) -> None:
        """A panel was clicked."""
        if message.index >= len(self.comparing.lanes):
            self.action_compare_add()
            return
        self.cursor = message.index
        self.draw()

    def action_compare_move(self, by: int) -> None:
        """The next system, stopping at the ends."""
        self.cursor = max(0, min(len(self.comparing.lanes) - 1, self.cursor + by))
        self.draw()

    def action_compare_turn(self, by: int) -> None:
        """The next repeat, stopping at the ends."""
        last = self.comparing.newest
        wanted = max(0, min(last, self.turn + by))
        self._turn = None if self.comparing.live and wanted == last else wanted
        self.draw()

    def action_compare_open(self) -> None:
        """The marked run on the Bench."""
        found = self.marked()
        if found is None or self.session.services.store is None:
            self.say("There is no run here to open." if found is None else "There is no ledger to open it from.")
        else:
            self._show_run(found.run)

    def action_compare_copy(self) -> None:
        """The marked answer to the clipboard."""
        found = self.marked()
        if found is not None and found.answer is not None:
            self.app.copy_to_clipboard(found.answer)
            self.say("Copied")

    # Answers

    def action_compare_diff(self) -> None:
        """Two answers word by word, or the answers again."""
        self._diffing = not self._diffing
        self.draw()

    def action_compare_other(self) -> None:
        """Against the next system's answer."""
        count = len(self.comparing.lanes)
        if count > 1:
            steps = [(self._partner() + step) % count for step in range(1, count + 1)]
            self._other = next(index for index in steps if index != self.cursor)
            self._diffing = True
            self.draw()

    def _partner(self) -> int:
        count = len(self.comparing.lanes)
        return self._other if self._other < count and self._other != self.cursor else (self.cursor + 1) % max(1, count)

    def _shown(self) -> Shown:
        turn = self.turn
        lanes = self.comparing.lanes
        found = tuple(lane.at(turn) for lane in lanes)
        names = tuple(name_of(lane) for lane in lanes)
        live = tuple(saying(lane.view) if lane.live and lane.turn == turn else "" for lane in lanes)
        shown = Shown(turn, self.comparing.planned, found, self.cursor, marked(found), names, live)
        if not self._diffing or len(found) < 2:
            return shown
        pair = (min(self.cursor, self._partner()), max(self.cursor, self._partner()))
        texts = [each.answer if (each := found[index]) is not None else None for index in pair]
        if texts[0] is None or texts[1] is None:
            return shown
        key = (clean(texts[0]), clean(texts[1]))
        if key not in self._diffs:
            self.run_worker(self._compare(key), group="diff", exclusive=True)
        return replace(shown, pair=pair, diff=self._diffs.get(key))

    async def _compare(self, texts: tuple[str, str]) -> None:
        """Off the loop: long answers take a while."""
        diff = await asyncio.to_thread(word_diff, *texts)
        if len(self._diffs) > 32:
            self._diffs.clear()
        self._diffs[texts] = diff
        self.draw()

    # Focus

    def action_compare_prompt(self) -> None:
        """To the prompt."""
        self.query_one(PromptText).focus()

    def action_compare_lanes(self) -> None:
        """To the systems."""
        self.query_one(CompareLanes).focus()

    def action_compare_answers(self) -> None:
        """To the answers."""
        self.query_one(CompareAnswers).focus()

    def action_compare_maximise(self) -> None:
        """The table alone, or the answers alone where they are focused; again for both."""
        wanted = "-answers" if self.query_one(CompareAnswers).has_focus else "-figures"
        for name in ("-answers", "-figures"):
            self.set_class(name == wanted and not self.has_class(name), name)
        self.call_after_refresh(self.draw)

    def place_of(self, event: events.DescendantFocus) -> Where:
        """The prompt has keys of its own."""
        return "prompt" if isinstance(event.widget, PromptText) else self.ROOM

    def bench_prompt(self) -> str:
        """What stands in the Bench's prompt box."""
        return self._bench_prompt()

    def _beside(self) -> None:
        try:
            single = self.session.services.systems.get(AGAINST)
        except WorkbenchError:
            return
        if single.root != self.session.system.root:
            self.comparing.add(single)
