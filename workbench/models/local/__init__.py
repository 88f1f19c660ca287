"""Embedded models: GGUF files on this machine, run by llama.cpp's server."""

from workbench.models.local.progress import Phase, Progress, Report
from workbench.models.local.provider import LocalProvider
from workbench.models.local.store import LocalModel, Store

__all__ = ["LocalModel", "LocalProvider", "Phase", "Progress", "Report", "Store"]
