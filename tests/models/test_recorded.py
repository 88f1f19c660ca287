"""Recorded samples as a model: the right sample to each replica, with its recorded times and figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Delta, Done, Message, Request
from workbench.models.recorded import RecordedProvider, Sample


def _file(folder: Path, *samples: dict[str, Any]) -> str:
    path = folder / "samples.jsonl"
    path.write_text("\n".join(json.dumps(sample) for sample in samples) + "\n\n", encoding="utf-8")
    return f"recorded/{path}"


def _request(model: str, replica: int = 1, prompt: str = "q", **fields: Any) -> Request:
    return Request(model=model, messages=(Message("user", prompt),), replica=replica, **fields)


async def _text(provider: RecordedProvider, request: Request) -> tuple[str, str, Done]:
    text = {"answer": "", "thinking": ""}
    done = None
    async for chunk in provider.stream(request):
        if isinstance(chunk, Delta):
            text[chunk.channel] += chunk.text
        else:
            done = chunk
    assert done is not None
    return text["answer"], text["thinking"], done


async def test_replica_i_gets_sample_i(tmp_path: Path) -> None:
    model = _file(tmp_path, *({"text": f"sample {i}"} for i in range(3)))
    provider = RecordedProvider()
    said = [(await _text(provider, _request(model, replica)))[0] for replica in (1, 2, 3)]
    assert said == ["sample 0", "sample 1", "sample 2"]
    with pytest.raises(ModelError, match="replica 4"):
        await _text(provider, _request(model, 4))


async def test_figures_are_the_recorded_ones(tmp_path: Path) -> None:
    model = _file(
        tmp_path,
        {
            "text": "**42**",
            "thinking": "hm",
            "prompt_tokens": 7,
            "completion_tokens": 9,
            "reasoning_tokens": 4,
            "finish_reason": "length",
            "cost_usd": 0.25,
            "mean_logprob": -0.5,
            "note": "left alone",
        },
    )
    text, thinking, done = await _text(RecordedProvider(), _request(model))
    assert (text, thinking) == ("**42**", "hm")
    assert done.finish_reason == "length"
    assert done.usage.completion_tokens == 9
    assert done.usage.source == "reported"
    assert done.reported_cost == 250_000_000_000
    assert done.mean_logprob == -0.5


async def test_missing_counts_are_estimates(tmp_path: Path) -> None:
    _, _, done = await _text(RecordedProvider(), _request(_file(tmp_path, {"completion": "x" * 40})))
    assert done.usage.completion_tokens == 10
    assert done.usage.source == "estimated"
    assert done.usage.estimated_by


async def test_samples_are_matched_by_prompt_or_task(tmp_path: Path) -> None:
    model = _file(
        tmp_path,
        {"text": "a", "prompt": "What is\n 1+1?", "task_id": "t1"},
        {"text": "b", "prompt": "other", "task_id": "t2"},
    )
    provider = RecordedProvider()
    assert (await _text(provider, _request(model, prompt="other")))[0] == "b"
    assert (await _text(provider, _request(model, prompt="What is 1+1?")))[0] == "a"
    assert (await _text(provider, _request(model, extra={"task_id": "t2"})))[0] == "b"
    with pytest.raises(ModelError, match="0 sample"):
        await _text(provider, _request(model, prompt="never asked"))


@pytest.mark.parametrize("shuffle", [5, True])
async def test_a_shuffle_uses_no_sample_twice_in_a_group(tmp_path: Path, shuffle: int | bool) -> None:
    model = _file(tmp_path, *({"text": str(i)} for i in range(8)))

    async def draw(provider: RecordedProvider, first_seed: int) -> list[str]:
        requests = [
            _request(model, replica, seed=first_seed + replica, group="g", extra={"shuffle": shuffle})
            for replica in range(1, 9)
        ]
        return [(await _text(provider, request))[0] for request in requests]

    provider = RecordedProvider()
    first, again, other = await draw(provider, 1), await draw(provider, 1), await draw(provider, 77)
    assert sorted(first) == [str(i) for i in range(8)]
    assert first == again == await draw(RecordedProvider(), 1)
    assert first != [str(i) for i in range(8)]
    assert (other == first) == (shuffle == 5)


async def test_recorded_failures_fail(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="overloaded") as caught:
        await _text(RecordedProvider(), _request(_file(tmp_path, {"text": "", "error": "overloaded"})))
    assert caught.value.kind is ErrorKind.INTERNAL


async def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": "a"}\n{"latency_s": -1}\n')
    provider = RecordedProvider()
    info = provider.info(f"recorded/{path}")
    assert not info.available
    assert "bad.jsonl:2" in info.problem
    with pytest.raises(ModelError):
        await _text(provider, _request(f"recorded/{path}"))


async def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    provider = RecordedProvider()
    assert (await _text(provider, _request(_file(tmp_path, {"text": "old"}))))[0] == "old"
    assert (await _text(provider, _request(_file(tmp_path, {"text": "newer"}))))[0] == "newer"


async def test_other_sources_are_injected() -> None:
    def samples_of(source: str) -> Sequence[Sample]:
        return [Sample(text="from the ledger")] if source == "7f3a" else []

    provider = RecordedProvider(samples_of)
    assert provider.info("recorded/7f3a").available
    assert provider.info("recorded/7f3a").kind == "recorded"
    assert (await _text(provider, _request("recorded/7f3a")))[0] == "from the ledger"
    assert not provider.info("recorded/none").available
    assert not RecordedProvider().info("recorded/7f3a").available
