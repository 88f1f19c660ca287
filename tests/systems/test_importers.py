"""Systems of other tools: what they mean comes over, what can't is said, what is broken is refused with a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws import examples
from workbench.errors import SystemFileError
from workbench.systems.convert import from_archon, from_ember, from_moa
from workbench.systems.notation import parse, print_node


@pytest.mark.parametrize(
    ("spec", "notation"),
    [
        ("3:E:gpt-4o:0.7", "3*gpt-4o@0.7"),
        ("3:E:openai:gpt-4o:0.7", "3*openai/gpt-4o@0.7"),
        ("3:UE:openai/gpt-4o", "3*openai/gpt-4o"),
        ("3:E:gpt-4o:0.7, 1:J:gpt-4o:0", "judge[gpt-4o@0](3*gpt-4o@0.7)"),
        ("3:E:gpt-4o:0.7; 1:JF:o3", "judge[o3](3*gpt-4o@0.7)"),
        ("3:E:gpt-4o:0.7\n1:J:o3\n", "judge[o3](3*gpt-4o@0.7)"),
        ('["3:E:gpt-4o:0.7", "1:MC"]', "vote(3*gpt-4o@0.7)"),
        ("['3:E:a', '2:E:b', '1:M']", "vote(3*a, 2*b)"),
        ("3E@openai/gpt-4o(temp=0.7), 1J@openai/o3", "judge[openai/o3](3*openai/gpt-4o@0.7)"),
        ("3E!crowd@openai/gpt-4o(temp=0.7, max_tokens=100)", "3*openai/gpt-4o@0.7{label=crowd, max_tokens=100}"),
        ('["2:E:a", ["2:E:b", "1:J:j"], "1:MC"]', "vote(2*a, judge[j](2*b))"),
        (
            '[["3:E:a:0.7", "1:J:j"], ["3:E:b:0.7", "1:J:j"], "1:J:o3"]',
            "judge[o3](judge[j](3*a@0.7), judge[j](3*b@0.7))",
        ),
        ('{"spec": ["$crowd", "1:J:j"], "components": {"crowd": ["2:E:a", "2:E:b"]}}', "judge[j](ensemble(2*a, 2*b))"),
    ],
)
def test_ember(spec: str, notation: str) -> None:
    made = from_ember(spec)
    assert print_node(made.system.root) == notation
    assert made.lost == ()
    assert made.system.source


def test_a_list_is_taken_as_it_is() -> None:
    assert from_ember(["3:E:a", ["2:E:b", "1:MC"], "1:J:j"]) == from_ember('["3:E:a", ["2:E:b", "1:MC"], "1:J:j"]')


@pytest.mark.parametrize(
    ("spec", "notation", "lost"),
    [
        ("3:E:a, 1:V:v", "verify[v](3*a)", "Ember's verifier may correct an answer"),
        ("3E@a(temp=9)", "3*a", "temp"),
        ("3E@a(logit_bias=1)", "3*a", "logit_bias"),
        ("2:E:a, 1:J:j, 3:E:b", None, "follows a settled stage"),
        ('{"spec": ["2:E:a"], "flows": ["a -> b"]}', "2*a", "flow 'a -> b'"),
    ],
)
def test_what_ember_can_not_hand_over_is_said(spec: str, notation: str | None, lost: str) -> None:
    made = from_ember(spec)
    assert any(lost in message for message in made.lost)
    if notation is not None:
        assert print_node(made.system.root) == notation


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("", "nothing is written here"),
        ("hello", "is no stage"),
        ("3:X:gpt-4o", "no type 'X'"),
        ("1:J:gpt-4o", "has no candidates before it"),
        ("3:E:", "needs a model"),
        ("[", "neither JSON nor a list"),
        ("[]", "no stages"),
        ("[5]", "neither a stage nor a list"),
        ("3E@a(temp)", "key=value"),
        ('["$nobody", "1:J:j"]', "no component '$nobody'"),
        ('{"spec": ["$a"], "components": {"a": ["$a"]}}', "refer to each other"),
        ('{"nodes": []}', "needs `spec`"),
        ("[" * 80 + '"1:E:a"' + "]" * 80, "nested more than 50 deep"),
    ],
)
def test_what_ember_would_not_take_is_refused(spec: str, message: str) -> None:
    with pytest.raises(SystemFileError) as caught:
        from_ember(spec)
    assert message in caught.value.message
    assert caught.value.where == "ember"


def component(kind: str, model: str = "gpt-4o", **fields: Any) -> dict[str, Any]:
    return {"type": kind, "model": model, "model_type": "OpenAI_API", **fields}


def archon(*layers: list[dict[str, Any]], **fields: Any) -> str:
    return json.dumps({"name": "mine", "layers": list(layers), **fields})


GENERATORS = [component("generator", samples=5, temperature=0.7, max_tokens=2048, top_k=1)]


@pytest.mark.parametrize(
    ("config", "notation"),
    [
        (archon(GENERATORS), "5*openai/gpt-4o@0.7{max_tokens=2048}"),
        (archon(GENERATORS, [component("fuser", "o3")]), "judge[openai/o3](5*openai/gpt-4o@0.7{max_tokens=2048})"),
        (archon(GENERATORS, [component("verifier", "o3")]), "filter[openai/o3](5*openai/gpt-4o@0.7{max_tokens=2048})"),
        (
            archon(GENERATORS, [component("ranker", "o3", top_k=1)]),
            "judge[openai/o3, mode=rank](5*openai/gpt-4o@0.7{max_tokens=2048})",
        ),
        (
            archon([component("generator", "a"), component("generator", "b")], [component("fuser", "c")]),
            "judge[openai/c](openai/a, openai/b)",
        ),
        (
            archon(
                [component("generator", "a"), component("generator", "b")],
                [component("fuser", "a"), component("fuser", "b")],
                [component("fuser", "c")],
            ),
            "judge[openai/c](chain[carry=candidates](ensemble(openai/a, openai/b), ensemble(openai/a, openai/b)))",
        ),
    ],
)
def test_archon(config: str, notation: str) -> None:
    made = from_archon(config)
    assert print_node(made.system.root) == notation
    assert made.lost == ()
    assert made.system.name == "mine"


@pytest.mark.parametrize(
    ("config", "lost"),
    [
        (archon(GENERATORS, [component("critic")], [component("fuser")]), "layer 2: critic gpt-4o"),
        (archon(GENERATORS, [component("unit_test_generator")]), "layer 2: unit_test_generator"),
        (archon(GENERATORS, [component("ranker", top_k=2)]), "each is scored alone, best 2 kept"),
        (archon(GENERATORS, custom=True), "custom = True"),
        (archon([{"type": "generator", "model": "m", "model_type": "Nobody"}]), "model_type 'Nobody'"),
        (archon([component("generator", prompt="x")]), "prompt = 'x'"),
    ],
)
def test_what_archon_can_not_hand_over_is_said(config: str, lost: str) -> None:
    assert any(lost in message for message in from_archon(config).lost)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("", "nothing is written"),
        ("[]", "an object with a list `layers`"),
        ('{"layers": 3}', "an object with a list `layers`"),
        ('{"layers": []}', "no layer generates"),
        ('{"layers": [5]}', "layer 1 is no list of components"),
        (archon([component("dreamer")]), "no component 'dreamer'"),
        (archon([component("fuser")]), "a fuser has no candidates before it"),
        (archon([{"type": "generator"}]), "a generator needs a model"),
        (archon(GENERATORS, [component("ranker", top_k="many")]), "top_k is a whole number"),
    ],
)
def test_what_archon_would_not_take_is_refused(config: str, message: str) -> None:
    with pytest.raises(SystemFileError) as caught:
        from_archon(config)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("config", "notation"),
    [
        (
            {"reference_models": ["a", "b"], "aggregator_model": "c", "layers": 3},
            "chain[carry=candidates](ensemble(a, b), ensemble(a, b), c)",
        ),
        (
            {"reference_models": ["a"], "aggregator": "c", "num_layers": 2, "temperature": 0.7, "max_tokens": 99},
            "chain[carry=candidates](a@0.7{max_tokens=99}, c@0.7{max_tokens=99})",
        ),
        ({"layers": [["a", "b"], ["c"]]}, "chain[carry=candidates](ensemble(a, b), c)"),
        ([["a", "b"], "c"], "chain[carry=candidates](ensemble(a, b), c)"),
    ],
)
def test_moa(config: Any, notation: str) -> None:
    made = from_moa(json.dumps(config))
    assert print_node(made.system.root) == notation
    assert made.lost == ()
    assert from_moa(config) == made


def test_what_moa_can_not_hand_over_is_said() -> None:
    made = from_moa({"layers": [["a"], ["b"]], "rounds": 2})
    assert made.lost == ("rounds = 2 (it has no counterpart)",)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("x", "is an object"),
        ({"layers": 0}, "from 1 to 100"),
        ({"layers": 3}, "layer 1 is no list of model names"),
        ({"layers": []}, "no layers"),
        ({"layers": [[5]]}, "layer 1 is no list of model names"),
    ],
)
def test_what_moa_would_not_take_is_refused(config: Any, message: str) -> None:
    with pytest.raises(SystemFileError) as caught:
        from_moa(config)
    assert message in caught.value.message


@settings(max_examples=examples(100), deadline=None)
@given(
    st.recursive(
        st.none() | st.integers(-3, 3) | st.text(alphabet="3:EJVM@()=,$ab[]{}\"'", max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["layers", "type", "model", "spec", "components", "name", "samples"]), inner, max_size=3
            )
        ),
        max_leaves=6,
    )
)
def test_anything_is_taken_or_refused(source: object) -> None:
    for read in (from_ember, from_archon, from_moa):
        try:
            made = read(source)
        except SystemFileError:
            continue
        assert parse(print_node(made.system.root)) == made.system.root
