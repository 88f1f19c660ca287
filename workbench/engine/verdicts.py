"""Thumbs up or down, and scores: by a model, by a network, or by a check that needs no model."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Sequence
from typing import Any, Literal

from msgspec import Struct

from workbench.analysis import answers, checks
from workbench.analysis.verdicts import read_verdict
from workbench.engine import events as e
from workbench.engine import prompts, sandbox
from workbench.engine.scope import NodeFailed, Scope
from workbench.engine.task import Purpose, Task
from workbench.systems.nodes import Agreement, AnyTest, Check, Command, Model, PythonTests, kind_of

_LETTER = re.compile(r"[\s\"'(\[*<]*([AB])\b(?!\w)")
_LONGEST_REASON = 600


class Verdict(Struct, frozen=True, kw_only=True):
    """A word on a candidate. `score` in [0, 1] where there is one."""

    word: e.VerdictWord
    score: float | None = None
    reason: str = ""
    calls: tuple[str, ...] = ()
    by: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the candidate may pass."""
        return self.word == "accepted"


async def examine(
    scope: Scope,
    test: AnyTest,
    field: str,
    candidate: e.Candidate,
    task: Task,
    *,
    prompt: str | None,
    votes: int = 1,
    threshold: float = 0.5,
) -> Verdict:
    """Ask `votes` times whether the candidate is right; the majority counts. The verdict is announced."""
    if isinstance(test, Check):
        verdict = await run_check(scope, test, candidate, task)
    else:
        asked = [_ask(scope, test, field, candidate, task, prompt, threshold) for _ in range(votes)]
        verdict = _majority(await _together(asked))
    return announce(scope, candidate, verdict)


def announce(scope: Scope, candidate: e.Candidate, verdict: Verdict) -> Verdict:
    """Tell the run of the verdict, where it knows the candidate: those of arguments are not announced."""
    if candidate.id not in scope.run.view.candidates:
        return verdict
    event = e.VerdictGiven(
        t=scope.run.now(),
        node=scope.path,
        candidate=candidate.id,
        verdict=verdict.word,
        by=verdict.by,
        score=verdict.score,
        reason=verdict.reason,
        calls=verdict.calls,
    )
    scope.run.emit(event)
    return verdict


async def run_check(scope: Scope, check: Check, candidate: e.Candidate, task: Task) -> Verdict:
    """A test that needs no model."""
    by = kind_of(check)
    if check.runs_code and not scope.run.allow_code:
        result = checks.abstained(sandbox.CODE_NOT_ALLOWED)
    elif isinstance(check, Command | PythonTests):
        program = await scope.run.unless_halted(_program(check, candidate, task))
        result = program or checks.abstained("the run ended before the program did")
    elif isinstance(check, Agreement):
        result = checks.abstained("agreement compares candidates; it tests the branches of a cascade")
    else:
        result = checks.run_check(check, candidate.text, key=answers.Key(candidate.key, candidate.key_rule))
    return Verdict(word=result.verdict, score=result.score, reason=result.reason, by=by)


async def _program(check: Command | PythonTests, candidate: e.Candidate, task: Task) -> checks.CheckResult:
    if isinstance(check, Command):
        return await sandbox.run_command(check, candidate.text)
    tests = check.tests or str(task.metadata.get("tests", ""))
    prompt = str(task.metadata.get("code_prompt", ""))
    return await sandbox.run_python_tests(check, candidate.text, tests, prompt=prompt)


async def rate(
    scope: Scope, scorer: AnyTest, field: str, candidate: e.Candidate, task: Task, *, prompt: str | None
) -> Verdict:
    """A score in [0, 1]; `unparsed` where the reply holds none, `abstained` where none came."""
    if isinstance(scorer, Check):
        found = await run_check(scope, scorer, candidate, task)
        score = found.score if found.score is not None else {"accepted": 1.0, "rejected": 0.0}.get(found.word)
        return announce(scope, candidate, Verdict(word=found.word, score=score, reason=found.reason, by=found.by))
    digits = tuple("0123456789")
    try:
        reply = await _reply(scope, scorer, field, candidate, task, "score", prompt, "score", digits)
    except NodeFailed as failure:
        lost = Verdict(word="abstained", reason=f"no score: {failure}", by=name_of(scorer))
        return announce(scope, candidate, lost)
    odds = {digit: p for call in reply.calls for digit, p in scope.run.odds.get(call, {}).items()}
    if odds and (total := sum(odds.values())) > 0:
        score = sum(int(digit) * p for digit, p in odds.items()) / total / 9
    else:
        number = re.search(r"\d+(?:\.\d+)?", answers.without_thinking(reply.text))
        score = None if number is None else min(1.0, float(number[0]) / 9)
    word: e.VerdictWord = "unparsed" if score is None else "accepted"
    verdict = Verdict(word=word, score=score, reason=_reason(reply.text), calls=reply.calls, by=name_of(scorer))
    return announce(scope, candidate, verdict)


