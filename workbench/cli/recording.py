"""The ledger beside a run: when it fails, the user is told once and the run goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.cli.firing import Sink
from workbench.cli.output import note
from workbench.cli.services import Services
from workbench.errors import LedgerError

if TYPE_CHECKING:
    from workbench.ledger import Ledger


class Recording:
    """`with Recording(services) as recording: sinks = recording.sinks()`. `failed`: something was lost. `tell` gets the
    one message about it."""

    def __init__(self, services: Services, *, enabled: bool = True, tell: Callable[[str], None] = note) -> None:
        self.failed = False
        self._services = services
        self._enabled = enabled
        self._tell = tell
        self._ledger: Ledger | None = None

    def __enter__(self) -> Recording:
        if self._enabled:
            try:
                self._ledger = self._services.ledger()
            except LedgerError as error:
                self._fail(error)
        return self

    def __exit__(self, *_: object) -> None:
        if self._ledger is not None:
            try:
                self._ledger.close()
            except LedgerError as error:
                self._fail(error)

    def _fail(self, error: LedgerError) -> None:
        if not self.failed:
            self._tell(f"workbench: the ledger does not record this: {error}")
        self.failed = True

    def sinks(self) -> list[Sink]:
        """The recorder of one run, or nothing where there is no ledger."""
        return [] if self._ledger is None else [self._ledger.recorder()]

    def spent_today(self) -> int:
        """Pico-dollars of today's real runs; 0 where the ledger can't tell."""
        if self._ledger is None:
            return 0
        try:
            return self._ledger.spent_today()
        except LedgerError as error:
            self._fail(error)
            return 0
