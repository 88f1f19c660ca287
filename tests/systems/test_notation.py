"""One line of notation: it says every tree, reads back what it printed, and its errors say what to do."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws import examples
from tests.systems import trees
from workbench.errors import NotationError
from workbench.systems.nodes import (
    Agreement,
    AnyTest,
    Branch,
    Cascade,
    Chain,
    Filter,
    Judge,
    Model,
    Number,
    Race,
    Ref,
    Regex,
    Route,
    Verify,
    Vote,
)
from workbench.systems.notation import parse, parse_system, parse_test, print_node, print_pretty

PROPOSED = {
    "race(10*deepseek/deepseek-reasoner@0.8)": Race(
        of=(Model(model="deepseek/deepseek-reasoner", temperature=0.8, replicas=10),)
    ),
    "vote[tie=shortest](race[take=3, rule=thinking](8*r1))": Vote(
        tie="shortest", of=(Race(take=3, rule="thinking", of=(Model(model="r1", replicas=8),)),)
    ),
    "judge[openai/gpt-4o](9*openai/gpt-4o-mini@0.7)": Judge(
        judge=Model(model="openai/gpt-4o"), of=(Model(model="openai/gpt-4o-mini", temperature=0.7, replicas=9),)
    ),
    "judge[o3](3*verify[haiku](5*sonnet))": Judge(
        judge=Model(model="o3"),
        of=(Verify(verifier=Model(model="haiku"), of=(Model(model="sonnet", replicas=5),), replicas=3),),
    ),
    "vote(filter[haiku](9*gpt-4o-mini))": Vote(
        of=(Filter(verifier=Model(model="haiku"), of=(Model(model="gpt-4o-mini", replicas=9),)),)
    ),
    "cascade[haiku](gpt-4o-mini, o3)": Cascade(
        accept=Model(model="haiku"), of=(Model(model="gpt-4o-mini"), Model(model="o3"))
    ),
    "route[haiku](code: sonnet, math: o3, else: mini)": Route(
        router=Model(model="haiku"),
        branches=(
            Branch(label="code", to=Model(model="sonnet")),
            Branch(label="math", to=Model(model="o3")),
            Branch(label="else", to=Model(model="mini")),
        ),
    ),
    'a{system="Rewrite the question in fewer words"} >> b': Chain(
        steps=(Model(model="a", system="Rewrite the question in fewer words"), Model(model="b"))
    ),
    "$laconic-10": Ref(ref="laconic-10"),
}


@pytest.mark.parametrize("text", PROPOSED)
def test_every_proposed_line_reads_and_prints_as_it_is(text: str) -> None:
    assert parse(text) == PROPOSED[text]
    assert print_node(PROPOSED[text]) == text  # type: ignore[arg-type]


@settings(max_examples=examples(250), deadline=None)
@given(trees.tests)
def test_printing_and_parsing_are_inverses(node: AnyTest) -> None:
    line = print_node(node)
    assert parse_test(line) == node
    assert line.isprintable()


@settings(max_examples=examples(60), deadline=None)
@given(trees.tests)
def test_a_broken_line_says_the_same(node: AnyTest) -> None:
    assert parse_test(print_pretty(node, width=20)) == node


def test_breaking_keeps_to_the_width_where_it_can() -> None:
    node = parse("judge[o3](3*verify[haiku, votes=3](5*sonnet), vote(9*openai/gpt-4o-mini@0.7))")
    pretty = print_pretty(node, width=40)
    assert max(map(len, pretty.splitlines())) <= 40
    assert print_pretty(node, width=400) == print_node(node)


@pytest.mark.parametrize(
    ("text", "name", "temperature"),
    [
        ("openai/gpt-4o", "openai/gpt-4o", None),
        ("openrouter/deepseek/deepseek-r1:free@0.6", "openrouter/deepseek/deepseek-r1:free", 0.6),
        ("bedrock/anthropic.claude-3-haiku-20240307-v1:0", "bedrock/anthropic.claude-3-haiku-20240307-v1:0", None),
        ("vertex_ai/claude-3-5-sonnet@20240620", "vertex_ai/claude-3-5-sonnet@20240620", None),
        ("vertex_ai/claude-3-5-sonnet@20240620@0.3", "vertex_ai/claude-3-5-sonnet@20240620", 0.3),
        ("gpt-4.1@1", "gpt-4.1", 1.0),
        ("gpt-4.1@.5", "gpt-4.1", 0.5),
        ("3b-model", "3b-model", None),
        ('"lab/model@2"', "lab/model@2", None),
        ('"lab/model@2"@0.5', "lab/model@2", 0.5),
        ("'a b'@0.5", "a b", 0.5),
        ("m {temperature: 0.5}", "m", 0.5),
        ('"race"', "race", None),
    ],
)
def test_names_of_models_may_hold_slashes_dots_colons_hyphens_and_ats(
    text: str, name: str, temperature: float | None
) -> None:
    assert parse(text) == Model(model=name, temperature=temperature)


def test_a_colon_with_a_blank_ends_a_label_and_one_without_belongs_to_the_name() -> None:
    route = parse('route[r](code: m:free, "two words" "what belongs here": n:free@0.5, else: k)')
    assert isinstance(route, Route)
    assert [(b.label, b.when, b.to) for b in route.branches] == [
        ("code", "", Model(model="m:free")),
        ("two words", "what belongs here", Model(model="n:free", temperature=0.5)),
        ("else", "", Model(model="k")),
    ]


def test_a_count_binds_more_than_an_arrow() -> None:
    assert parse("3*a >> b") == Chain(steps=(Model(model="a", replicas=3), Model(model="b")))
    assert parse("3*(a >> b)") == Chain(steps=(Model(model="a"), Model(model="b")), replicas=3)
    assert parse("3×a") == parse("3 * a") == Model(model="a", replicas=3)


def test_a_chain_in_a_chain_stays_one() -> None:
    nested = Chain(steps=(Chain(steps=(Model(model="a"), Model(model="b"))), Model(model="c")))
    assert parse("(a >> b) >> c") == nested != parse("a >> b >> c")
    assert print_node(nested) == "(a >> b) >> c"


def test_checks_stand_where_a_verifier_does() -> None:
    node = parse(r"verify[regex{pattern='\d+ km'}](a)")
    assert node == Verify(verifier=Regex(pattern=r"\d+ km"), of=(Model(model="a"),))
    assert parse("cascade[agreement{at_least=0.75}](a, b)") == Cascade(
        accept=Agreement(at_least=0.75), of=(Model(model="a"), Model(model="b"))
    )
    assert parse_test("number{at_least=0}") == Number(at_least=0)


def test_whole_numbers_are_printed_without_a_fraction() -> None:
    node = Race(of=(Model(model="a", timeout=30.0),), grace=2.0)
    assert print_node(node) == "race[grace=2](a{timeout=30})"


def test_blanks_and_line_breaks_mean_nothing_outside_quotes() -> None:
    assert parse(" race\n[ take = 2 ,]\n( 3 * a ,\n b , ) ") == parse("race[take=2](3*a, b)")


def test_a_system_without_a_name_stands_around_the_node() -> None:
    assert parse_system("a").root == Model(model="a")
    assert parse_system("a").name == ""


ERRORS = [
    ("", 1, 1, "nothing is written here", "a model", "race(5*gpt-4o-mini)"),
    ("rce(3*a)", 1, 1, "no operator 'rce'", "race", "Did you mean 'race'?"),
    ("race[tke=3](a)", 1, 6, "race has no option 'tke'", "take", "Did you mean 'take'?"),
    ("race[take=0](a)", 1, 11, "a whole number of at least 1, not 0", "a whole number of at least 1", ""),
    ("race[rule=thinkin](a)", 1, 11, "one of first, thinking, shortest", "thinking", "Did you mean 'thinking'?"),
    ("race(3*a", 1, 9, "the text ends here", "')'", "'(' at line 1, column 5 is never closed"),
    ("race(\n  3*a\n", 2, 6, "the text ends here", "')'", "'(' at line 1, column 5 is never closed"),
    ("a b", 1, 3, "'b' can't stand here", "'>>'", ""),
    ("judge(3*a)", 1, 1, "judge needs its judge in square brackets", "'['", "judge[judge]"),
    ("judge[a, b](c)", 1, 10, "takes one judge", "", "round brackets"),
    ("race[a](b)", 1, 6, "takes options in its square brackets", "", "take"),
    ("race{take=3}(a)", 1, 13, "'(' can't stand here", "'>>'", "square brackets: race[take=3]"),
    ("route[r](sonnet)", 1, 10, "needs a label", "a label and ':'", "a space after the colon"),
    ("judge[a](x: b)", 1, 10, "children without labels", "", "Only route has labels"),
    ("number", 1, 1, "only where a verifier does", "", 'write "number" in quotes'),
    ("verify[3*number](a)", 1, 8, "a check is asked once", "", "votes=3"),
    ("verify[regex](a)", 1, 8, "regex needs pattern", "", "regex{pattern=…}"),
    ("number(a)", 1, 1, "a check and has no children", "", "number{…}"),
    ("race", 1, 1, "race is an operator", "'('", 'write "race" in quotes'),
    ("0*a", 1, 1, "the count must be at least 1", "", ""),
    ("2*race[replicas=3](a)", 1, 1, "already has a count", "", "6*"),
    ("race(m@7)", 1, 7, "a number from 0 to 5", "a number from 0 to 5", ""),
    ('"m"@0.5{temperature=1}', 1, 9, "temperature is given twice", "", ""),
    ("a{temprature=1}", 1, 3, "a model has no option 'temprature'", "temperature", "Did you mean 'temperature'?"),
    ("$x@0.3", 1, 3, "no temperature of its own", "", "inside that system"),
    ('race("a)', 1, 6, "this quote is never closed", "a closing quote", ""),
    (r'a{system="\d"}', 1, 10, "unknown backslash escape", "", "single quotes"),
    ("a{system=x, system=y}", 1, 13, "system is given twice", "", ""),
    ("a{extra={k=1, k=2}}", 1, 15, "k is given twice", "", ""),
    ("a # b", 1, 3, "'#' can't stand here", "the end", "quotes"),
    ("x: y", 1, 2, "':' can't stand here", "'>>'", ""),
]


@pytest.mark.parametrize(("text", "line", "column", "message", "expected", "hint"), ERRORS)
def test_an_error_says_where_what_was_expected_and_what_to_do(
    text: str, line: int, column: int, message: str, expected: str, hint: str
) -> None:
    with pytest.raises(NotationError) as caught:
        parse(text)
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert error.where == f"line {line}, column {column}"
    assert message in error.message
    assert expected in ", ".join(error.expected)
    assert hint in error.hint


@settings(max_examples=examples(300), deadline=None)
@given(st.text(alphabet="ab1*@.:${}[]()\"\\'=,>~ \n×", max_size=20))
def test_whatever_is_typed_gives_a_node_or_an_error_that_points_into_the_text(text: str) -> None:
    try:
        node = parse(text)
    except NotationError as error:
        lines = [*text.split("\n"), ""]
        pointed_at = 1 <= error.line < len(lines) and 1 <= error.column <= len(lines[error.line - 1]) + 1
    else:
        pointed_at = parse(print_node(node)) == node
    assert pointed_at


def test_what_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(NotationError, match="nested more than 100 deep"):
        parse("race(" * 3000 + "a" + ")" * 3000)
