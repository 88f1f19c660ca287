"""Bytes → chunks: the same whatever way they are cut."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ErrorKind, ModelError
from workbench.models.base import Delta, Done, Usage
from workbench.models.chat_reader import ChatReader
from workbench.models.sse import LONGEST_EVENT, EventSplitter, EventTooLongError
from workbench.models.thinking import ThinkSplitter


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in pairwise(edges)]


def event(**fields: object) -> bytes:
    return b"data: " + json.dumps(fields).encode() + b"\n\n"


def say(text: str, finish: str | None = None) -> bytes:
    return event(choices=[{"delta": {"content": text}, "finish_reason": finish}])


def read(*parts: bytes) -> list[Delta | Done]:
    reader = ChatReader()
    return [chunk for part in parts for chunk in reader.feed(part)] + reader.end()


def texts(chunks: list[Delta | Done]) -> dict[str, str]:
    joined = {"answer": "", "thinking": ""}
    for chunk in chunks:
        if isinstance(chunk, Delta):
            joined[chunk.channel] += chunk.text
    return joined


@given(st.lists(st.integers(0, 5000)), st.text(max_size=40), st.text(max_size=40), st.booleans())
def test_any_cut_gives_the_same(places: list[int], thought: str, answer: str, crlf: bool) -> None:
    data = b": a comment\n\n" + say(f"<think>{thought}") + say(f"</think>x{answer}", "stop") + b"data: [DONE]\n\n"
    data = data.replace(b"\n", b"\r\n") if crlf else data
    whole, pieces = read(data), read(*cut(data, places))
    assert texts(whole) == texts(pieces)
    assert whole[-1] == pieces[-1] == Done(finish_reason="stop")


LINES = st.binary(max_size=20).filter(lambda line: bool(line) and b"\n" not in line and line.strip(b" \r") == line)


@given(st.lists(st.lists(LINES, min_size=1, max_size=3)), st.lists(st.integers(0, 500)))
def test_events_of_several_lines(events: list[list[bytes]], places: list[int]) -> None:
    data = b"".join(b"".join(b"data: " + line + b"\n" for line in lines) + b"id: 1\n\n" for lines in events)
    splitter = EventSplitter()
    found = [item for part in cut(data, places) for item in splitter.feed(part)]
    assert found == [b"\n".join(lines) for lines in events]


def test_an_event_without_end_is_refused() -> None:
    splitter = EventSplitter()
    splitter.feed(b"x" * LONGEST_EVENT)
    with pytest.raises(EventTooLongError):
        splitter.feed(b"x")


@given(st.text("<>/think ab\n", max_size=30), st.lists(st.integers(0, 60)))
def test_think_splitter_loses_nothing_but_tags_and_space(text: str, places: list[int]) -> None:
    def split(parts: list[str]) -> dict[str, str]:
        splitter, joined = ThinkSplitter(), {"answer": "", "thinking": ""}
        for part in parts:
            for channel, piece in splitter.feed(part):
                joined[channel] += piece
        for channel, piece in splitter.flush():
            joined[channel] += piece
        return joined

    edges = sorted({0, len(text), *(place % (len(text) + 1) for place in places)})
    parts = [text[a:b] for a, b in pairwise(edges)]
    assert split(parts) == split([text])
    if not text.lstrip().startswith("<think>"):
        assert split(parts) == {"answer": text, "thinking": ""}


def test_a_tag_in_mid_answer_is_answer() -> None:
    chunks = read(say("Write <think> first", "stop"))
    assert texts(chunks) == {"answer": "Write <think> first", "thinking": ""}


def test_an_answer_that_only_begins_a_tag_comes_out_in_the_end() -> None:
    assert texts(read(say("<thi", "stop")))["answer"] == "<thi"


def test_unclosed_thinking_is_thinking() -> None:
    assert texts(read(say("<think>hm </thi", "length"))) == {"answer": "", "thinking": "hm </thi"}


def test_ends_at_done_and_reads_nothing_after_it() -> None:
    chunks = read(say("a", "stop") + b"data: [DONE]\n\n" + say("b"))
    assert texts(chunks)["answer"] == "a"
    assert isinstance(chunks[-1], Done)


def test_end_without_done_marker_but_with_finish_reason_is_an_answer() -> None:
    assert read(say("a", "stop"))[-1] == Done(finish_reason="stop")


@pytest.mark.parametrize("finish", [None, "error", "abort", "cancelled"])
def test_no_real_finish_is_interrupted(finish: str | None) -> None:
    with pytest.raises(ModelError) as caught:
        read(say("a", finish), b"data: [DONE]\n\n")
    assert caught.value.kind is ErrorKind.INTERRUPTED


def test_reasoning_left_out_of_completion_is_added() -> None:
    usage: dict[str, object] = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 22}
    usage["completion_tokens_details"] = {"reasoning_tokens": 7}
    done = read(say("a", "stop"), event(choices=[], usage=usage))[-1]
    assert isinstance(done, Done)
    assert done.usage == Usage(prompt_tokens=10, completion_tokens=12, reasoning_tokens=7, source="reported")


def test_deepseek_cache_hits_and_openrouter_cost() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "prompt_cache_hit_tokens": 8, "cost": 0.1}
    done = read(say("a", "stop"), event(choices=None, usage=usage))[-1]
    assert isinstance(done, Done)
    assert (done.usage.cached_tokens, done.reported_cost) == (8, 10**11)


def test_mean_logprob() -> None:
    choice = {"delta": {"content": "a"}, "logprobs": {"content": [{"logprob": -1.0}, {"logprob": -3.0}]}}
    done = read(event(choices=[choice]), say("", "stop"))[-1]
    assert isinstance(done, Done)
    assert done.mean_logprob == -2.0


def test_parts_of_content_and_refusals() -> None:
    parts = {"content": [{"type": "text", "text": "a"}, {"type": "reference"}]}
    chunks = read(event(choices=[{"delta": parts}]), event(choices=[{"delta": {"refusal": "no"}}]), say("", "stop"))
    assert texts(chunks)["answer"] == "ano"


def test_a_whole_response() -> None:
    body = json.dumps({"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}).encode()
    assert ChatReader().whole(body) == [Delta("hi"), Done()]