async def criticise(
    scope: Scope, critic: AnyTest, candidate: e.Candidate, task: Task, *, prompt: str | None
) -> Verdict:
    """A critic's verdict with its criticism as the reason."""
    if isinstance(critic, Check):
        return announce(scope, candidate, await run_check(scope, critic, candidate, task))
    reply = await _reply(scope, critic, "critic", candidate, task, "critique", prompt, "critique", ())
    word: e.VerdictWord = read_verdict(reply.text)
    text = re.sub(r"(?im)^\W*verdict\W+\w+\W*$", "", reply.text).strip()
    verdict = Verdict(word=word, reason=text or reply.text.strip(), calls=reply.calls, by=name_of(critic))
    return announce(scope, candidate, verdict)


async def _ask(
    scope: Scope, test: AnyTest, field: str, candidate: e.Candidate, task: Task, prompt: str | None, threshold: float
) -> Verdict:
    by = name_of(test)
    try:
        reply = await _reply(scope, test, field, candidate, task, "verify", prompt, "verify", ("A", "B"))
    except NodeFailed as failure:
        return Verdict(word="abstained", reason=f"no verdict: {failure}", by=by)
    odds = next((scope.run.odds[call] for call in reversed(reply.calls) if call in scope.run.odds), {})
    total = odds.get("A", 0.0) + odds.get("B", 0.0)
    if total > 0:
        score = odds.get("A", 0.0) / total
        word: e.VerdictWord = "accepted" if score >= threshold else "rejected"
        return Verdict(word=word, score=score, calls=reply.calls, by=by)
    return Verdict(word=_word(reply.text), reason=_reason(reply.text), calls=reply.calls, by=by)


def _word(text: str) -> e.VerdictWord:
    said = answers.without_thinking(text)
    letter = _LETTER.match(said)
    if letter is not None:
        return "accepted" if letter[1] == "A" else "rejected"
    return read_verdict(said)


async def _reply(
    scope: Scope,
    test: AnyTest,
    field: str,
    candidate: e.Candidate,
    task: Task,
    name: str,
    override: str | None,
    role: Literal["verify", "score", "critique"],
    choices: tuple[str, ...],
) -> e.Candidate:
    template = prompts.load(name, override)
    text = template.fill(query=task.original or task.query, answer=candidate.text)
    purpose = Purpose(
        role=role,
        prompt_name=template.name,
        prompt_hash=template.hash,
        about=(candidate.id,),
        choices=choices if override is None else (),
    )
    assert not isinstance(test, Check)
    return await scope.ask(test, field, task.about(text, purpose))


async def _together(asked: Sequence[Coroutine[Any, Any, Verdict]]) -> list[Verdict]:
    tasks = [asyncio.create_task(one) for one in asked]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _majority(verdicts: list[Verdict]) -> Verdict:
    if len(verdicts) == 1:
        return verdicts[0]
    up = sum(v.word == "accepted" for v in verdicts)
    down = sum(v.word == "rejected" for v in verdicts)
    word: e.VerdictWord = "accepted" if up > down else "rejected" if up + down else verdicts[0].word
    scores = [v.score for v in verdicts if v.score is not None]
    return Verdict(
        word=word,
        score=sum(scores) / len(scores) if scores else None,
        reason=f"{up} of {len(verdicts)} accept",
        calls=tuple(call for v in verdicts for call in v.calls),
        by=verdicts[0].by,
    )


def name_of(test: AnyTest) -> str:
    """What a verdict is signed with: the model's name, or the kind of node or check."""
    return test.model if isinstance(test, Model) else kind_of(test)


def _reason(text: str) -> str:
    said = answers.without_thinking(text).strip()
    return said if len(said) <= _LONGEST_REASON else said[: _LONGEST_REASON - 1] + "…"
