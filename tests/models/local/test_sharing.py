"""One prefill for a group, under any order of arrivals, failures and cancellations."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws import examples
from workbench.models.base import Message, Request
from workbench.models.local.sharing import Sharing
from workbench.models.local.slots import Slots


class FakeMemory:
    """Slots that remember prompts. Each action takes some turns of the loop, drawn from the seed."""

    def __init__(self, folder: Path | None = None, seed: int = 0, *, save_fails: bool = False) -> None:
        self.holds: dict[int, str] = {}
        self.files: dict[str, str] = {}
        self.prefilled: list[str] = []
        self.restored = 0
        self.save_fails = save_fails
        self.hold_prefill = asyncio.Event()
        self.hold_prefill.set()
        self._folder = folder
        self._draw = random.Random(seed)

    async def turns(self) -> None:
        for _ in range(self._draw.randrange(5)):
            await asyncio.sleep(0)

    async def prefill(self, request: Request, slot: int) -> int | None:
        await self.hold_prefill.wait()
        await self.turns()
        self.prefilled.append(request.messages[0].content)
        self.holds[slot] = request.messages[0].content
        return 0

    async def save(self, slot: int, file: str) -> None:
        await self.turns()
        if self.save_fails:
            raise OSError("disk full")
        self.files[file] = self.holds[slot]
        if self._folder is not None:
            (self._folder / file).write_text("memory")

    async def restore(self, slot: int, file: str) -> None:
        await self.turns()
        self.holds[slot] = self.files[file]
        self.restored += 1


def request(prompt: str, size: int, group: str = "") -> Request:
    return Request(
        model="local/m", messages=(Message("user", prompt),), group=group or f"group of {prompt}", group_size=size
    )


class Bench:
    """A fake server with `count` slots."""

    def __init__(self, memory: FakeMemory, count: int, folder: Path) -> None:
        self.memory = memory
        self.slots = Slots(count)
        self.sharing = Sharing(memory, folder)
        self.ready = 0
        self.busy = self.most_busy = 0

    async def call(self, asked: Request) -> None:
        async with self.sharing.member(asked) as group, self.slots.one(group) as slot:
            self.busy += 1
            self.most_busy = max(self.most_busy, self.busy)
            try:
                await self.sharing.prepare(slot, asked, group)
                if group and not self.memory.save_fails:
                    assert self.memory.holds[slot.index] == asked.messages[0].content
                await self.memory.turns()
                self.ready += 1
            finally:
                self.busy -= 1


def files_in(folder: Path) -> int:
    return len(list(folder.iterdir()))


LONG = "a prompt that is worth sharing"


async def test_a_prompt_is_computed_once_for_more_replicas_than_slots(tmp_path: Path) -> None:
    memory = FakeMemory(tmp_path)
    bench = Bench(memory, 3, tmp_path)
    await asyncio.gather(*(bench.call(request(LONG, 10)) for _ in range(10)))
    assert memory.prefilled == [LONG]
    assert memory.restored == 2, "a slot that holds the prompt needs no restoring"
    assert (bench.ready, bench.most_busy) == (10, 3)
    assert files_in(tmp_path) == 0, "the saved slot goes with the group's last call"


async def test_a_wave_that_comes_late_restores_what_was_saved(tmp_path: Path) -> None:
    memory = FakeMemory(tmp_path)
    bench = Bench(memory, 1, tmp_path)
    for prompt in (LONG, LONG + "!", LONG):
        await bench.call(request(prompt, 2))
    assert memory.prefilled == [LONG, LONG + "!"]
    assert memory.restored == 1
    assert files_in(tmp_path) == 1, "the second group still expects a call"


async def test_the_same_node_with_another_prompt_shares_anew(tmp_path: Path) -> None:
    memory = FakeMemory(tmp_path)
    bench = Bench(memory, 2, tmp_path)
    for prompt in (LONG, LONG + " of the next run"):
        await asyncio.gather(*(bench.call(request(prompt, 2, "of.0")) for _ in range(2)))
    assert memory.prefilled == [LONG, LONG + " of the next run"]
    assert memory.restored == 2
    at_once = [request(f"{LONG} {index}", 2, "of.0") for index in (1, 2) for _ in range(2)]
    await asyncio.gather(*(bench.call(each) for each in at_once))
    assert len(memory.prefilled) == 4


async def test_when_the_leader_is_cancelled_the_next_in_line_leads(tmp_path: Path) -> None:
    memory = FakeMemory(tmp_path)
    memory.hold_prefill.clear()
    bench = Bench(memory, 3, tmp_path)
    calls = [asyncio.create_task(bench.call(request(LONG, 3))) for _ in range(3)]
    await asyncio.sleep(0)
    calls[0].cancel()
    memory.hold_prefill.set()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert outcomes[1:] == [None, None]
    assert memory.prefilled == [LONG]


async def test_where_saving_fails_each_computes_its_own(tmp_path: Path) -> None:
    memory = FakeMemory(tmp_path, save_fails=True)
    bench = Bench(memory, 4, tmp_path)
    await asyncio.gather(*(bench.call(request(LONG, 4)) for _ in range(4)))
    assert (bench.ready, memory.restored) == (4, 0)


@pytest.mark.parametrize("alone", [request("short", 8), request(LONG, 1)])
async def test_what_does_not_pay_is_left_alone(tmp_path: Path, alone: Request) -> None:
    memory = FakeMemory(tmp_path)
    await Bench(memory, 2, tmp_path).call(alone)
    assert memory.prefilled == []


@settings(max_examples=examples(150), deadline=None)
@given(
    seed=st.integers(0, 10**6),
    slots=st.integers(1, 4),
    groups=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    cancelled=st.sets(st.integers(0, 20), max_size=8),
)
def test_no_order_of_arrivals_and_cancellations_deadlocks_or_computes_twice(
    tmp_path_factory: pytest.TempPathFactory, seed: int, slots: int, groups: list[int], cancelled: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("slots")

    async def play() -> None:
        memory = FakeMemory(folder, seed)
        bench = Bench(memory, slots, folder)
        wanted = [request(f"{LONG} {index}", size) for index, size in enumerate(groups) for _ in range(size)]
        random.Random(seed).shuffle(wanted)
        calls = [asyncio.create_task(bench.call(each)) for each in wanted]
        for index in sorted(cancelled):
            await memory.turns()
            if index < len(calls):
                calls[index].cancel()
        outcomes = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10)
        assert all(outcome is None or isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)
        assert bench.busy == 0
        assert bench.most_busy <= slots
        if not cancelled:
            assert len(memory.prefilled) == len(set(memory.prefilled))
            assert files_in(folder) == 0

    asyncio.run(play())
