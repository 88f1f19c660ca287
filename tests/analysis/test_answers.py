"""Answer keys: every case that the contract names, and those that other tools get wrong."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.answers import Key, canonical, code_block, equal, extract, parse_kind
from workbench.analysis.canonical import is_digest
from workbench.errors import InputError

ABCD = ("A", "B", "C", "D")


@pytest.mark.parametrize(
    ("text", "value", "rule"),
    [
        ("**Answer:** 42", "42", "final"),
        ("so\nFinal answer: **42**.", "42", "final"),
        ("Answer:\n\n42", "42", "final"),
        ("**Final Answer**\n\n\\boxed{\\frac{1}{2}}", "\\frac{1}{2}", "boxed"),
        ("first \\boxed{1}, no: \\boxed{x^{2} + \\text{a}}", "x^{2} + \\text{a}", "boxed"),
        ("work\n#### 1,234", "1,234", "final"),
        ("The answer is 42, because 6*7 = 42.", "42", "final"),
        ("Final answer: 42. This follows from 6*7.", "42", "final"),
        ("Answer: $5 (five dollars)", "$5", "final"),
        ("Final answer: 3, 4, 5", "3, 4, 5", "final"),
        ("Verdict: <1>", "1", "final"),
        ("Final answer: 17 + 5 - 9 = 13", "13", "final"),
        ("Final answer: The train's speed is 80 km/h.", "80 km/h", "final"),
        ("Final answer: There are 13 sheep left.", "13 sheep left", "final"),
        ("Final answer: x^2 + y^2 = 25", "x^2 + y^2 = 25", "final"),
        ("Answer: 1\nWait.\nAnswer: 2", "2", "final"),
        ("It is 7 or so", "It is 7 or so", "text"),
    ],
)
def test_auto_records_which_rule_fired(text: str, value: str, rule: str) -> None:
    assert extract(text) == Key(value, rule)


def test_a_heading_is_no_answer() -> None:
    assert extract("### Step 1: set up", "final") == Key(None, "")


@pytest.mark.parametrize("kind", ["auto", "choice"])
def test_an_article_is_no_choice(kind: str) -> None:
    assert extract("A train travels 60 km in an hour.", kind, choices=ABCD).value != "A"
    assert extract("I would say so.", "choice").value is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("I think (B) is right", "B"),
        ("B) Paris", "B"),
        ("**B. Paris**", "B"),
        ("The correct answer is C.", "C"),
        ("Option A is wrong. I pick D.", "D"),
        ("b", "B"),
        ("Final answer: (c)", "C"),
        ("\\boxed{\\text{D}}", "D"),
        ("Answer: A because it fits", "A"),
        ("Reasons.\n\nA", "A"),
    ],
)
def test_choice_letters(text: str, value: str) -> None:
    assert extract(text, choices=ABCD).value == value
    assert extract(text, "choice", choices=ABCD).value == value


def test_choices_in_words() -> None:
    assert extract("I say Paris, surely", choices=("Paris", "Rome")).value == "Paris"
    assert extract("Answer: B", choices=("Paris", "Rome")).value == "Rome"
    assert extract("Paris or Rome", "choice", choices=("Paris", "Rome")).value is None
    assert extract("not likely", "choice", choices=("likely", "not likely")).value == "not likely"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6 × 7 = 42", "42"),
        ("the total is 42 apples.\n\n1. a note\n2. another", "42"),
        ("x = -3", "-3"),
        ("it is 10-3", "3"),
        ("it costs $1,234.50.", "$1,234.50"),
        ("about 15 % of it", "15 %"),
        ("Hence $x = \\frac{3}{4}$.", "3/4"),
        ("it takes 1 1/2 cups", "1 1/2"),
        ("between 5 and 1e3", "1e3"),
    ],
)
def test_last_number(text: str, value: str) -> None:
    assert extract(text, numeric=True) == Key(value, "number")
    assert extract(text, "number") == Key(value, "number")


def test_a_numeric_task_reads_the_number_of_a_stated_answer() -> None:
    assert extract("Final answer: Ann has 13 sheep", numeric=True) == Key("13", "final")


def test_numbers_abstain_without_one() -> None:
    assert extract("none at all", "number") == Key(None, "")


def test_thinking_is_no_answer() -> None:
    assert extract("<think>Final answer: 3</think>\nThe final answer is 4") == Key("4", "final")
    assert extract("Final answer: 3 </think> Answer: 5") == Key("5", "final")
    assert extract("<think>Final answer: 3") == Key(None, "")


def test_similar_solutions_with_other_ends_differ() -> None:
    solution = "First we multiply seventeen by twenty-three, carefully, and then we read off the product. " * 5
    first, second = (extract(f"{solution}Final answer: {n}") for n in (391, 381))
    assert first.value is not None
    assert second.value is not None
    assert not equal(first.value, second.value)


def test_long_text_becomes_a_short_key() -> None:
    text = "Ships float because they displace water. " * 200
    key = extract(text)
    assert key.rule == "text"
    assert key.value is not None
    assert is_digest(key.value)
    assert equal(key.value, text.upper())
    assert not equal(key.value, text + "not")


def test_code_is_the_last_block_normalised() -> None:
    old = "```python\nreturn 1\n```\n"
    a, b = "```python\n# sum\ndef f():\n\treturn 2\n```", "text\n```\n  def f():\n      return 2   \n\n```"
    first, second = extract(old + a, "code"), extract(b, "code")
    assert first.value == second.value
    assert first.rule == "code"
    assert extract(old, "code").value != first.value
    assert extract("no block", "code").value is None
    assert code_block("x\n~~~py\na\n```\nb\n~~~\n") == "a\n```\nb\n"
    assert code_block("```py\nunclosed") == "unclosed"


def test_json_paths() -> None:
    text = 'Here \\frac{1}{2}: {"a": {"b": [1, "two"]}, "n": null} as asked'
    assert extract(text, "json:a.b[1]") == Key("two", "json")
    assert extract(text, "json:$.a.b.0") == Key("1", "json")
    assert extract('```json\n{"a": {"y": 1, "x": 2}}\n```', "json:a").value == '{"x": 2, "y": 1}'
    for path in ("n", "c", "a.b.7", "a.b.x"):
        assert extract(text, f"json:{path}").value is None


def test_regex_takes_the_last_match_and_stops_in_time() -> None:
    assert extract("k: 1, k: 2", r"regex:k: (\d)") == Key("2", "regex")
    assert extract("x=3 y=4", r"regex:(?P<v>x)=(?P<answer>\d)").value == "3"
    start = time.monotonic()
    assert extract("a" * 60 + "!", "regex:^(a+)+$").value is None
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("kind", ["", "bogus", "json", "regex:", "regex:(", "number:3", "model"])
def test_bad_kinds_say_what_is_known(kind: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_kind(kind)
    assert caught.value.where


def test_model_kinds_are_the_engines() -> None:
    assert parse_kind("model:openai/gpt-4o").needs_model
    assert parse_kind("model:openai/gpt-4o").argument == "openai/gpt-4o"
    assert not parse_kind("auto").needs_model
    with pytest.raises(InputError):
        extract("x", "model:m")


@pytest.mark.parametrize(
    "same",
    [
        ("1,000", "1000", "1000.0", "1 000", "1e3", "1 × 10³", "1_000"),
        ("0.5", "1/2", "½", ".5", "\\frac{1}{2}", "\\dfrac12", "$\\frac{1}{2}$", "0.50", "2/4"),
        ("1.5", "1½", "1 1/2", "3/2", "1\\frac{1}{2}"),
        ("$5", "5 dollars", "\\$5", "$5.00", "USD 5"),
        ("50%", "50 %", "50\\%", "50 percent", "50 per cent"),
        ("80 km/h", "80 kilometers per hour", "80 kmh", "80\\text{ km/h}"),
        ("-3", "−3", "x = -3", "(-3)"),
        ("Paris", "paris.", "**Paris**", "The Paris", "\\text{Paris}", "ＰＡＲＩＳ", '"Paris"'),
        ("U.S.A.", "USA"),
        ("\\frac{\\sqrt{3}}{2}", "√3/2", "sqrt(3)/2"),
        ("forty-two", "42", "\\boxed{42}"),
        ("7 million", "7,000,000"),
        ("(1, 2)", "(1,2)"),
        ("90^\\circ", "90°", "90 degrees"),
        ("13 sheep", "13 sheep left", "13 sheep total"),
    ],
)
def test_the_same_answer(same: tuple[str, ...]) -> None:
    assert {canonical(value) for value in same} == {canonical(same[0])}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("391", "381"),
        ("5 km", "5 m"),
        ("x-1", "x+1"),
        ("[1, 2]", "(1, 2)"),
        ("10²", "102"),
        ("1½", "11/2"),
        ("1,2", "12"),
        ("$5", "€5"),
        ("5", "5th"),
        ("Hepatitis A virus", "Hepatitis B virus"),
        ("A", "B"),
        ("1/3", "0.3333"),
        ("3 PM", "3 AM"),
    ],
)
def test_other_answers(a: str, b: str) -> None:
    assert not equal(a, b)


def test_a_number_equals_itself_with_a_unit() -> None:
    assert equal("42", "42 apples")
    assert equal("5", "$5")
    assert equal("50%", "50")
    assert equal("50%", "0.5")
    assert not equal("50", "0.5")


answers = st.one_of(
    st.text(max_size=40),
    st.integers().map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.fractions().map(str),
    st.text(alphabet="$\\{}()[]<>*_.,:;%-/^ 0123456789abfrctexodm½²×", max_size=30),
)


@given(answers, answers)
def test_equal_is_symmetric(a: str, b: str) -> None:
    assert equal(a, b) == equal(b, a)


@given(answers)
def test_canonical_is_idempotent_and_equal_to_its_source(a: str) -> None:
    assert canonical(canonical(a)) == canonical(a)
    assert equal(a, canonical(a))


@given(st.integers(-(10**12), 10**12))
def test_numbers_agree_however_they_are_written(n: int) -> None:
    assert canonical(f"{n:,}") == canonical(str(n)) == canonical(f"{n}.0") == canonical(f"**{n}**") == str(n)


@given(st.text(max_size=300), st.sampled_from(["auto", "text", "final", "boxed", "number", "choice", "code", "json:a"]))
def test_any_text_has_a_key_that_says_something_or_abstains(text: str, kind: str) -> None:
    key = extract(text, kind, choices=ABCD)
    assert (key.value is None) == (key.rule == "")
    assert key.value is None or key.value.strip()


@pytest.mark.parametrize("share", [pytest.param(1, marks=pytest.mark.slow), 4])
@pytest.mark.parametrize(
    ("unit", "times", "end"),
    [
        ("\\boxed{", 50_000, ""),
        ("{", 300_000, ""),
        ("[1,", 100_000, ""),
        (". ", 200_000, ""),
        (".", 400_000, "x"),
        (" ", 400_000, "x"),
        ("\n", 400_000, "x"),
        ("```x\n", 80_000, ""),
        ("1 ", 200_000, ""),
        ("9", 400_000, ""),
        ("9,", 200_000, ""),
        ("answer: ", 50_000, ""),
        ("answer:\n", 50_000, ""),
        ("*", 400_000, ""),
        ("*a", 200_000, ""),
        ("$a", 200_000, ""),
        ("\\frac{", 60_000, ""),
        ("<think>", 60_000, ""),
        ("(A", 200_000, ""),
    ],
    ids=lambda part: repr(part).strip("'"),
)
def test_hostile_text_takes_no_long_time(unit: str, times: int, end: str, share: int) -> None:
    """The whole length in CI, a quarter of it in a quarter of the time elsewhere."""
    text = unit * (times // share) + end
    start = time.process_time()
    for kind in ("auto", "number", "choice", "code", "json:a", "final", "text"):
        extract(text, kind, choices=ABCD, numeric=True)
    assert time.process_time() - start < 6 / share
