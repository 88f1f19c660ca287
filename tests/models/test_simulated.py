"""Simulated models: deterministic, as right, slow, long and faulty as their profile says, and labelled."""

from __future__ import annotations

import asyncio
import statistics
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws import examples
from workbench.analysis.answers import equal, extract
from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Delta, Done, Message, Request
from workbench.models.simulated import SimulatedProvider
from workbench.models.simulation.profiles import PROFILES
from workbench.models.simulation.truth import truth


class Clock:
    """Time that passes only when someone sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(asyncio, "sleep", clock.sleep)
    return clock


class Said:
    """What one call gave."""

    def __init__(self) -> None:
        self.answer = self.thinking = ""
        self.done: Done | None = None
        self.deltas: list[Delta] = []
        self.times: list[float] = []

    @property
    def tokens(self) -> int:
        assert self.done is not None
        assert self.done.usage.completion_tokens is not None
        return self.done.usage.completion_tokens

    @property
    def key(self) -> str:
        return extract(self.answer).value or ""


def _request(model: str, prompt: str = "What is 6 × 7?", **fields: Any) -> Request:
    return Request(model=model, messages=(Message("user", prompt),), **fields)


async def _ask(request: Request, clock: Clock | None = None, provider: SimulatedProvider | None = None) -> Said:
    said = Said()
    async for chunk in (provider or SimulatedProvider()).stream(request):
        if isinstance(chunk, Done):
            said.done = chunk
            continue
        said.deltas.append(chunk)
        said.times.append(clock.now if clock else 0.0)
        if chunk.channel == "answer":
            said.answer += chunk.text
        else:
            said.thinking += chunk.text
    return said


async def _many(model: str, n: int, **fields: Any) -> list[Said]:
    return [await _ask(_request(model, replica=i, seed=i, **fields)) for i in range(1, n + 1)]


async def test_the_same_request_gives_the_same_run(clock: Clock) -> None:
    first = await _ask(_request("sim/thinker", seed=5), clock)
    start = clock.now
    second = await _ask(_request("sim/thinker", seed=5), clock)
    assert first.deltas == second.deltas
    assert [round(t, 9) for t in first.times] == [round(t - start, 9) for t in second.times]
    assert (await _ask(_request("sim/thinker", seed=6))).deltas != first.deltas
    assert (await _ask(_request("sim/thinker", seed=5, replica=2))).deltas != first.deltas


@pytest.mark.parametrize(
    ("query", "right"),
    [
        ("What is 6 × 7?", "42"),
        ("What is 6 × 7? Think step by step, then give a final answer.", "42"),
        ("What is 12 + 30? Give a final answer.", "42"),
        ("What is 15 % of 80?", "12"),
        ("Compute (2 + 3) * 4 - 1/2.", "19.5"),
        ("What is 17*23?", "391"),
        ("What is 1,000 - 1?", "999"),
        ("What is 2^10?", "1024"),
        ("What is 10 / 4?", "2.5"),
    ],
)
async def test_arithmetic_is_computed(query: str, right: str) -> None:
    said = await _ask(_request("sim/perfect", query))
    assert said.key == right


@pytest.mark.parametrize(
    "query", ["1/0 * 2", "9^9^9^9", "((((", "What is 7?", "2 ** 3 ** 99999999", "1" * 5_000 + "+1"]
)
async def test_what_is_no_arithmetic_has_a_stable_answer(query: str) -> None:
    said = [await _ask(_request("sim/perfect", query, seed=seed)) for seed in (1, 2)]
    assert said[0].key
    assert said[0].key == said[1].key


async def test_a_target_is_taken_for_true() -> None:
    said = await _ask(_request("sim/perfect", "Who?", extra={"target": "Ada"}))
    assert said.key == "Ada"


async def test_choices_are_answered_with_a_letter() -> None:
    said = await _ask(_request("sim/perfect", "Which?\nA) one\nB) two\nC) three"))
    assert said.key in {"A", "B", "C"}
    assert (await _ask(_request("sim/perfect", "Is 221 a prime number?"))).key in {"yes", "no"}


async def test_programs_are_written_as_programs() -> None:
    said = await _ask(_request("sim/perfect", "Write a Python function add(a, b) that returns the sum."))
    assert said.answer.endswith("```python\ndef add(a, b):\n    return a + b\n```\n")


async def test_accuracy_is_what_the_profile_says() -> None:
    said = await _many("sim/instant:accuracy-0.7", 600)
    right = statistics.fmean(equal(s.key, "42") for s in said)
    assert right == pytest.approx(0.7, abs=0.06)
    wrong = {s.key for s in said if s.key != "42"}
    assert len(wrong) == 3


async def test_difficulty_spreads_queries_and_not_replicas() -> None:
    shares = []
    for n in range(30):
        said = [await _ask(_request("sim/instant:difficulty-2", f"What is {n} + 1?", replica=i)) for i in range(30)]
        shares.append(statistics.fmean(equal(s.key, str(n + 1)) for s in said))
    assert statistics.pstdev(shares) > 0.15


async def test_wrong_answers_ramble_where_asked() -> None:
    said = await _many("sim/instant:ramble-3:thinking-100:accuracy-0.5", 300)
    right = statistics.fmean(s.tokens for s in said if s.key == "42")
    wrong = statistics.fmean(s.tokens for s in said if s.key != "42")
    assert wrong > 2 * right


async def test_probabilities_favour_right_answers() -> None:
    said = await _many("sim/instant:accuracy-0.5", 200)
    logprobs = [(s.key == "42", s.done.mean_logprob) for s in said if s.done and s.done.mean_logprob is not None]
    assert statistics.fmean(p for ok, p in logprobs if ok) > statistics.fmean(p for ok, p in logprobs if not ok)


async def test_times_follow_the_profile(clock: Clock) -> None:
    model = "sim/small:ttft-2:ttft_spread-0:tps-10:tps_spread-0:tokens-100:spread-0:chunk-5"
    said = await _ask(_request(model), clock)
    assert said.times[0] == pytest.approx(2)
    assert said.times[-1] == pytest.approx(2 + (said.tokens - 5) / 10, abs=0.5)
    assert [d.tokens for d in said.deltas][-1] == said.tokens


async def test_thinking_comes_first_and_is_counted() -> None:
    said = await _ask(_request("sim/thinker"))
    channels = [d.channel for d in said.deltas]
    assert channels == sorted(channels, reverse=True)
    assert said.done is not None
    assert said.done.usage.reasoning_tokens == len(said.thinking.split())
    assert said.done.usage.source == "reported"
    assert not (await _ask(_request("sim/thinker", reasoning_effort="none"))).thinking


async def test_max_tokens_and_stop_end_it() -> None:
    said = await _ask(_request("sim/small", max_tokens=5))
    assert said.done is not None
    assert said.done.finish_reason == "length"
    assert said.tokens == 5
    assert "Final answer" not in (await _ask(_request("sim/small", stop=("Final",)))).answer


async def test_temperature_zero_makes_copies() -> None:
    said = [await _ask(_request("sim/small", temperature=0.0, seed=i, replica=i)) for i in range(1, 6)]
    assert len({s.answer for s in said}) == 1


async def test_failures_fail_and_a_retry_may_succeed() -> None:
    provider = SimulatedProvider()
    errors: list[ModelError] = []
    for i in range(200):
        try:
            await _ask(_request("sim/instant:fail-0.3:fail_kind-rate_limit", seed=i), provider=provider)
        except ModelError as error:
            errors.append(error)
    assert 30 < len(errors) < 90
    assert all(e.kind is ErrorKind.RATE_LIMIT and e.retry_after and e.retryable for e in errors)
    request = _request("sim/instant:fail-0.5", seed=1)
    for _ in range(50):
        try:
            assert await _ask(request, provider=provider)
            break
        except ModelError:
            continue
    else:
        pytest.fail("a retry never succeeded")


async def test_faults_in_the_middle(clock: Clock) -> None:
    with pytest.raises(ModelError) as caught:
        await _ask(_request("sim/small:cut-1"))
    assert caught.value.kind is ErrorKind.INTERRUPTED
    stalled = await _ask(_request("sim/small:stall-1:stall_s-500"), clock)
    assert clock.now > 500
    assert stalled.done is not None
    for fault, reason in (("truncate", "length"), ("filter", "content_filter"), ("empty", "stop")):
        said = await _ask(_request(f"sim/small:{fault}-1"))
        assert said.done is not None
        assert said.done.finish_reason == reason
        assert extract(said.answer, "final").value is None
    assert not (await _ask(_request("sim/small:empty-1"))).answer


async def test_extra_overrides_the_name() -> None:
    said = await _many("sim/instant:accuracy-0", 20, extra={"accuracy": 1.0, "else": "left alone"})
    assert all(s.key == "42" for s in said)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("sim/smal", "sim/small"),
        ("sim/small:nonsense-1", "nonsense"),
        ("sim/small:accuracy-2", "accuracy"),
        ("sim/small:accuracy", "accuracy"),
        ("sim/small:accuracy-x", "accuracy"),
    ],
)
async def test_unknown_names_say_what_is_known(model: str, says: str) -> None:
    info = SimulatedProvider().info(model)
    assert not info.available
    assert says in info.problem
    assert info.kind == "simulated"
    with pytest.raises(ModelError):
        await _ask(_request(model))


def test_every_profile_is_labelled_and_priced() -> None:
    provider = SimulatedProvider()
    assert provider.names() == [f"sim/{name}" for name in PROFILES]
    for name in provider.names():
        info = provider.info(name)
        assert info.available
        assert info.kind == "simulated"
        assert info.prices is not None
        assert info.prices.source == "simulated"
    large = provider.info("sim/large").prices
    assert large is not None
    assert large.input == 2_500_000


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=examples(50))
def test_any_query_has_a_right_answer_and_other_wrong_ones(query: str) -> None:
    known = truth(query, None, 3)
    assert known.is_right(known.right)
    assert known.wrong
    assert not any(known.is_right(answer) for answer in known.wrong)
