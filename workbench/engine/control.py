"""A hand on a run that is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.engine.run import Run


class Control:
    """A hand on a run that is under way. Give one to `execute`; it works from the loop that runs it."""

    def __init__(self) -> None:
        self._run: Run | None = None
        self._stopped = ""

    def stop(self, reason: str = "stopped by hand") -> None:
        """End the run: calls under way are cancelled, what is finished is kept, the best answer so far stands."""
        self._stopped = reason
        if self._run is not None:
            self._run.halt("cancelled", reason)

    def stop_call(self, call: str) -> None:
        """End one call; its node goes on with the rest."""
        if self._run is not None and call in self._run.open_calls:
            self._run.open_calls[call].halt("stopped by hand")

    def attach(self, run: Run) -> None:
        """Called by the run itself, which may have been stopped before it began."""
        self._run = run
        if self._stopped:
            self.stop(self._stopped)
