"""The Lab's chart: drawn as the Frontier's, with nothing to pick."""

from __future__ import annotations

from workbench.tui.widgets.scatter import Scatter


class Curves(Scatter, can_focus=False):
    """Curves over k with their bands."""
