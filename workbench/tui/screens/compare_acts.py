"""What the user does on the Compare screen: choose systems, fire, stop, grade, judge blind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.systems.nodes import System
from workbench.tui import prompting
from workbench.tui.blind import ballot
from workbench.tui.comparing import LEAST, MOST, Comparing
from workbench.tui.outcomes import Outcome
from workbench.tui.screens.compare_blind import Blind
from workbench.tui.screens.compare_choose import Choose
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.fetch import FetchModel
from workbench.tui.screens.fetch import Outcome as Fetched
from workbench.tui.screens.room import Room
from workbench.tui.screens.wording import Fill
from workbench.tui.text import one_line
from workbench.tui.widgets.prompt_box import PromptBox, PromptText

if TYPE_CHECKING:
    from workbench.ledger.queries import Grade

MANY = 200
"""Calls from which firing asks first."""


class ComparingActs(Room):
    """The half of the screen that changes the comparison."""

    comparing: Comparing
    cursor = 0
    """The system that the user points at."""

    def draw(self) -> None:
        """Everything from the comparison as it stands."""
        raise NotImplementedError

    def foresee(self) -> None:
        """Draw, and estimate what firing would cost and take; the estimate is drawn when it is there."""
        self.draw()
        self.run_worker(self._foresee(), group="foresee", exclusive=True)

    async def _foresee(self) -> None:
        await self.comparing.foresee(self.query_one(PromptBox).text)
        self.draw()

    def wake(self) -> None:
        """Runs are under way from now: draw them as they come."""
        raise NotImplementedError

    def marked(self) -> Outcome | None:
        """The run that the user points at."""
        raise NotImplementedError

    # Systems

    def action_compare_add(self) -> None:
        """One system more."""
        if self._busy():
            return
        if len(self.comparing.lanes) >= MOST:
            self.say(f"{MOST} systems stand side by side at most; x takes one out, c changes one.")
            return
        self._choose(self._added)

    def action_compare_change(self) -> None:
        """Another system in this one's place."""
        if not self._busy():
            self._choose(self._changed if self.comparing.lanes else self._added)

    def _choose(self, then: Callable[[System | None], None]) -> None:
        self.app.push_screen(Choose(self.session.services, self.session.system), then)

    def _added(self, system: System | None) -> None:
        if system is not None and self.comparing.add(system):
            self.cursor = len(self.comparing.lanes) - 1
            self.foresee()

    def _changed(self, system: System | None) -> None:
        if system is not None and self.comparing.put(self.cursor, system):
            self.foresee()

    def action_compare_remove(self) -> None:
        """This system is compared no more."""
        if not self._busy() and self.comparing.remove(self.cursor):
            self.cursor = max(0, min(self.cursor, len(self.comparing.lanes) - 1))
            self.foresee()

    def action_compare_take(self) -> None:
        """The Bench's system and prompt."""
        if self._busy():
            return
        if not self.comparing.put(self.cursor, self.session.system):
            self.comparing.add(self.session.system)
        self.query_one(PromptText).put(self.bench_prompt())
        self.foresee()

    def bench_prompt(self) -> str:
        """What stands in the Bench's prompt box."""
        raise NotImplementedError

    # How often

    def action_compare_more(self) -> None:
        """One run more of each."""
        self.comparing.repeat(1)
        self.draw()

    def action_compare_fewer(self) -> None:
        """One run fewer of each."""
        self.comparing.repeat(-1)
        self.draw()

    def action_compare_together(self) -> None:
        """At once, or in turn."""
        if not self._busy():
            self.comparing.together = not self.comparing.together
            self.draw()

    # Runs

    def on_prompt_text_recalled(self, message: PromptText.Recalled) -> None:
        """The prompt before, or after."""
        box = self.query_one(PromptText)
        if (text := self.session.wording.past.step(message.by, box.text)) is not None:
            box.text = text
            box.move_cursor(box.document.end)

    async def on_prompt_text_completing(self, message: PromptText.Completing) -> None:
        """Tab behind a path: as far as it is the only way on."""
        found = await asyncio.to_thread(prompting.completions, message.typed)
        box = self.query_one(PromptText)
        if box.typed_path == message.typed:
            box.complete(prompting.completed(message.typed, found))

    def on_prompt_text_submitted(self) -> None:
        """Enter in the prompt."""
        self.action_compare_run()

    def action_compare_run(self) -> None:
        """Fire; what is doubtful is asked first, a model that is not on disk is fetched first."""
        if self._busy():
            return
        if len(self.comparing.lanes) < LEAST:
            self.say("Two systems at least: a adds one.")
        elif not self.query_one(PromptBox).text.strip():
            self.say("Write a prompt first (F2).")
        elif asked := self._doubts():
            self.app.push_screen(Confirm("\n".join(asked), "run them", "don't"), self._confirmed)
        else:
            self._confirmed(True)

    def _doubts(self) -> list[str]:
        found, calls = list[str](), 0
        for lane in self.comparing.lanes:
            forecast = self.session.services.forecast(lane.system, self.session.allow_code)
            calls += forecast.high * self.comparing.repeats
            found += [one_line(doubt.message) for doubt in forecast.doubts if doubt.severity == "ask"]
        found += [f"That is up to {calls} calls in all."] if calls > MANY else []
        return list(dict.fromkeys(found))

    def _confirmed(self, sure: bool | None) -> None:
        if not sure:
            return
        try:
            infos = list(self.comparing.models())
        except WorkbenchError as error:
            self.warn(str(error))
            return
        embedded = self.session.services.embedded
        for info in infos:
            if words := embedded.missing(info.name) if embedded is not None else None:
                assert embedded is not None
                self.app.push_screen(FetchModel(embedded, info.name, words), self._fetched)
                return
        if missing := next((info for info in infos if not info.available), None):
            self.warn(f"{missing.name}: {missing.problem}\nc puts another system in its place.")
        else:
            self._word(self.query_one(PromptBox).text)

    def _word(self, text: str) -> None:
        """Fire at what the prompt is sent as: values in place of names, texts of files, as on the Bench."""
        values = self.session.wording.values
        missing = [name for name in prompting.variables(text) if name not in values]
        if missing:
            self.app.push_screen(Fill(missing, values, "fire"), self._filled)
        elif prompting.paths(text):
            self.run_worker(self._read_files(text), group="composing", exclusive=True)
        else:
            self._fire(prompting.compose(text, values))

    def _filled(self, values: Mapping[str, str] | None) -> None:
        if values is not None:
            self.session.wording.values.update(values)
            self._word(self.query_one(PromptBox).text)

    async def _read_files(self, text: str) -> None:
        try:
            sent = await asyncio.to_thread(prompting.compose, text, dict(self.session.wording.values))
        except WorkbenchError as error:
            self.warn(str(error))
        else:
            self._fire(sent)

    def _fire(self, sent: str) -> None:
        wording = self.session.wording
        if self.comparing.fire(sent, wording.instruction):
            wording.past.sent(self.query_one(PromptBox).text, sent)
            self.wake()

    def _fetched(self, outcome: Fetched | None) -> None:
        if outcome == "ready":
            self._confirmed(True)
        elif outcome == "simulate":
            self.say("c changes a system: one of sim/… models needs no download.")

    def action_compare_stop(self) -> None:
        """End all runs."""
        self.comparing.stop()
        self.draw()

    # Verdicts

    def action_compare_right(self) -> None:
        """The answer is right."""
        self._grade("right")

    def action_compare_wrong(self) -> None:
        """The answer is wrong."""
        self._grade("wrong")

    def action_compare_skip(self) -> None:
        """The answer can't be graded."""
        self._grade("skip")

    def _grade(self, grade: Grade) -> None:
        found = self.marked()
        if found is None or found.answer is None:
            self.say("There is no answer here to grade.")
        else:
            self.run_worker(self._keep(found, grade))

    async def _keep(self, found: Outcome, grade: Grade) -> None:
        try:
            await self.comparing.grade(found, grade)
        except WorkbenchError as error:
            self.warn(f"The grade is not kept: {error}")
        self.draw()

    def action_compare_blind(self) -> None:
        """Pairs of answers without names."""
        if self._busy():
            return
        columns = [[each for each in lane.outcomes if each.counts] for lane in self.comparing.lanes]
        drawn = ballot(columns, self.session.services.new_seed())
        if drawn.pairs:
            self.app.push_screen(Blind(self.comparing, drawn), lambda _: self.draw())
        elif drawn.alike:
            self.say("All answers say the same words; there is nothing to judge.")
        else:
            self.say("Blind judging needs answers of one kind from two systems; ^R fires them.")

    def _busy(self) -> bool:
        if self.comparing.live:
            self.say("Runs are under way; Esc stops them.")
        return self.comparing.live

    def say(self, words: str) -> None:
        """A short toast."""
        self.notify(words, markup=False, timeout=4)

    def warn(self, words: str) -> None:
        """Something went wrong."""
        self.notify(words, severity="error", markup=False, timeout=10)
