"""What-ifs: the same as the real run on the same samples, and what they say of what they can't know."""

from __future__ import annotations

import json
import pathlib
import random

import pytest

from tests.evals.trees import pool
from workbench.analysis.pool import Draw, Pool
from workbench.analysis.scaling import curve
from workbench.engine.clock import run_virtual
from workbench.engine.run import execute
from workbench.engine.task import Task
from workbench.engine.view import RunView
from workbench.errors import InputError
from workbench.evals.pools import from_file, from_views
from workbench.evals.whatif import Stopped, evaluate
from workbench.models.base import ModelInfo
from workbench.models.recorded import RecordedProvider
from workbench.systems.notation import parse_system


def test_the_best_by_recorded_score_is_the_curve_of_best() -> None:
    dice = random.Random(11)

    def task() -> tuple[Draw, ...]:
        scores = [score / 10 for score in dice.sample(range(11), 7)]
        return tuple(Draw(text="a", correct=dice.random() < s, score=s, latency=dice.uniform(1, 9)) for s in scores)

    drawn = Pool(tasks={str(t): task() for t in range(4)})
    exact = curve(drawn, "best", [3])
    found = evaluate(parse_system("best[recorded/score](3*m)"), drawn, runs=8_000)
    assert found.path == "direct"
    assert exact.accuracy is not None
    mean = sum(cell.accuracy or 0 for cell in found.measured.cells.values()) / 4
    assert mean == pytest.approx(exact.accuracy.value[0], abs=0.02)


@pytest.mark.parametrize(("score", "problem"), [(None, "no recorded scores"), (7.5, "not in")])
def test_scores_that_are_no_shares_are_refused(score: float | None, problem: str) -> None:
    drawn = Pool(tasks={"t": (Draw(text="a", score=score, latency=1.0),)})
    with pytest.raises(InputError, match=problem):
        evaluate(parse_system("best[recorded/score](m)"), drawn)


@pytest.mark.parametrize("engine", [True, False])
def test_a_verdict_that_was_not_recorded_accepts_nothing_and_criticises_nothing(engine: bool) -> None:
    drawn = Pool(tasks={"t": (Draw(text="a", latency=1.0), Draw(text="b", accepted=True, latency=2.0))})
    verified, refined = (
        evaluate(parse_system(text), drawn, runs=1, shuffle=False, engine=engine)
        for text in ("verify[recorded/verdict](2*m)", "refine[recorded/verdict](m)")
    )
    assert verified.outcomes[0].draw == 1
    assert verified.notes == ("1 of 2 draws have no recorded verdict: they are not accepted",)
    assert refined.outcomes[0].draw == 0
    assert refined.notes[1] == "1 of 2 draws have no recorded verdict: they stand as they are"


