"""An endpoint's turns: concurrency, rate, and how they adapt when it pushes back."""

from __future__ import annotations

import asyncio

import pytest

from tests.engine.fakes import Say, fire, lane, of_type, says
from workbench.engine import events as e
from workbench.engine.clock import run_virtual
from workbench.engine.limits import EndpointLimit, Limits
from workbench.errors import ErrorKind
from workbench.models.base import ModelInfo
from workbench.systems.nodes import Ensemble, Model

S = 1_000_000_000
REFUSED = Say(error=ErrorKind.RATE_LIMIT, status=429, first=0.0, retry_after=1.0)


def test_no_more_calls_at_once_than_the_endpoint_takes() -> None:
    fired = fire(Ensemble(of=(lane("m", replicas=7),)), {"m": Say(text="x", first=1.0)}, info={"max_concurrency": 3})
    assert fired.models.most_open == 3
    assert [c.started_at for c in fired.view.calls.values()] == [0, 0, 0, S, S, S, 2 * S]
    assert {c.queued_at for c in fired.view.calls.values()} == {0}


def test_endpoints_do_not_wait_for_each_other() -> None:
    known = {"a": {"endpoint": "one", "max_concurrency": 1}, "b": {"endpoint": "two", "max_concurrency": 1}}
    fired = fire(Ensemble(of=(lane("a"), lane("b"))), {"a": Say(), "b": Say()}, known=known)
    assert {c.started_at for c in fired.view.calls.values()} == {0}


def test_models_of_one_endpoint_share_its_limit() -> None:
    root = Ensemble(of=(lane("a"), lane("b")))
    fired = fire(root, {"a": Say(first=1.0), "b": Say()}, info={"max_concurrency": 1})
    assert fired.models.most_open == 1


@pytest.mark.parametrize("rate", [1.0, 2.0, 5.5])
def test_no_minute_has_more_requests_than_allowed(rate: float) -> None:
    root = Ensemble(of=(lane("m", replicas=12),))
    fired = fire(root, {"m": Say(text="x", first=0.0)}, info={"requests_per_minute": rate})
    starts = sorted((c.started_at or 0) / S for c in fired.view.calls.values())
    allowed = int(rate)
    assert starts[:allowed] == [0] * allowed
    assert [later - earlier for earlier, later in zip(starts, starts[allowed:], strict=False)] == pytest.approx(
        [60.0] * (12 - allowed)
    )


def test_less_than_one_request_a_minute() -> None:
    fired = fire(Ensemble(of=(lane("m", replicas=2),)), {"m": Say(first=0.0)}, info={"requests_per_minute": 0.5})
    assert fired.view.calls["c2"].started_at == 120 * S


def test_a_429_halves_the_concurrency_and_says_so() -> None:
    root = Ensemble(of=(Model(model="m", replicas=8),))
    fired = fire(root, {"m": [*[Say(first=0.5)] * 7, REFUSED, says(1)]}, info={"max_concurrency": 8})
    changes = of_type(fired, e.LimitChanged)
    assert changes[0].concurrency == 3
    assert changes[0].endpoint == "test"
    assert "scripted rate_limit" in changes[0].because
    assert fired.view.status == "done"


def test_calls_that_go_through_raise_it_again() -> None:
    root = Ensemble(of=(Model(model="m", replicas=30),))
    fired = fire(root, {"m": [REFUSED, Say(first=0.5)]}, info={"max_concurrency": 4})
    changes = of_type(fired, e.LimitChanged)
    assert changes[0].concurrency < 4
    assert changes[-1].concurrency == 4
    assert changes[-1].because == "calls go through"


def test_a_burst_of_refusals_counts_once() -> None:
    root = Ensemble(of=(Model(model="m", replicas=8),))
    fired = fire(root, {"m": [*[REFUSED] * 8, says(1)]}, info={"max_concurrency": 8})
    down = [c for c in of_type(fired, e.LimitChanged) if c.because != "calls go through"]
    assert [c.concurrency for c in down] == [3]


def test_other_errors_do_not_change_it() -> None:
    root = Ensemble(of=(Model(model="m", replicas=4),))
    fired = fire(root, {"m": [Say(error=ErrorKind.CONNECTION), says(1)]}, info={"max_concurrency": 4})
    assert of_type(fired, e.LimitChanged) == []


def test_success_raises_it_by_one_a_round_up_to_the_ceiling() -> None:
    async def climb() -> list[int]:
        seen: list[int] = []
        limit = EndpointLimit(ceiling=8)
        limit.in_flight = 8
        limit.pushed_back(lambda n, _: seen.append(n), "429")
        for _ in range(60):
            limit.succeeded(lambda n, _: seen.append(n))
        return seen

    assert run_virtual(climb()) == [4, 5, 6, 7, 8]


def test_it_never_falls_below_one() -> None:
    async def fall() -> int:
        limit = EndpointLimit(ceiling=4)
        for _ in range(9):
            limit.pushed_back(lambda *_: None, "429")
            await asyncio.sleep(1.5)
        async with limit.slot():
            return limit.concurrency

    assert run_virtual(fall()) == 1


def test_a_turn_that_was_cancelled_goes_to_the_next() -> None:
    async def main() -> list[str]:
        limit, order = EndpointLimit(ceiling=1), list[str]()

        async def take(name: str) -> None:
            async with limit.slot():
                order.append(name)
                await asyncio.sleep(1)

        tasks = [asyncio.create_task(take(name)) for name in "abc"]
        await asyncio.sleep(0.5)
        tasks[1].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # b is handed the turn and cancelled in the same moment: it must not keep it.
        holder = asyncio.create_task(take("d"))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(take("e"))
        last = asyncio.create_task(take("f"))
        await asyncio.sleep(0.999_999)
        holder.cancel()
        waiting.cancel()
        await asyncio.gather(holder, waiting, last, return_exceptions=True)
        assert limit.in_flight == 0
        return order

    assert run_virtual(main()) == ["a", "c", "d", "f"]


def test_runs_of_one_app_share_the_limits() -> None:
    async def main() -> bool:
        limits, info = Limits(), ModelInfo(name="m", provider="p", endpoint="x")
        return limits.of(info) is limits.of(info)

    assert run_virtual(main())
