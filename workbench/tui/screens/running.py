"""What the user does with runs: fire, stop, replay, and fetch a model first."""

from __future__ import annotations

from workbench.errors import WorkbenchError
from workbench.systems.library import override_models
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.editing import Editing
from workbench.tui.screens.fetch import FetchModel, Outcome
from workbench.tui.text import one_line
from workbench.tui.widgets.notation_line import NotationLine
from workbench.tui.widgets.prompt_box import PromptBox

SIMULATED = "sim/small"
"""What stands in for a model that can't be called."""


class Running(Editing):
    """The Bench's half that makes runs."""

    picked: str | None = None
    """Id of the call that the user points at."""

    def wake(self) -> None:
        """Something goes on from now: draw it as it comes."""
        raise NotImplementedError

    def action_run(self) -> None:
        """Fire the system; a model that is not on disk yet is fetched first."""
        if self.session.live:
            self.notify("A run is under way; Esc stops it.", markup=False, timeout=3)
            return
        if self.query_one(NotationLine).broken:
            self.notify("The notation does not parse; the last good system runs.", severity="warning", markup=False)
        doubts = self.session.services.forecast(self.session.system).doubts
        asked = [one_line(doubt.message) for doubt in doubts if doubt.severity == "ask"]
        if asked:
            self.app.push_screen(Confirm("\n".join(asked), "run it", "don't"), self._confirmed)
        elif not self._needs_fetch():
            self._fire()

    def _confirmed(self, sure: bool | None) -> None:
        if sure and not self._needs_fetch():
            self._fire()

    def _needs_fetch(self) -> bool:
        embedded = self.session.services.embedded
        if embedded is None:
            return False
        for info in self.session.models():
            words = embedded.missing(info.name)
            if words is not None:
                self.app.push_screen(FetchModel(embedded, info.name, words), self._fetched)
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
        elif self.session.run(prompt):
            self.picked = None
            self.wake()

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
        elif self.session.replay(ref):
            self.picked = None
        self.wake()

    def show(self, ref: str) -> None:
        """A past run as it stood at its end."""
        if self.session.show(ref):
            self.picked = None
        self.wake()

    def action_simulate(self) -> None:
        """Simulated models in place of all others."""
        try:
            resolved = self.session.services.systems.resolve(self.session.system)
        except WorkbenchError as error:
            self.notify(str(error), severity="error", markup=False)
        else:
            self._change(override_models(resolved, SIMULATED, SIMULATED))
