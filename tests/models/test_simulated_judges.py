"""Simulated judges: they understand every shipped prompt and are as good as their profile says."""

from __future__ import annotations

import asyncio
import re
import statistics
from typing import Any

import pytest

from workbench.engine import prompts
from workbench.models.base import Delta, Done, Message, Request
from workbench.models.simulated import SimulatedProvider
from workbench.models.simulation.reading import read

QUERY = "What is 6 × 7?"
RIGHT, WRONG = "So it is.\n\nFinal answer: 42", "So it is.\n\nFinal answer: 41"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def sleep(_: float) -> None:
        return None

    monkeypatch.setattr(asyncio, "sleep", sleep)


def _shown(name: str, **places: str) -> str:
    return prompts.load(name).fill(query=QUERY, **places)


async def _reply(model: str, prompt: str, **fields: Any) -> tuple[str, Done]:
    text, done = "", Done()
    async for chunk in SimulatedProvider().stream(Request(model=model, messages=(Message("user", prompt),), **fields)):
        if isinstance(chunk, Delta):
            text += chunk.text if chunk.channel == "answer" else ""
        else:
            done = chunk
    return text, done


def test_every_shipped_prompt_is_understood() -> None:
    for name in prompts.names():
        template = prompts.load(name)
        places = set(re.findall(r"\{(\w+)\}", template.text))
        filled = template.fill(
            query=QUERY,
            answer=RIGHT,
            candidates=prompts.lettered([RIGHT, WRONG]),
            criticism="no",
            labels="- math\n- else" if name == "route" else "A, B",
            example="B > A",
            prompt=_shown("judge-select", candidates=prompts.lettered([RIGHT, WRONG]), labels="A, B"),
            reply="?",
            schema="A",
        )
        reading = read(Request(model="sim/judge", messages=(Message("user", filled),)))
        assert reading.query == QUERY, name
        assert reading.asked != "answer" or name == "refine", name
        if "candidates" in places:
            assert reading.candidates[-2:] == (RIGHT, WRONG), name


@pytest.mark.parametrize(("answer", "share"), [(RIGHT, 0.9), (WRONG, 0.3)])
async def test_a_verifier_accepts_as_its_profile_says(answer: str, share: float) -> None:
    prompt = _shown("verify", answer=answer)
    model = "sim/instant:accept-0.9:reject-0.7"
    replies = [await _reply(model, prompt, seed=i, choices=("A", "B")) for i in range(400)]
    assert {text for text, _ in replies} == {"A", "B"}
    assert statistics.fmean(text == "A" for text, _ in replies) == pytest.approx(share, abs=0.07)
    for text, done in replies[:20]:
        odds = done.choice_probabilities
        assert max(odds, key=lambda choice: odds[choice]) == text
        assert sum(odds.values()) == pytest.approx(1)


async def test_scores_and_criticism_follow_the_belief() -> None:
    for answer, believed in ((RIGHT, True), (WRONG, False)):
        score, _ = await _reply("sim/perfect", _shown("score", answer=answer), choices=tuple("0123456789"))
        assert (int(score) >= 7) == believed
        criticism, _ = await _reply("sim/perfect", _shown("critique", answer=answer))
        assert criticism.startswith("Verdict: accepted" if believed else "Verdict: rejected\n")


async def test_judges_select_rank_and_write() -> None:
    candidates = prompts.lettered([WRONG, WRONG, RIGHT])
    select = _shown("judge-select", candidates=candidates, labels="A, B, C")
    assert (await _reply("sim/perfect", select))[0] == "C"
    rank = _shown("judge-rank", candidates=candidates, example="C > B > A")
    assert (await _reply("sim/perfect", rank))[0].startswith("C > ")
    for name in ("judge-synthesize", "layer"):
        assert "Final answer: 42" in (await _reply("sim/perfect", _shown(name, candidates=candidates)))[0]
    debate = _shown("debate", answer=WRONG, candidates=prompts.lettered([RIGHT]))
    assert "Final answer: 42" in (await _reply("sim/perfect", debate))[0]


async def test_position_bias_and_garbled_replies() -> None:
    select = _shown("judge-select", candidates=prompts.lettered([WRONG, RIGHT]), labels="A, B")
    assert (await _reply("sim/perfect:bias-1", select))[0] == "A"
    garbled, _ = await _reply("sim/perfect:garble-1", select)
    assert garbled not in ("A", "B")
    again = prompts.load("judge-again").fill(prompt=select, reply=garbled, schema="one of A, B")
    assert (await _reply("sim/perfect", again))[0] == "B"


async def test_routers_extractors_and_rewriters() -> None:
    labels = "- code: programming, scripts\n- math: arithmetic, quantities\n- else"
    assert (await _reply("sim/perfect", _shown("route", labels=labels)))[0] == "math"
    code = prompts.load("route").fill(query="Write a Python function", labels=labels)
    assert (await _reply("sim/perfect", code))[0] == "code"
    other = prompts.load("route").fill(query="Who wrote it?", labels=labels)
    assert (await _reply("sim/perfect", other))[0] == "else"
    assert (await _reply("sim/perfect", _shown("extract", answer=WRONG)))[0] == "41"
    system = Message("system", "Rewrite the user's question in as few words as possible.")
    request = Request(model="sim/perfect", messages=(system, Message("user", "I was just wondering: what is 1 + 1?")))
    text = "".join([c.text async for c in SimulatedProvider().stream(request) if isinstance(c, Delta)])
    assert "what is 1 + 1?" in text
    assert "Final answer" not in text