@pytest.mark.parametrize(
    ("notation", "said"),
    [
        ("vote(2*recorded/verdict)", "recorded/verdict is no generator"),
        ("best[recorded/verdict](2*m)", "recorded/verdict is no scorer"),
        ("refine[recorded/score](m)", "recorded/score is no critic"),
        ("judge[recorded/verdict](2*m)", "recorded/verdict is no judge"),
        ('vote[extract="model:zz"](2*m)', "no draws of zz"),
    ],
)
def test_a_recorded_word_is_refused_where_it_says_nothing(notation: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        evaluate(parse_system(notation), pool(1, models=("m", "n")), runs=1)


def test_only_draws_that_are_tested_need_a_recorded_word() -> None:
    draws = (Draw(model="m", text="a", score=0.5, latency=1.0), Draw(model="n", text="b", latency=2.0))
    found = evaluate(parse_system("vote(best[recorded/score](m), n)"), Pool(tasks={"t": draws}), runs=1)
    assert found.notes == ()
    assert found.path == "direct"


def test_one_that_is_not_wanted_any_more_stops() -> None:
    for engine in (True, False):
        with pytest.raises(Stopped):
            evaluate(parse_system("race(2*m)"), pool(1), runs=100, engine=engine, stop=lambda: True)


@pytest.mark.parametrize("engine", [True, False])
def test_of_draws_with_one_text_each_has_its_own_verdict(engine: bool) -> None:
    draws = (
        Draw(text="another", accepted=False, latency=3.0),
        Draw(text="the same", accepted=True, latency=1.0, tokens=9),
        Draw(text="the same", accepted=False, latency=2.0, tokens=1),
    )
    system = parse_system("verify[recorded/verdict](vote[tie=shortest](2*m), m)")
    drawn = Pool(tasks={"t": draws})
    (found,) = evaluate(system, drawn, runs=1, shuffle=False, engine=engine).outcomes
    assert found.draw == 2
    assert found.latency == pytest.approx(3.0)


@pytest.mark.parametrize("engine", [True, False])
def test_a_verdict_is_not_that_of_a_truncated_draw_with_the_same_text(engine: bool) -> None:
    draws = (
        Draw(text="the same", done=False, accepted=True, latency=1.0),
        Draw(text="the same", accepted=False, latency=2.0),
        Draw(text="another", accepted=True, latency=3.0),
    )
    system = parse_system("verify[recorded/verdict](3*m)")
    (found,) = evaluate(system, Pool(tasks={"t": draws}), runs=1, engine=engine).outcomes
    assert found.draw == 2


class Recorded:
    """Recorded models alone."""

    def __init__(self) -> None:
        self._provider = RecordedProvider()

    def info(self, model: str) -> ModelInfo:
        return self._provider.info(model)

    def provider(self, model: str) -> RecordedProvider:
        return self._provider

    async def aclose(self) -> None:
        return None


def fired(path: pathlib.Path, notation: str) -> RunView:
    task = Task.of("What is 17 + 25?", target="42")
    return run_virtual(execute(parse_system(notation.replace("M", f"recorded/{path}")), task, Recorded(), seed=1))


@pytest.fixture
def samples(tmp_path: pathlib.Path) -> pathlib.Path:
    dice, path = random.Random(4), tmp_path / "s.jsonl"
    lines = [
        {
            "text": f"Final answer: {dice.choice((41, 42))}",
            "prompt": "What is 17 + 25?",
            "prompt_tokens": 10,
            "completion_tokens": dice.randint(5, 50),
            "latency_s": dice.uniform(1, 9),
            "cost_usd": dice.randint(1, 9) / 1000,
        }
        for _ in range(7)
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "notation", ["race[losers=finish](7*M)", "vote(7*M)", "race[take=3](7*M)", "vote[tie=shortest](race[take=3](7*M))"]
)
def test_a_what_if_is_the_real_run_on_the_same_samples(samples: pathlib.Path, notation: str) -> None:
    real = fired(samples, notation)
    recorded = from_views([(fired(samples, "race[losers=finish](7*M)"), None)])
    again = evaluate(parse_system(notation.replace("M", f"recorded/{samples}")), recorded, runs=1, shuffle=False)
    (outcome,) = again.outcomes
    assert real.answer is not None
    assert outcome.draw is not None
    (draws,) = recorded.tasks.values()
    assert draws[outcome.draw].text == real.answer.text
    assert outcome.status == real.status
    assert outcome.latency == pytest.approx(real.t / 1e9, abs=1e-6)
    assert outcome.correct == (real.answer.key == "42")
    if "take" not in notation:
        assert outcome.cost == real.cost()
        assert outcome.tokens == real.tokens("completion_tokens")
    assert again.measured.kind == "recorded"


def test_many_what_ifs_come_to_the_exact_curve() -> None:
    drawn = pool(5, tasks=2, draws=6)
    exact = curve(drawn, "race", [3])
    many = evaluate(parse_system("race(3*m)"), drawn, runs=6_000).measured.cells.values()
    assert exact.accuracy is not None
    assert exact.latency is not None
    assert exact.tokens is not None
    assert exact.cost is not None
    assert sum(c.accuracy or 0 for c in many) / 2 == pytest.approx(exact.accuracy.value[0], abs=0.02)
    assert sum(c.latency or 0 for c in many) / 2e9 == pytest.approx(exact.latency.value[0], rel=0.02)
    assert sum(c.tokens or 0 for c in many) / 2 == pytest.approx(exact.tokens.value[0], rel=0.02)
    assert sum(c.cost or 0 for c in many) / 2 == pytest.approx(exact.cost.value[0], rel=0.02)


def test_only_recorded_generators_can_be_asked() -> None:
    drawn = pool(1, models=("a", "b"))
    assert evaluate(parse_system("vote(2*a, 2*b)"), drawn, runs=3).measured.cells.keys() == drawn.tasks.keys()
    with pytest.raises(InputError, match="no draws of c"):
        evaluate(parse_system("race(a, c)"), drawn)


def test_a_check_needs_no_draws_of_its_own() -> None:
    drawn = Pool(
        tasks={"t": (Draw(text="no", correct=False, latency=1.0), Draw(text="yes", correct=True, latency=2.0))}
    )
    found = evaluate(parse_system('verify[regex{pattern: "yes"}](2*m)'), drawn, runs=4)
    assert found.path == "direct"
    assert [(o.correct, o.latency) for o in found.outcomes] == [(True, 2.0)] * 4


@pytest.mark.parametrize("mode", ["parallel", "serial"])
def test_recorded_verdicts_verify(mode: str) -> None:
    dice = random.Random(9)
    drawn = Pool(
        tasks={
            str(t): tuple(
                Draw(
                    key=(key := dice.choice("ab")),
                    correct=key == "a",
                    accepted=dice.random() < (0.8 if key == "a" else 0.3),
                    latency=dice.uniform(1, 5),
                    tokens=dice.randint(1, 50),
                )
                for _ in range(4)
            )
            for t in range(4)
        }
    )
    notation = f"verify[recorded/verdict{', mode=serial' if mode == 'serial' else ''}](3*m)"
    found = evaluate(parse_system(notation), drawn, runs=1_600)
    assert found.path == "direct"
    exact = curve(drawn, "serial" if mode == "serial" else "verify", [3])
    cells = found.measured.cells.values()
    assert exact.accuracy is not None
    assert exact.latency is not None
    assert sum(c.accuracy or 0 for c in cells) / 4 == pytest.approx(exact.accuracy.value[0], abs=0.04)
    assert sum(c.latency or 0 for c in cells) / 4e9 == pytest.approx(exact.latency.value[0], rel=0.04)


def test_no_timeout_of_the_system_ends_a_draw_that_once_came_through() -> None:
    drawn = Pool(tasks={"t": (Draw(text="late", correct=True, latency=300.0),)})
    assert evaluate(parse_system("m"), drawn, runs=1).outcomes[0].status == "done"


def test_a_file_of_samples(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(
        '{"task_id": 1, "model": "m", "text": "It is 1,000.", "target": "1000", "latency_s": 2}\n'
        '{"task_id": 1, "completion": "999", "model": "m", "finish_reason": "length"}\n\n'
        '{"task_id": 1, "key": "1000", "correct": 1, "model": "m", "accepted": true, "score": 0.5, "extra": []}\n',
        encoding="utf-8",
    )
    (draws,) = from_file(path).tasks.values()
    assert [(d.correct, d.done) for d in draws] == [(True, True), (None, False), (True, True)]
    assert draws[0].key == draws[2].key
    path.write_text('{"text": 1}', encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.jsonl:1"):
        from_file(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="holds no samples"):
        from_file(path)
    with pytest.raises(InputError, match="can't be read"):
        from_file(tmp_path / "none.jsonl")


def test_an_empty_text_is_no_answer_whatever_is_said_of_it(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "x.jsonl"
    lines = ['{"text": "", "correct": true}', '{"text": " \\n", "correct": true}', '{"correct": true}', '{"key": "7"}']
    path.write_text("\n".join(lines), encoding="utf-8")
    (draws,) = from_file(path).tasks.values()
    assert [draw.done for draw in draws] == [False, False, True, True]


def test_calls_that_find_no_draw_left_are_told() -> None:
    drawn = pool(2, draws=3)
    assert evaluate(parse_system("vote(3*m)"), drawn, runs=30).notes == ()
    for engine in (True, False):
        found = evaluate(parse_system("vote(4*m)"), drawn, runs=30, engine=engine)
        assert found.notes == ("30 of 30 runs asked for more draws than their task has: such calls failed",)
    judged = {word: tuple(Draw(text="a", accepted=word == "good") for _ in range(3)) for word in ("good", "bad")}
    some = evaluate(parse_system("verify[recorded/verdict, mode=serial](4*m)"), Pool(tasks=judged), runs=30)
    assert [outcome.lost for outcome in some.outcomes] == [0] * 15 + [1] * 15
    assert some.notes[0].startswith("15 of 30 runs")


@pytest.mark.parametrize(
    ("system", "said"),
    [
        ("best[recorded/score](2*m)", "2 of 3 draws have no recorded score"),
        ("verify[recorded/verdict](2*m)", "1 of 3 draws have no recorded verdict"),
        ("vote(2*m)", ""),
    ],
)
def test_words_that_were_not_recorded_are_told(system: str, said: str) -> None:
    draws = (Draw(text="a", score=0.5, accepted=True), Draw(text="b", accepted=False), Draw(text="c"))
    found = evaluate(parse_system(system), Pool(tasks={"t": draws}), runs=3)
    assert " ".join(found.notes).startswith(said)
    assert bool(found.notes) == bool(said)


@pytest.mark.parametrize("engine", [True, False])
def test_accuracy_is_unknown_where_one_answer_s_is_not_only_failures_known(engine: bool) -> None:
    draws = (Draw(text="a", correct=True, latency=1.0), Draw(done=False, correct=False, latency=2.0))
    found = evaluate(parse_system("m >> m"), Pool(tasks={"t": draws}), runs=40, engine=engine)
    assert {outcome.correct for outcome in found.outcomes} == {False}
    graded = evaluate(parse_system("m"), Pool(tasks={"t": (*draws, Draw(text="b"))}), runs=90, engine=engine)
    assert {outcome.correct for outcome in graded.outcomes} == {True, False, None}
    (cell,) = graded.measured.cells.values()
    assert cell.accuracy is None


def test_grades_speak_of_every_candidate_with_the_answers_key(samples: pathlib.Path) -> None:
    view = fired(samples, "race[losers=finish](7*M)")
    view.target = None
    assert view.answer is not None
    (ungraded,) = from_views([(view, None)]).tasks.values()
    assert {d.correct for d in ungraded} == {None}
    (right,) = from_views([(view, "right")]).tasks.values()
    assert all(d.correct == (d.key == view.answer.key) for d in right)
    (wrong,) = from_views([(view, "wrong")]).tasks.values()
    assert all(d.correct is (False if d.key == view.answer.key else None) for d in wrong)
