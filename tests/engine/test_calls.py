"""One call: its time limits, its retries, its end, and what it costs."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.engine.fakes import PRICES, Say, answer, fire, lane, of_type, says
from workbench.engine import events as e
from workbench.engine.control import Control
from workbench.engine.view import CallView
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Prices, Usage
from workbench.systems.nodes import Ensemble, Model, Race

NEVER = 1e6
S = 1_000_000_000


def call(reply: Any, **fields: Any) -> CallView:
    """One call of one model, ended."""
    options = {name: fields.pop(name) for name in ("billing", "prices", "info", "at") if name in fields}
    return fire(lane("m", **fields), {"m": reply}, **options).view.calls["c1"]


def test_no_first_token_in_time_is_a_timeout() -> None:
    ended = call(Say(first=NEVER), first_token_timeout=5.0)
    assert (ended.status, ended.error_kind, ended.finished_at) == ("failed", "timeout", 5 * S)
    assert "no first token within 5 s" in ended.error


def test_silence_in_mid_stream_is_a_timeout_at_most_one_limit_late() -> None:
    ended = call(Say(text="one two", finish="hang"), idle_timeout=3.0, first_token_timeout=60.0)
    assert ended.error_kind == "timeout"
    assert "silent for 3 s" in ended.error
    assert 3 * S < (ended.finished_at or 0) < 7 * S


def test_a_stream_that_flows_is_not_silent() -> None:
    assert call(Say(text="a b c d e f g", gap=2.0), idle_timeout=2.5).status == "done"


def test_the_whole_call_has_a_time_limit() -> None:
    ended = call(Say(text="a " * 100, gap=1.0), timeout=10.0)
    assert (ended.status, ended.finished_at) == ("failed", 10 * S)
    assert "not finished within 10 s" in ended.error


def test_no_limits_no_timeouts() -> None:
    ended = call(Say(first=NEVER), first_token_timeout=None, idle_timeout=None, timeout=None)
    assert ended.status == "done"


def test_time_limits_count_from_the_calls_turn_not_from_the_queue() -> None:
    root = Ensemble(of=(lane("m", replicas=2, timeout=10.0),))
    fired = fire(root, {"m": Say(text="x", first=9.0)}, info={"max_concurrency": 1})
    assert {c.status for c in fired.view.calls.values()} == {"done"}


@pytest.mark.parametrize("kind", ["rate_limit", "overloaded", "timeout", "connection", "internal"])
def test_what_may_pass_is_tried_again(kind: str) -> None:
    fired = fire(Model(model="m"), {"m": [Say(error=ErrorKind(kind)), says(1)]})
    assert answer(fired) == "Final answer: 1"
    ended = fired.view.calls["c1"]
    assert (ended.attempt, ended.status) == (2, "done")
    assert len(of_type(fired, e.CallRetried)) == 1


@pytest.mark.parametrize(
    "kind",
    ["auth", "payment", "interrupted", "context_window", "content_filter", "bad_request", "not_found", "unavailable"],
)
def test_what_will_not_pass_is_not_tried_again(kind: str) -> None:
    fired = fire(Model(model="m", retries=5), {"m": Say(error=ErrorKind(kind))})
    ended = fired.view.calls["c1"]
    assert (len(fired.models.requests), ended.status, ended.error_kind) == (1, "failed", kind)


def test_a_stream_without_a_finish_reason_is_a_failed_call() -> None:
    ended = call(Say(text="Final answer: 42", finish="none"))
    assert (ended.status, ended.error_kind) == ("failed", "interrupted")


def test_retries_end() -> None:
    fired = fire(Model(model="m", retries=3), {"m": Say(error=ErrorKind.INTERNAL)})
    assert len(fired.models.requests) == 4
    assert fired.view.calls["c1"].status == "failed"
    assert "scripted internal" in fired.view.reason


def test_waits_double_with_jitter_and_are_capped() -> None:
    fired = fire(Model(model="m", retries=10), {"m": Say(error=ErrorKind.INTERNAL)})
    waits = [event.wait_s for event in of_type(fired, e.CallRetried)]
    for attempt, wait in enumerate(waits):
        whole = min(60.0, 0.5 * 2**attempt)
        assert whole / 2 <= wait <= whole
    starts = [event.t for event in of_type(fired, e.CallStarted)]
    assert (starts[1] - starts[0]) / S == pytest.approx(0.1 + waits[0])


def test_replicas_do_not_come_back_all_at_once() -> None:
    fired = fire(Ensemble(of=(Model(model="m", replicas=5),)), {"m": [Say(error=ErrorKind.CONNECTION)] * 5 + [says(1)]})
    assert len({event.wait_s for event in of_type(fired, e.CallRetried)}) == 5


def test_retry_after_is_honoured() -> None:
    refused = Say(error=ErrorKind.RATE_LIMIT, status=429, retry_after=17.0, first=0.0)
    fired = fire(Model(model="m"), {"m": [refused, says(1)]})
    assert [event.t for event in of_type(fired, e.CallStarted)] == [0, 17 * S]


def test_a_provider_that_asks_for_hours_is_not_waited_for() -> None:
    refused = Say(error=ErrorKind.RATE_LIMIT, status=429, retry_after=7_200.0, first=0.0)
    fired = fire(Model(model="m"), {"m": [refused, says(1)]})
    call = fired.view.calls["c1"]
    assert (call.status, call.error_kind, fired.view.t) == ("failed", "rate_limit", 0)
    assert "the provider asks for 2 hours before another try" in call.error
    assert "use another model" in call.error
    assert not of_type(fired, e.CallRetried)


def test_text_of_a_failed_attempt_is_not_part_of_the_answer() -> None:
    fired = fire(Model(model="m"), {"m": [Say(text="lost words", error=ErrorKind.CONNECTION, error_after=2), says(1)]})
    assert answer(fired) == "Final answer: 1"
    assert str(fired.view.calls["c1"].text).strip() == "Final answer: 1"


def test_what_a_failed_attempt_cost_stays_in_the_sum() -> None:
    broken = Say(text="one two three", error=ErrorKind.CONNECTION, error_after=2)
    fired = fire(Model(model="m"), {"m": [broken, Say(text="x")]})
    ended = fired.view.calls["c1"]
    (retried,) = of_type(fired, e.CallRetried)
    prompt = 4  # 14 characters, 4 to a token, rounded up
    assert retried.cost == prompt * 1_000 + 2 * 10_000
    assert ended.cost == retried.cost + 10 * 1_000 + 1 * 10_000
    assert ended.retried_cost == retried.cost
    assert (ended.usage.completion_tokens, ended.usage.source) == (3, "estimated")


def test_a_refused_request_costs_nothing() -> None:
    assert call(Say(error=ErrorKind.RATE_LIMIT)).cost == 0
    assert call(Say(error=ErrorKind.INTERNAL, status=500)).cost == 0


def test_usage_and_prices_are_kept_as_reported() -> None:
    ended = call(Say(text="one two", tokens=7))
    assert (ended.usage.prompt_tokens, ended.usage.completion_tokens, ended.usage.source) == (10, 7, "reported")
    assert ended.prices == PRICES
    assert ended.cost == ended.cost_low == ended.cost_high == 10 * 1_000 + 7 * 10_000


def test_the_providers_own_cost_wins() -> None:
    assert call(Say(reported_cost=123)).cost == 123


def test_a_cancelled_stream_is_estimated_and_marked() -> None:
    slow = Say(text="a b c d e", gap=1.0)
    fired = fire(Race(of=(lane("fast"), lane("slow"))), {"fast": Say(text="x", first=2.5), "slow": slow})
    ended = fired.view.calls["c2"]
    assert (ended.status, ended.usage.source) == ("cancelled", "estimated")
    assert ended.usage.completion_tokens == ended.deltas == 3
    assert "pieces received" in ended.usage.estimated_by
    assert ended.cost == ended.cost_high


def test_a_cancelled_stream_of_large_pieces_is_estimated_by_its_length() -> None:
    slow = Say(text=" ".join(["sentence" * 10] * 5), gap=1.0)
    fired = fire(Race(of=(lane("fast"), lane("slow"))), {"fast": Say(text="x", first=2.5), "slow": slow})
    ended = fired.view.calls["c2"]
    assert ended.deltas == 3
    assert ended.usage.completion_tokens == -(-len(str(ended.text)) // 4)
    assert "characters received" in ended.usage.estimated_by


def test_a_candidate_that_broke_off_counts_as_its_call_does() -> None:
    broken = Say(text=" ".join(["sentence" * 10] * 5), error=ErrorKind.CONNECTION, error_after=3)
    view = fire(Model(model="m", retries=0), {"m": broken}).view
    (lost,) = view.candidates.values()
    assert lost.completion_tokens == view.calls["c1"].usage.completion_tokens == -(-len(lost.text) // 4)


def test_the_providers_running_count_is_taken_where_it_sends_one() -> None:
    scripts = {"fast": Say(text="x", first=2.5), "slow": Say(text="a b c d e", gap=1.0, count=True)}
    ended = fire(Race(of=(lane("fast"), lane("slow"))), scripts).view.calls["c2"]
    assert (ended.deltas, ended.usage.completion_tokens) == (3, 9)
    assert "running count" in ended.usage.estimated_by


def test_a_siblings_prompt_counts_for_a_cancelled_one() -> None:
    fired = fire(Race(of=(lane("m", replicas=2),)), {"m": [Say(text="x"), Say(gap=9)]})
    assert fired.view.calls["c2"].usage.prompt_tokens == 10


@pytest.mark.parametrize("billing", ["continues", "unknown"])
def test_worst_case_stands_apart_where_the_provider_may_bill_on(billing: Any) -> None:
    scripts = {"fast": Say(text="x"), "slow": Say(gap=9)}
    fired = fire(Race(of=(lane("fast"), lane("slow", max_tokens=100))), scripts, billing=billing)
    ended = fired.view.calls["c2"]
    assert ended.cost_low == ended.cost
    assert ended.cost_high == (ended.usage.prompt_tokens or 0) * 1_000 + 100 * 10_000
    endless = fire(Race(of=(lane("fast"), lane("slow"))), scripts, billing=billing)
    assert endless.view.calls["c2"].cost_high is None


def test_a_call_that_never_went_out_costs_nothing() -> None:
    scripts = {"m": [Say(text="x"), Say(text="y")]}
    fired = fire(Race(of=(lane("m", replicas=2),)), scripts, info={"max_concurrency": 1})
    queued = fired.view.calls["c2"]
    assert (queued.status, queued.started_at, queued.cost) == ("cancelled", None, 0)


def test_no_price_is_unknown_and_never_zero() -> None:
    ended = call(Say(), prices=None)
    assert ended.cost is None
    assert ended.cost_low is None
    assert call(Say(), prices=Prices(input=1_000)).cost is None


def test_unknown_usage_is_unknown_cost() -> None:
    root = Ensemble(of=(lane("m", replicas=2),))
    fired = fire(root, {"m": [Say(), Say(error=ErrorKind.CONNECTION)]}, prices=None)
    assert fired.view.cost() is None
    assert fired.view.waste() is None
    assert Usage().source == "unknown"


@pytest.mark.parametrize(
    ("usage", "prompt", "completion"),
    [(Usage(), 4, 2), (Usage(prompt_tokens=9), 9, 2), (Usage(completion_tokens=9, source="reported"), 4, 9)],
)
def test_counts_the_provider_leaves_out_are_estimated_and_marked(usage: Usage, prompt: int, completion: int) -> None:
    ended = call(Say(text="one two", usage=usage))
    assert (ended.usage.prompt_tokens, ended.usage.completion_tokens) == (prompt, completion)
    assert ended.usage.source == "estimated"
    assert ended.cost == prompt * 1_000 + completion * 10_000


@pytest.mark.parametrize("error", [ModelError(ErrorKind.CONNECTION, "gone"), OSError("gone")])
def test_a_stream_that_fails_while_it_is_closed_does_not_start_again(error: Exception) -> None:
    scripts = {"fast": Say(text="x"), "slow": Say(gap=9, close_error=error)}
    fired = fire(Race(of=(Model(model="slow"), lane("fast"))), scripts)
    assert fired.view.calls["c1"].status == "cancelled"
    assert len(fired.models.requests) == 2


def test_a_loser_is_closed_at_the_moment_the_winner_is_known() -> None:
    fired = fire(
        Race(of=(lane("slow", replicas=3), lane("fast"))), {"fast": Say(text="x", first=2.0), "slow": Say(gap=9)}
    )
    assert fired.models.closed_at == [("fast", 2.0), *[("slow", 2.0)] * 3]


def test_nothing_counts_after_a_streams_end() -> None:
    fired = fire(lane("m"), {"m": Say(text="x", after_done="more")})
    assert answer(fired) == "x"
    assert str(fired.view.calls["c1"].text) == "x "


def test_first_token_and_end_of_thinking_are_told_once() -> None:
    fired = fire(lane("m"), {"m": Say(thinking="hm hm", text="a b", first=1.0, gap=1.0)})
    ended = fired.view.calls["c1"]
    assert (ended.first_token_at, ended.thinking_finished_at, ended.finished_at) == (S, 3 * S, 4 * S)
    assert len(of_type(fired, e.FirstToken)) == len(of_type(fired, e.ThinkingFinished)) == 1


def test_a_call_stopped_by_hand_is_cancelled_and_its_node_goes_on() -> None:
    scripts = {"a": Say(text="x", first=NEVER), "b": Say(text="y", first=5)}
    fired = fire(Ensemble(of=(lane("a"), lane("b"))), scripts, at={1.0: lambda c: c.stop_call("c1")})
    stopped = fired.view.calls["c1"]
    assert (stopped.status, stopped.finished_at, stopped.error) == ("cancelled", S, "stopped by hand")
    assert answer(fired) == "y"
    assert fired.view.status == "done"


def test_a_call_is_stopped_while_it_waits_for_its_turn_or_to_try_again() -> None:
    root = Ensemble(of=(lane("m", replicas=2),))
    scripts = {"m": Say(text="x", first=5)}
    fired = fire(root, scripts, info={"max_concurrency": 1}, at={1.0: lambda c: c.stop_call("c2")})
    assert (fired.view.calls["c2"].finished_at, fired.view.calls["c2"].cost) == (S, 0)
    refused = Say(error=ErrorKind.RATE_LIMIT, retry_after=500.0)
    waiting = fire(Model(model="m"), {"m": refused}, at={1.0: lambda c: c.stop_call("c1")})
    assert waiting.view.calls["c1"].finished_at == S
    assert waiting.view.t == S


def test_stopping_an_ended_or_unknown_call_changes_nothing() -> None:
    act = {1.0: lambda c: c.stop_call("c1"), 1.1: lambda c: c.stop_call("c99")}
    fired = fire(Ensemble(of=(lane("a"), lane("b"))), {"a": Say(text="x"), "b": Say(text="y", first=5)}, at=act)
    assert {c.status for c in fired.view.calls.values()} == {"done"}


def test_a_sink_may_stop_the_run_at_any_event() -> None:
    control = Control()

    def impatient(event: e.AnyEvent) -> None:
        if isinstance(event, e.CallRetried):
            control.stop()
            control.stop()

    refused = Say(error=ErrorKind.RATE_LIMIT, retry_after=500.0, first=1.0)
    fired = fire(Model(model="m"), {"m": refused}, control=control, sinks=[impatient])
    assert (fired.view.status, fired.view.t) == ("cancelled", S)
    assert fired.view.calls["c1"].status == "cancelled"


def test_a_providers_own_start_counts_as_waiting_in_the_queue() -> None:
    ended = fire(Model(model="m"), {"m": Say(first=0.25)}, start=lambda: asyncio.sleep(3)).view.calls["c1"]
    assert (ended.queued_at, ended.started_at) == (0, 3 * S)
    assert ended.first_token_at == 3_250_000_000


def test_a_provider_that_cannot_start_fails_the_call_and_costs_nothing() -> None:
    async def refuse() -> None:
        raise ModelError(ErrorKind.UNAVAILABLE, "no worker")

    fired = fire(Model(model="m"), {"m": Say()}, start=refuse)
    ended = fired.view.calls["c1"]
    assert (fired.view.status, ended.status, ended.cost, ended.started_at) == ("failed", "failed", 0, None)
    assert "no worker" in ended.error
    assert fired.models.requests == []
