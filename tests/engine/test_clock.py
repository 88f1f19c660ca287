"""Simulated time, and the prompts' files."""

from __future__ import annotations

import asyncio
import time

import pytest

from workbench.engine import prompts
from workbench.engine.clock import VirtualLoop, real_work, run_virtual
from workbench.errors import InputError


async def _sleeps(*seconds: float) -> list[float]:
    loop, woken = asyncio.get_running_loop(), list[float]()

    async def sleep(for_: float) -> None:
        await asyncio.sleep(for_)
        woken.append(loop.time())

    await asyncio.gather(*(sleep(for_) for for_ in seconds))
    return woken


def test_a_day_takes_no_time_and_timers_come_in_order() -> None:
    start = time.monotonic()
    assert run_virtual(_sleeps(86_400, 3, 0.000_000_001)) == pytest.approx([1e-9, 3, 86_400])
    assert time.monotonic() - start < 5


def test_timers_of_one_moment_go_off_in_the_order_they_were_set() -> None:
    async def wake() -> list[int]:
        woken: list[int] = []
        for i in range(20):
            asyncio.get_running_loop().call_later(1.0, woken.append, i)
        await asyncio.sleep(2.0)
        return woken

    assert run_virtual(wake()) == list(range(20))


def test_a_pace_lets_real_time_pass_and_changes_no_simulated_time() -> None:
    start = time.monotonic()
    assert run_virtual(_sleeps(2.0), pace=40.0) == pytest.approx([2.0])
    assert time.monotonic() - start >= 0.04


def test_a_pace_is_above_zero() -> None:
    with pytest.raises(ValueError, match="pace"):
        VirtualLoop(pace=0.0)


def test_threads_and_real_work_hold_it_to_real_time() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(30):
            await asyncio.to_thread(time.sleep, 0.05)
            with real_work():
                await asyncio.sleep(0.05)
        return loop.time()

    start = time.monotonic()
    assert run_virtual(main()) < 29
    assert time.monotonic() - start >= 0.1


async def test_real_work_in_a_real_loop_changes_nothing() -> None:
    with real_work():
        await asyncio.sleep(0)


def test_every_shipped_prompt_loads_and_has_its_hash() -> None:
    for name in prompts.names():
        prompt = prompts.load(name)
        assert prompt.name == name
        assert len(prompt.hash) == 64
        assert prompts.load("verify", f"@{name}") == prompt


def test_an_override_is_the_text_itself() -> None:
    prompt = prompts.load("verify", "Is {answer} right?")
    assert (prompt.name, prompt.fill(answer="{query}", query="x")) == ("custom", "Is {query} right?")
    assert prompt.fill() == "Is {answer} right?"


def test_a_prompt_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(InputError, match="no prompt @nope") as caught:
        prompts.load("verify", "@nope")
    assert "judge-select" in str(caught.value)


def test_letters_go_on_after_z() -> None:
    assert [prompts.letter(i) for i in (0, 25, 26, 27, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AB",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]
