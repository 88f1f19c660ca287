"""The ledger: every run, call, token and price in one SQLite file; see docs/ledger.md."""

from workbench.ledger.ledger import Ledger, open_ledger
from workbench.ledger.measuring import Measures
from workbench.ledger.queries import CallRow, Grade, RunQuery, RunRow
from workbench.ledger.recorder import Recorder
from workbench.ledger.samples import LedgerSamples

__all__ = ["CallRow", "Grade", "Ledger", "LedgerSamples", "Measures", "Recorder", "RunQuery", "RunRow", "open_ledger"]
