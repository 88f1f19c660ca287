"""Past runs as models: `recorded/<run>` draws from what the ledger holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.errors import ErrorKind, LedgerError, ModelError
from workbench.models.recorded import Sample


class LedgerSamples:
    """A `SampleSource` over the ledger at `path`; each run is read once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Sequence[Sample]] = {}

    def __call__(self, source: str) -> Sequence[Sample]:
        """Samples of the run meant by `source`, empty where there is none. Raises `ModelError` where the ledger can't
        be read."""
        if source not in self._known:
            from workbench.ledger.ledger import open_ledger

            try:
                with open_ledger(self._path, read_only=True) as ledger:
                    self._known[source] = ledger.samples_of(source)
            except LedgerError as error:
                raise ModelError(ErrorKind.UNAVAILABLE, error.message, where=error.where, hint=error.hint) from error
        return self._known[source]
