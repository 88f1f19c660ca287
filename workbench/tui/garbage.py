"""When Python looks for garbage that refers to itself. Looking through all that the app keeps takes a tenth of a
second, in which no key is answered: so what is there once the first frame stands is left out for good, and the rest is
looked through seldom."""

from __future__ import annotations

import gc

THRESHOLDS = (10_000, 20, 50)
"""New objects, and times the younger ones were looked through, before it is done again."""


def settle() -> None:
    """From now on seldom, and not what is there."""
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
