"""Money of one attempt, in pico-dollars."""

from __future__ import annotations

import pytest

from workbench.engine.pricing import Cost, cancelled, price, summed
from workbench.models.base import Prices, Usage

FULL = Prices(input=100, cached_input=10, cache_write=125, output=1_000, reasoning=2_000)


@pytest.mark.parametrize(
    ("usage", "prices", "cost"),
    [
        (Usage(prompt_tokens=10, completion_tokens=5), FULL, 10 * 100 + 5 * 1_000),
        (Usage(prompt_tokens=10, cached_tokens=4, completion_tokens=0), FULL, 6 * 100 + 4 * 10),
        (Usage(prompt_tokens=10, cached_tokens=4, cache_write_tokens=5, completion_tokens=0), FULL, 100 + 40 + 625),
        (Usage(prompt_tokens=0, completion_tokens=5, reasoning_tokens=3), FULL, 2 * 1_000 + 3 * 2_000),
        (Usage(prompt_tokens=10, cached_tokens=4, completion_tokens=1), Prices(input=100, output=1), 10 * 100 + 1),
        (Usage(prompt_tokens=10, cached_tokens=99, completion_tokens=0), FULL, 10 * 10),
        (Usage(prompt_tokens=0, completion_tokens=0), None, 0),
        (Usage(prompt_tokens=0, completion_tokens=5), Prices(output=7), 35),
        (Usage(prompt_tokens=10, completion_tokens=5), None, None),
        (Usage(prompt_tokens=10, completion_tokens=5), Prices(input=100), None),
        (Usage(prompt_tokens=None, completion_tokens=5), FULL, None),
        (Usage(prompt_tokens=10, completion_tokens=None), FULL, None),
        (Usage(prompt_tokens=10, completion_tokens=5), Prices(input=0, output=0), 0),
    ],
)
def test_integer_products_and_sums(usage: Usage, prices: Prices | None, cost: int | None) -> None:
    assert price(usage, prices) == cost


def test_the_providers_own_figure_wins() -> None:
    assert price(Usage(), None, 77) == 77


def test_a_large_bill_is_exact() -> None:
    usage = Usage(prompt_tokens=10**9 + 1, completion_tokens=0)
    assert price(usage, Prices(input=10**9 + 7, output=0)) == (10**9 + 1) * (10**9 + 7)


def test_a_stream_that_was_left() -> None:
    usage = Usage(prompt_tokens=10, completion_tokens=5)
    received = 10 * 100 + 5 * 1_000
    assert cancelled(usage, FULL, "stops", None) == Cost(received, received, received)
    assert cancelled(usage, FULL, "continues", 50) == Cost(received, received, 10 * 100 + 50 * 1_000)
    assert cancelled(usage, FULL, "continues", 3) == Cost(received, received, received)
    assert cancelled(usage, FULL, "unknown", None) == Cost(received, received, None)
    assert cancelled(usage, Prices(input=0, output=0), "unknown", None) == Cost(0, 0, 0)


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    assert Cost(1, 2, 3).plus(Cost(1, 1, None)) == Cost(2, 3, None)
    assert Cost(1, 1, 1).plus(Cost()) == Cost()


def test_usage_over_attempts() -> None:
    one = Usage(prompt_tokens=3, completion_tokens=2, source="estimated")
    other = Usage(prompt_tokens=10, completion_tokens=1, cached_tokens=4, source="reported")
    whole = summed([one, other])
    assert (whole.prompt_tokens, whole.completion_tokens, whole.cached_tokens) == (13, 3, None)
    assert whole.source == "estimated"
    assert summed([other]) == other
