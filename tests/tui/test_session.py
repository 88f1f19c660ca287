"""The owner of a run: one thing at a time, clean ends, replay at the run's own pace."""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec import structs

from tests.tui.scripted import (
    MS,
    STARTED,
    FakeClock,
    FakeStore,
    Puppet,
    long_run,
    race_and_judge,
    services,
    until,
)
from workbench.config import BudgetConfig, Config
from workbench.engine import events as e
from workbench.engine.view import RunView
from workbench.errors import LedgerError, WorkbenchError
from workbench.systems import tree
from workbench.systems.nodes import Budget, Model, System, Vote
from workbench.tui.one_run import OneRun
from workbench.tui.services import Sink
from workbench.tui.session import Session
from workbench.tui.tabs import Tabs
from workbench.tui.transport import GRAIN


def session(execute: Any = None, **changes: Any) -> Session:
    return Session(services(execute, **changes), race_and_judge())


async def test_a_run_is_folded_recorded_and_ends() -> None:
    store = FakeStore()
    there = session(Puppet(long_run()), store=store)
    assert there.run("6 × 7?")
    await there.wait()
    assert there.view.status == "done"
    assert store.recorded == long_run()
    assert store.settled == len(store.recorded)
    assert not there.live
    assert there.ran == race_and_judge().root


async def test_only_one_run_at_a_time() -> None:
    puppet = Puppet(until(long_run(), 1000), ends=False)
    there = session(puppet)
    assert there.run("one")
    assert not there.run("two")
    assert not there.replay("last")
    await asyncio.sleep(0)
    there.stop()
    await there.wait()
    assert len(puppet.fired) == 1


async def test_stop_cancels_the_engine_and_keeps_what_came() -> None:
    puppet = Puppet(until(long_run(), 5000), ends=False)
    there = session(puppet)
    there.run("6 × 7?")
    await asyncio.sleep(0)
    there.stop()
    assert there.doing == "stopping"
    await there.wait()
    assert puppet.cancelled == 1
    assert there.view.status == "cancelled"
    assert there.view.calls["c3"].tokens > 100


async def test_a_run_that_can_t_begin_says_why_and_frees_the_bench() -> None:
    async def refuse(*_: Any, **__: Any) -> RunView:
        raise WorkbenchError("no such model", hint="Name another.")

    there = session(refuse)
    there.run("6 × 7?")
    await there.wait()
    assert there.problem == "no such model\n  Name another."
    assert not there.live


async def test_a_ledger_that_fails_does_not_cost_the_answer() -> None:
    class Broken(FakeStore):
        def recorder(self) -> Sink:
            raise LedgerError("disk full")

    there = session(Puppet(long_run()), store=Broken())
    there.run("6 × 7?")
    await there.wait()
    assert there.view.status == "done"
    assert "disk full" in there.problem


async def test_a_run_that_could_not_be_written_is_said_to_be_lost() -> None:
    class Full(FakeStore):
        async def settle(self) -> None:
            raise LedgerError("disk full")

    there = session(Puppet(long_run()), store=Full())
    there.run("6 × 7?")
    await there.wait()
    assert there.view.status == "done"
    assert there.problem == "This run is not kept: disk full"


async def test_replay_goes_at_the_run_s_own_pace_and_calls_no_model() -> None:
    clock, puppet = FakeClock(), Puppet()
    early: list[int] = []

    class Watched(OneRun):
        def take(self, event: e.AnyEvent) -> None:
            early.append(event.t - (clock.ns - STARTED))
            super().take(event)

    store = FakeStore(kept={"last": long_run()})
    there = session(puppet, store=store, now=clock.now, sleep=clock.sleep)
    there.tabs = Tabs((Watched(there.services),))
    assert there.replay("last")
    assert there.frame().replay
    await there.wait()
    assert all(0 <= ahead <= GRAIN for ahead in early)
    assert there.view.to_json() == RunView().apply_all(long_run()).to_json()
    assert puppet.fired == []
    assert store.recorded == []


async def test_a_faster_replay_takes_less_time() -> None:
    clock = FakeClock()
    there = session(store=FakeStore(kept={"last": long_run()}), now=clock.now, sleep=clock.sleep)
    there.replay("last", speed=4)
    await there.wait()
    assert (clock.ns - STARTED) < 8105 * MS / 4 + 30 * MS


async def test_stopping_a_replay_shows_its_end() -> None:
    async def never(_: float) -> None:
        await asyncio.Event().wait()

    there = session(store=FakeStore(kept={"last": long_run()}), sleep=never)
    there.replay("last")
    await asyncio.sleep(0)
    there.stop()
    await there.wait()
    assert there.view.status == "done"
    assert there.view.answer_id == "k4"


