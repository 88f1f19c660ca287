"""What the user does with runs: fire, stop, replay, and fetch a model first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.widget import Widget

from workbench.errors import WorkbenchError
from workbench.systems.library import override_models
from workbench.tui import prompting
from workbench.tui.firing import Firing, part
from workbench.tui.screens import dialogs
from workbench.tui.screens.asking import Asking
from workbench.tui.text import clean, one_line
from workbench.tui.widgets import panes
from workbench.tui.widgets.prompt_box import PromptBox

if TYPE_CHECKING:
    from workbench.tui.screens.allow_code import Permission
    from workbench.tui.screens.fetch import Outcome

SIMULATED = "sim/small"
"""What stands in for a model that can't be called."""


class Running(Asking):
    """The Bench's half that makes runs."""

    picked: str | None = None
    """Id of the call that the user points at."""
    _expected: type[Widget] | None = None
    """What takes the focus once the past run that is being read is shown."""
    _firing = Firing()
    """How the run is fired that is being prepared: a question or a fetch may come before it."""

    @property
    def whole(self) -> bool:
        """Whether every pane is there: they come one by one, and go so as the app closes."""
        return bool(self.query(panes.AgreementPane)) and bool(self.query(panes.VerdictPane))

    def wake(self) -> None:
        """Something goes on from now: draw it as it comes."""
        raise NotImplementedError

    def action_run(self) -> None:
        """Fire the system with a new seed."""
        self._prepare(Firing())

    def action_run_again(self) -> None:
        """Fire what is on the bench with the seed of the run that is shown."""
        if not self.session.view.id:
            self.notify("There is no run yet whose seed could be used again.", markup=False, timeout=3)
        else:
            self._prepare(Firing(seed=self.session.view.seed))

    def action_run_part(self) -> None:
        """Fire the node under the tree's cursor alone."""
        try:
            part(self.session.system, self.selected)
        except WorkbenchError as error:
            self.complain(error)
        else:
            self._prepare(Firing(at=self.selected))

    def action_let_finish(self) -> None:
        """Whether the losers of races finish in the next runs."""
        self.wording.let_finish = not self.wording.let_finish
        said = "finish" if self.wording.let_finish else "end as the system says"
        self.notify(f"From the next run on the losers of races {said}.", markup=False, timeout=4)
        self.draw_notes()

    def _prepare(self, firing: Firing) -> None:
        """Ask what must be asked, fetch a model that is not on disk yet, then fire."""
        if self.session.running:
            self.notify("A run is under way; Esc stops it, ^T opens a tab for another.", markup=False, timeout=4)
            return
        if not self.whole:
            self.call_after_refresh(self._prepare, firing)  # a key typed ahead, before the panes stand
            return
        if self.query_one(panes.NotationLine).broken:
            self.notify("The notation does not parse. Mend it (F5), or undo there.", severity="warning", markup=False)
            return
        self._firing = firing
        doubts = self.session.forecast(part(self.session.system, firing.at)).doubts
        asked = [one_line(doubt.message) for doubt in doubts if doubt.severity == "ask"]
        if asked:
            self.app.push_screen(dialogs.Confirm("\n".join(asked), "run it", "don't"), self._confirmed)
        else:
            self._confirmed(True)

    def _confirmed(self, sure: bool | None) -> None:
        if sure and self.session.runs_code() and not self.session.allow_code:
            self.app.push_screen(dialogs.AllowCode(), self._permitted)
        elif sure:
            self._permitted("without")

    def _permitted(self, permission: Permission | None) -> None:
        if permission == "allow":
            self.session.allow_code = True
            self.foresee()
        if permission in ("allow", "without") and not self._needs_fetch():
            self._fire()

    def _needs_fetch(self) -> bool:
        embedded = self.session.services.embedded
        if embedded is None:
            return False
        for info in self.session.models():
            words = embedded.missing(info.name)
            if words is not None:
                self.app.push_screen(dialogs.FetchModel(embedded, info.name, words), self._fetched)
                return True
        return False

    def _fetched(self, outcome: Outcome | None) -> None:
        if outcome == "simulate":
            self.action_simulate()
        if outcome in ("ready", "simulate") and not self._needs_fetch():
            self._fire()

    def _fire(self) -> None:
        prompt, infos = self.query_one(PromptBox).text, self.session.models()
        if not prompt.strip():
            self.notify("Write a prompt first.", markup=False, timeout=3)
        elif infos and not any(info.available for info in infos):
            problem = f"{infos[0].name}: {infos[0].problem}\n^P “use simulated models” works without."
            self.notify(one_line(problem), severity="error", markup=False, timeout=10)
        else:
            self.worded(prompt, lambda sent: self._send(prompt, sent))

    def _send(self, written: str, sent: str) -> None:
        """Fire at what is sent for what was written."""
        wording = self.wording
        firing = replace(self._firing, let_finish=wording.let_finish, instruction=wording.instruction)
        if self.session.run(sent, firing):
            wording.past.sent(written, sent)
            self.picked = None
            self.wake()
        else:
            self.draw()  # the session knows why not

    def action_stop(self) -> None:
        """Cancel the run."""
        self.session.stop()

    def action_replay_last(self) -> None:
        """The last run again."""
        self.replay("last")

    def replay(self, ref: str) -> None:
        """A past run with its own timing."""
        if self.session.services.store is None:
            self.notify("There is no ledger to replay from.", severity="warning", markup=False)
        elif self._room() and self.session.replay(ref):
            self.picked, self._expected = None, panes.TransportBar
        self.wake()

    def show(self, ref: str) -> None:
        """A past run as it stood at its end."""
        if self._room() and self.session.show(ref):
            self.picked, self._expected = None, panes.Lanes
        self.wake()

    def _room(self) -> bool:
        """A run that is under way goes on in its tab; a past one comes beside it."""
        return not self.session.running or self.room_for_another()

    def room_for_another(self) -> bool:
        """An empty tab is shown from now on; False, and said, where there is no room."""
        raise NotImplementedError

    def draw_transport(self) -> None:
        """Where a past run stands; it has the focus from the moment on that there is one to show."""
        player, bar = self.session.player, self.query_one(panes.TransportBar)
        bar.show(player)
        self.set_class(player is not None, "-replay")
        if player is not None and self._expected is not None:
            self.once_drawn(partial(self._bring, self.query_one(self._expected)))
            self._expected = None

    def _bring(self, focus: Widget) -> None:
        """The past run's system and prompt come onto the bench, so that it looks as it did; undo takes them off."""
        system, prompt = self.session.past()
        if system is not None and system.root != self.session.system.root:
            self.change(system)
            self.notify("The run's system is on the bench; undo brings yours back.", markup=False, timeout=5)
        if prompt and self._sent_as() != (prompt, self.session.instruction):
            self.wording.instruction = self.session.instruction
            self.set_prompt(clean(prompting.literal(prompt)))
            self.draw_notes()
        focus.focus()

    def _sent_as(self) -> tuple[str, str]:
        """What the prompt on the bench would be sent as, as far as that can be told without reading files."""
        text = self.query_one(PromptBox).text
        named = prompting.paths(text)
        return "" if named else prompting.compose(text, self.wording.values), self.wording.instruction

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The transport's keys are the focused pane's own while no past run is shown."""
        return self.session.player is not None if action.startswith("replay_") and action != "replay_last" else True

    def on_transport_bar_sought(self, message: panes.TransportBar.Sought) -> None:
        """A moment was clicked."""
        if (player := self.session.player) is not None:
            player.seek(round(message.share * player.reel.duration))
            self._sought()

    def action_replay_pause(self) -> None:
        """Stop the time or let it go on; at the end begin again."""
        if (player := self.session.player) is not None:
            again = player.at_end
            if again:
                player.seek(0)
            player.pause(not again and not player.paused)
            self._sought()

    def action_replay_step(self, by: int) -> None:
        """Forward or back."""
        if (player := self.session.player) is not None:
            player.step(by)
            self._sought()

    def action_replay_next(self) -> None:
        """To what happens next."""
        if (player := self.session.player) is not None:
            player.seek(player.reel.next_event(player.position))
            self._sought()

    def action_replay_speed(self, by: int) -> None:
        """Faster or slower."""
        if (player := self.session.player) is not None:
            player.faster(by)
            self._sought()

    def action_replay_edge(self, share: int) -> None:
        """To the start or the end."""
        if (player := self.session.player) is not None:
            player.seek(share * player.reel.duration)
            self._sought()

    def _sought(self) -> None:
        self.session.go_on()
        self.wake()

    def action_simulate(self) -> None:
        """Simulated models in place of all others."""
        try:
            resolved = self.session.resolved()
        except WorkbenchError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self.change(override_models(resolved, SIMULATED, SIMULATED))
