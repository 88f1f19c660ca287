"""How many examples a law is tried with: all of them in CI, fewer in the fast suite."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

FULL, FAST = 100, 30
FEWEST = 10

# How long an example takes is the machine's affair: on a busy one a law would fail that holds.
_timeless = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", _timeless, max_examples=FULL)
settings.register_profile("fast", _timeless, max_examples=FAST)


def examples(count: int) -> int:
    """`count` examples where everything runs, in proportion to the profile elsewhere, but never under ten."""
    return min(count, max(FEWEST, count * settings().max_examples // FULL))
