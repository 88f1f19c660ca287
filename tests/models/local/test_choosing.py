"""Probabilities of choices from those of first tokens."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from workbench.models.base import Delta, Done, Message, Request
from workbench.models.local.choosing import body, chunks, of_choices


def test_tokens_that_fit_no_choice_are_left_out() -> None:
    assert of_choices(("A", "B"), [("A", 0.3), ("The", 0.6), ("B", 0.1)]) == {"A": 0.3 / 0.4, "B": 0.1 / 0.4}


def test_parts_of_one_choice_add_up() -> None:
    shares = of_choices(("accept", "reject"), [("acc", 0.5), ("a", 0.1), ("accept", 0.2), ("rej", 0.2)])
    assert math.isclose(shares["accept"], 0.8)


def test_first_tokens_that_fit_several_choices_give_no_probabilities() -> None:
    assert of_choices(("accept", "accord"), [("acc", 0.9), ("acce", 0.1)]) == {}
    assert of_choices(("A", "B"), []) == {}


@given(
    st.lists(st.sampled_from("ABCD"), min_size=2, unique=True),
    st.lists(st.tuples(st.text(max_size=2), st.floats(0, 1))),
)
def test_probabilities_are_a_distribution_over_the_choices_or_nothing(
    choices: list[str], first: list[tuple[str, float]]
) -> None:
    shares = of_choices(tuple(choices), first)
    assert not shares or (set(shares) == set(choices) and math.isclose(sum(shares.values()), 1))
    assert all(0 <= share <= 1 for share in shares.values())


def request(*choices: str, temperature: float | None = None) -> Request:
    said = (Message("user", "?"),)
    return Request(model="local/m", messages=said, choices=choices, temperature=temperature, seed=7)


def test_the_grammar_quotes_what_the_choices_hold() -> None:
    said = json.loads(body(request('say "yes"', "a\\b\n"), 3))
    assert said["grammar"] == r'root ::= "say \"yes\"" | "a\\b\n"'
    assert (said["id_slot"], said["seed"], said["temperature"]) == (3, 7, 1)


def test_at_temperature_zero_the_likeliest_is_the_answer() -> None:
    top = [{"token": "A", "prob": 0.8}, {"token": "B", "prob": 0.2}]
    answer = {
        "choices": [{"message": {"content": "B"}, "logprobs": {"content": [{"top_probs": top}]}}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 1},
    }
    drawn = chunks(json.dumps(answer).encode(), request("A", "B", temperature=0.7))
    likeliest = chunks(json.dumps(answer).encode(), request("A", "B", temperature=0))
    assert [chunk.text for chunk in (*drawn, *likeliest) if isinstance(chunk, Delta)] == ["B", "A"]
    done = drawn[-1]
    assert isinstance(done, Done)
    assert done.finish_reason == "stop"
    assert done.usage.source == "reported"
    assert math.isclose(done.choice_probabilities["A"], 0.8)
