"""When Python looks for garbage that refers to itself. Looking through all that the app keeps takes a tenth of a
second, in which no key is answered: so what is there once the first frame stands is left out for good, and the rest is
looked through seldom.

And what Textual keeps of widgets that are gone: it remembers colours by the drawing of the widget that asked, a
thousand of them, each with all the lines that it drew."""

from __future__ import annotations

import gc

from textual._styles_cache import StylesCache

FORGETS_EVERY_S = 5.0
THRESHOLDS = (10_000, 20, 50)
"""New objects, and times the younger ones were looked through, before it is done again."""


def settle() -> None:
    """From now on, but seldom, and not what is there."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


def forget(*, busy: bool) -> None:
    """Let go of what widgets drew that are gone; where nothing is `busy`, of all that refers to itself, too."""
    StylesCache.get_inner_outer.cache_clear()
    _, once, twice = gc.get_count()
    if not busy and (once or twice):
        gc.collect()