async def test_replay_of_a_run_that_is_not_there() -> None:
    there = session()
    assert not there.replay("nope")
    assert "no run 'nope'" in there.problem


async def test_elapsed_runs_with_the_clock_while_live_and_stands_at_the_end() -> None:
    clock = FakeClock()
    there = session(Puppet(until(long_run(), 1000), ends=False), now=clock.now)
    there.run("6 × 7?")
    await asyncio.sleep(0)
    clock.ns += 3000 * MS
    assert there.frame().elapsed == 3000 * MS
    there.stop()
    await there.wait()
    assert there.frame().elapsed == there.view.t


async def test_one_call_can_be_stopped_alone() -> None:
    puppet = Puppet(until(long_run(), 1000), ends=False)
    there = session(puppet)
    there.run("6 × 7?")
    await asyncio.sleep(0)
    there.stop_call("c2")
    assert puppet.stopped_calls == ["c2"]
    there.stop()
    await there.wait()


async def test_stopping_twice_does_not_wait_for_an_engine_that_hangs() -> None:
    class Hanging(Puppet):
        def halt(self, status: str, reason: str) -> None:
            return None

    puppet = Hanging(until(long_run(), 1000), ends=False)
    there = session(puppet)
    there.run("6 × 7?")
    await asyncio.sleep(0)
    there.stop()
    there.stop()
    await there.wait()
    assert not there.live
    assert puppet.cancelled == 1


async def test_a_run_gets_the_budget_of_its_system_filled_in_from_config() -> None:
    puppet = Puppet(long_run())
    config = Config(budget=BudgetConfig(max_usd=1.0, max_tokens=5000, max_usd_per_day=2.0), allow_code=True)
    there = session(puppet, config=config)
    there.run("6 × 7?")
    await there.wait()
    assert puppet.options["budget"] == Budget(max_usd=0.05, max_tokens=5000)
    assert puppet.options["max_usd_per_day"] == 2.0
    assert puppet.options["spent_today"] == 14_200_000_000
    assert puppet.options["allow_code"] is True


def test_opening_a_system_can_be_undone_and_counts_as_saved() -> None:
    there = session()
    first = there.system
    there.history.do(structs.replace(first, root=Model(model="a")))
    before = there.history.unsaved
    there.open(System(name="b", root=Model(model="b")))
    assert (before, there.history.unsaved) == (True, False)
    there.history.undo()
    assert there.system.root == Model(model="a")


def test_models_are_those_of_nodes_and_of_answer_keys() -> None:
    system = System(root=Vote(of=(Model(model="a/b", replicas=3),), extract="model:c/d"), extract="model:e/f")
    assert tree.models(system) == ("a/b", "e/f", "c/d")


async def test_an_unreadable_system_in_an_old_run_does_not_stop_its_replay() -> None:
    events = long_run()
    events[0] = structs.replace(events[0], system_json='{"root": {"node": "of another time"}}')
    clock = FakeClock()
    there = session(store=FakeStore(kept={"last": events}), now=clock.now, sleep=clock.sleep)
    there.replay("last", speed=1000)
    await there.wait()
    assert there.view.status == "done"
    assert there.ran is None


def test_prices_are_asked_once_per_model() -> None:
    asked: list[str] = []
    there = session()

    class Counting(type(there.services.models)):  # type: ignore[misc]
        def info(self, model: str) -> Any:
            asked.append(model)
            return super().info(model)

    there = session(models=Counting())
    there.price_of("a/b")
    there.price_of("a/b")
    assert asked == ["a/b"]
    assert isinstance(long_run()[0], e.RunStarted)


async def test_a_run_that_is_stopped_ahead_of_its_first_step_frees_the_bench() -> None:
    there = session(Puppet(long_run()))
    there.run("6 × 7?")
    there.stop()
    await there.wait()
    assert not there.live


async def test_a_replay_in_place_of_one_that_is_still_being_read_begins_at_its_start() -> None:
    async def never(_: float) -> None:
        await asyncio.Event().wait()

    there = session(store=FakeStore(kept={"a": long_run(), "b": long_run()}), sleep=never)
    there.replay("a")
    await asyncio.sleep(0)
    there.replay("b")
    for _ in range(100_000):
        if there.player is not None:
            break
        await asyncio.sleep(0)
    assert there.player is not None
    assert not there.player.at_end
    assert not there.player.paused
    there.stop()
    await there.wait()
