"""Output as in a pipe, whoever runs the tests."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_width_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest-xdist tells its workers the terminal's width, which tables would take for the user's wish."""
    monkeypatch.delenv("COLUMNS", raising=False)
