"""What holds for every test: how thorough the laws are, and how often garbage is looked for."""

from __future__ import annotations

import gc

import pytest
from hypothesis import settings

from tests import laws as laws  # registers the profiles

pytest_plugins = ["tests.tui.dispatched"]


def pytest_configure(config: pytest.Config) -> None:
    """The fast suite tries fewer examples of each law; whoever runs all tests, as CI does, has all the examples."""
    settings.load_profile("fast" if config.option.markexpr == "not slow" else "full")


def pytest_collection_finish() -> None:
    """What thousands of tests are made of stays to the end: it need not be looked through each time an app is left."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 10)
