"""The two price maps compared: what it costs to ask one price, and on how many models they disagree.

`--list` prints every disagreement and every model whose tiers differ. docs/prices.md draws the conclusions.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.common import Figure, end_after, report
from workbench.models.price_fallback import THEIRS, Fallback
from workbench.models.price_map import Entry, PriceMap

ROUNDS = 5
OURS = "from workbench.models.price_map import PriceMap; assert PriceMap().get('openai/gpt-4o').prices.input"
THEIRS_CODE = (
    "from workbench.models.price_fallback import Fallback; assert Fallback().get('openai/gpt-4o').prices.input"
)
TIMER = """
import resource, time
import msgspec, decimal, importlib.metadata, workbench.models.base
pages = lambda: int(open("/proc/self/statm").read().split()[1])
started, before = time.perf_counter(), pages()
{code}
print(time.perf_counter() - started, (pages() - before) * resource.getpagesize())
"""


def cost(code: str) -> tuple[float, float]:
    """(median ms, median MB) of running `code` in a fresh process that has loaded what both need."""
    times, sizes = [], []
    for _ in range(ROUNDS):
        command = [sys.executable, "-c", TIMER.format(code=code)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        seconds, size = done.stdout.split()
        times.append(float(seconds) * 1000)
        sizes.append(float(size) / 2**20)
    return statistics.median(times), statistics.median(sizes)


def common() -> Iterator[tuple[Entry, Entry]]:
    """Chat models that both maps price: (LiteLLM's entry, genai-prices' entry of the same id)."""
    first, second = PriceMap(), Fallback()
    for provider in THEIRS:
        for other in second.entries(provider):
            entry = first.get(other.name)
            if entry is not None and entry.chat and entry.prices is not None and other.prices is not None:
                yield entry, other


def differ(entry: Entry, other: Entry) -> bool:
    """Input or output price differs below the first tier."""
    assert entry.prices is not None
    assert other.prices is not None
    return (entry.prices.input, entry.prices.output) != (other.prices.input, other.prices.output)


def tiers(entry: Entry) -> list[tuple[int, int | None]]:
    """Thresholds (off by one token counts as the same) with their input prices."""
    return [(round(tier.above, -1), tier.prices.input) for tier in entry.tiers]


def main() -> None:
    """Print the figures; with `--list` every difference too."""
    pairs = list(common())
    prices = [pair for pair in pairs if differ(*pair)]
    steps = [pair for pair in pairs if tiers(pair[0]) != tiers(pair[1])]
    if "--list" in sys.argv:
        for entry, other in prices:
            print(f"price  {entry.name}: {entry.prices} / {other.prices}")
        for entry, other in steps:
            print(f"tiers  {entry.name}: {tiers(entry)} / {tiers(other)}")
    (our_ms, our_mb), (their_ms, their_mb) = cost(OURS), cost(THEIRS_CODE)
    priced = sum(entry.prices is not None for entry in PriceMap().entries)
    detail = f"LiteLLM's map {our_ms:.0f} ms, {our_mb:.0f} MB; genai-prices {their_ms:.0f} ms, {their_mb:.0f} MB"
    share = 100 * len(prices) / len(pairs)
    known = f"{len(prices)} of {len(pairs)} that both price, tiers differ on {len(steps)}; {priced} chat models priced"
    report(
        Figure("first price, against genai-prices", our_ms / their_ms, "×", 0.5, "lower", detail),
        Figure("chat models on which the maps disagree", share, "%", 5, "lower", known),
    )


if __name__ == "__main__":
    end_after(main)
