"""What would go wrong or be a waste is said, with its node and what to do; what is fine is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from msgspec import Struct

from tests.laws import examples
from tests.systems import trees
from workbench.systems.checks import Problem, check
from workbench.systems.nodes import AnyNode, JsonSchema, Model, Race, System, Verify
from workbench.systems.notation import parse_system
from workbench.systems.tree import walk


class Info(Struct):
    available: bool = True
    problem: str = ""
    reasoning: bool = False
    context: int | None = None


class Known:
    """Knows three models; says what is wrong with any other."""

    def info(self, model: str) -> Info:
        known = {"small": Info(context=1000), "thinker": Info(reasoning=True), "nokey": Info(False, "needs LAB_KEY")}
        return known.get(model, Info(False))


def found(text: str, *, allow_code: bool = False) -> list[Problem]:
    return check(parse_system(text), allow_code=allow_code)


SAID = [
    # copies
    ("5*m@0", "", "warning", "5 replicas at temperature 0 are copies", "@0.7"),
    ("vote(5*m@0)", "of.0", "warning", "are copies", ""),
    ("3*m{seed=1}", "", "warning", "3 replicas with the same seed", "empty"),
    ('m{prompt="What?"}', "", "warning", "has no {prompt}", "Add {prompt}"),
    # races
    ("race(m)", "", "warning", "take 1 of 1 candidate: nobody can lose", "Add replicas"),
    ("race[take=3](3*m)", "", "warning", "take 3 of 3 candidates: nobody can lose", "fewer"),
    ("race[take=3](m, n)", "", "warning", "take 3 of 2", ""),
    ("race[losers=finish, grace=2](2*m)", "", "info", "grace says nothing", ""),
    # one candidate
    ("judge[j](m)", "", "warning", "a judge over one candidate", "verify"),
    ("judge[j](race(5*m))", "", "warning", "a judge over one candidate", ""),
    ("vote(m)", "", "warning", "one ballot", "Add replicas"),
    ("debate(m)", "", "warning", "a debate of one", ""),
    ("filter[v](m)", "", "info", "over one candidate", ""),
    ("cascade[v](m)", "", "warning", "one branch", "dearer"),
    ("route[r](else: m)", "", "warning", "one branch", ""),
    # votes
    ("vote(3*m)", "", "info", "free texts hardly ever agree", "Set extract"),
    ("vote[extract=text](3*m)", "", "info", "as whole texts", "judge"),
    ("vote[extract=nmber](3*m)", "", "error", "extract 'nmber' is not known", "number"),
    ('vote[extract="regex:["](3*m)', "", "error", "no regular expression", ""),
    ('vote[extract="json:"](3*m)', "", "error", "is not complete", ""),
    ("vote[weights=verifier, extract=number](3*m)", "", "warning", "nothing below gives a score", "filter"),
    # what can't be reached
    ("ensemble[quorum=4](3*m)", "", "error", "quorum 4 can't be reached by 3", ""),
    ("judge[j, quorum=4](3*m)", "", "error", "quorum 4", ""),
    ("best[s, take=3](3*m)", "", "warning", "keeps them all", ""),
    ("route[r](a: m, A: n, else: o)", "", "error", "stands at two branches", ""),
    ("route[r](a: m, b: n)", "", "warning", "no branch is called else", "Add else"),
    ("race()", "", "error", "race has no children", "Add a model"),
    ("chain()", "", "error", "chain has no steps", ""),
    ("route[r]()", "", "error", "route has no branches", ""),
    # prompts
    ('judge[j, prompt="Best?"](3*m)', "", "warning", "has no {candidates}", ""),
    # agreement
    ("cascade[agreement](m, n)", "", "warning", "can't agree with itself", "ensemble(3*model)"),
    ("verify[agreement](3*m)", "verifier", "warning", "sees one candidate at a time", "cascade"),
    ("cascade[agreement{extract=nmber}](ensemble(3*m), n)", "accept", "error", "not known", ""),
    # verifiers
    ("verify[v, votes=2](3*m)", "", "info", "may tie", "Try 3"),
    ("verify[number, votes=3](3*m)", "", "info", "says the same each time", ""),
    ("verify[number{at_least=2, at_most=1}](3*m)", "verifier", "error", "no number", ""),
    ('verify[regex{pattern="["}](3*m)', "verifier", "error", "no regular expression", ""),
    ("filter[json-schema](3*m)", "verifier", "info", "any JSON", ""),
    ("verify[python-tests](3*m)", "verifier", "warning", "runs code, which is not allowed", "--allow-code"),
    ("verify[command{run=[x]}](3*m)", "verifier", "warning", "runs code", "--allow-code"),
    ('verify[python-tests{tests="assert ("}](3*m)', "verifier", "error", "no valid Python", ""),
    ('verify[command{run=[" "]}](3*m)', "verifier", "error", "no program", ""),
    # chains and rounds
    ("chain(m)", "", "info", "a chain of one step", ""),
    ("ensemble(3*m) >> n", "", "info", "only the first to finish", "carry=candidates"),
    ("debate[rounds=1](3*m)", "", "info", "nobody reads the others", ""),
    ("refine[c](3*m)", "", "info", "only the first answer", ""),
    ("$laconic-10", "", "info", "is not resolved", ""),
]


@pytest.mark.parametrize(("text", "path", "severity", "message", "hint"), SAID)
def test_it_is_said(text: str, path: str, severity: str, message: str, hint: str) -> None:
    fitting = [p for p in found(text) if p.path == path and message in p.message]
    assert len(fitting) == 1
    assert fitting[0].severity == severity
    assert hint in fitting[0].hint


@pytest.mark.parametrize(
    "text",
    [
        "m@0",
        "5*m",
        "5*m@0.7",
        "race(2*m)",
        "race[take=2](3*m)",
        "judge[j](2*m)",
        "vote[extract=number](3*m)",
        "vote[extract='regex:(\\d+)'](3*m)",
        "vote[extract=number, weights=verifier](filter[v](3*m))",
        "ensemble[quorum=3](3*m)",
        "cascade[agreement](ensemble(3*m), n)",
        "cascade[v](m, n)",
        "route[r](code: m, else: n)",
        "a >> b",
        "chain[carry=candidates](ensemble(3*m), n)",
        "verify[v, votes=3](3*m)",
        'judge[j, prompt="@judge"](3*m)',
        "refine[c](m)",
        "debate(3*m)",
    ],
)
def test_what_is_fine_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_code_that_is_allowed_is_no_problem() -> None:
    assert found("verify[python-tests](3*m)", allow_code=True) == []


class TestModels:
    def test_an_unknown_one(self) -> None:
        (one,) = check(parse_system("ensemble(small, nobody)"), Known())
        assert (one.path, one.severity) == ("of.1", "warning")
        assert "nobody can't be called" in one.message
        assert "workbench models" in one.hint

    def test_one_without_a_key_says_which(self) -> None:
        (one,) = check(parse_system("nokey"), Known())
        assert one.message == "needs LAB_KEY"

    def test_one_whose_context_is_too_small(self) -> None:
        (one,) = check(parse_system("small{max_tokens=2000}"), Known())
        assert "max_tokens 2,000 is more than the model's context of 1,000" in one.message

    def test_a_race_of_thinking_among_models_that_do_not_think(self) -> None:
        assert check(parse_system("race[rule=thinking](2*thinker)"), Known()) == []
        (one,) = check(parse_system("race[rule=thinking](2*thinker, small)"), Known())
        assert one.severity == "info"
        assert "small is not known to think" in one.message

    def test_without_a_catalogue_nothing_is_said_of_models(self) -> None:
        assert found("nobody") == []


class TestLimits:
    def test_more_than_a_thousand_calls_ask_first(self) -> None:
        assert found("ensemble(1000*m)") == []
        (one,) = found("ensemble(1001*m)")
        assert (one.severity, one.path) == ("ask", "")
        assert "up to 1,001 calls" in one.message
        assert "max_usd" in one.hint

    def test_copies_of_copies_multiply(self) -> None:
        assert "1,100 calls" in found("judge[j](10*race(109*m), 9*m)")[0].message
        assert found("10*ensemble(10*ensemble(10*m))") == []

    def test_a_deep_tree(self) -> None:
        def deep(levels: int) -> System:
            node: AnyNode = Model(model="m", replicas=2)
            for _ in range(levels - 1):
                node = Race(of=(node, Model(model="n")))
            return System(root=node)

        assert check(deep(12)) == []
        (one,) = check(deep(13))
        assert "13 levels deep" in one.message


def test_a_systems_own_extractor_is_checked() -> None:
    (one,) = check(System(root=Model(model="m"), extract="nmber"))
    assert one.severity == "error"


def test_a_schema_from_a_file_is_checked_like_one_in_notation() -> None:
    node = Verify(verifier=JsonSchema(schema={"type": "object"}), of=(Model(model="m", replicas=2),))
    assert check(System(root=node)) == []


@settings(max_examples=examples(60), deadline=None)
@given(trees.systems)
def test_any_tree_is_checked_and_errors_come_first(system: System) -> None:
    severities = [problem.severity for problem in check(system, Known())]
    assert severities == sorted(severities, key=["error", "ask", "warning", "info"].index)
    paths = {path for path, _ in walk(system.root)}
    assert {problem.path for problem in check(system, Known())} <= paths
