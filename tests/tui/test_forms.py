"""What a form shows of a schema and reads back: the two are inverses for every field of every node."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws import examples
from tests.systems.trees import systems
from workbench.models.base import ModelInfo, Prices
from workbench.systems import notation
from workbench.systems.nodes import System
from workbench.systems.tree import walk
from workbench.tui import forms, grafts, model_words
from workbench.tui.screens.form import ranked

ROUTE = System(root=notation.parse("route[a/haiku](code: a/sonnet, else: a/mini)"))


@settings(max_examples=examples(50))
@given(systems)
def test_what_is_shown_reads_back_as_what_it_was(system: System) -> None:
    for path, _ in walk(system.root):
        assert forms.apply(system, path, read(forms.entries_of(system, path))) == system
    assert forms.apply_to_system(system, read(forms.entries_of_system(system))) == system


def read(entries: list[forms.Entry]) -> dict[str, object]:
    """All boxes; an empty text and none look the same in one."""
    return {entry.key: entry.read(entry.text) for entry in entries if entry.value != "" or entry.field.default == ""}


@given(st.text())
def test_no_text_breaks_a_form(text: str) -> None:
    for entry in (*forms.entries_of(ROUTE, "branches.0"), *forms.entries_of_system(ROUTE)):
        if not entry.error(text):
            entry.read(text)


def entry(line: str, key: str) -> forms.Entry:
    return next(e for e in forms.entries_of(System(root=notation.parse(line)), "") if e.key == key)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("temperature", ".8", 0.8),
        ("temperature", "", None),
        ("timeout", "none", None),
        ("timeout", "", 600.0),
        ("stop", "a, b", ("a", "b")),
        ("stop", '["a,b"]', ("a,b",)),
        ("extra", '{"top_k": 4}', {"top_k": 4}),
        ("reasoning_effort", "none", "none"),
        ("reasoning_effort", "", None),
        ("system", " kept as it is\n", " kept as it is\n"),
    ],
)
def test_reading(key: str, text: str, value: object) -> None:
    assert entry("a/b", key).read(text) == value


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("temperature", "hot", "number 0 – 5"),
        ("temperature", "nan", "number 0 – 5"),
        ("replicas", "0", "whole number ≥ 1"),
        ("replicas", "2.5", "whole number ≥ 1"),
        ("top_p", "2", "number > 0, ≤ 1"),
        ("model", "", "needed"),
        ("extra", "{", "a JSON object"),
    ],
)
def test_errors_are_short(key: str, text: str, words: str) -> None:
    assert entry("a/b", key).error(text) == words


def test_a_branch_of_a_route_has_its_label_and_when() -> None:
    keys = [e.key for e in forms.entries_of(ROUTE, "branches.0")]
    assert keys[:3] == ["branch/label", "branch/when", "model"]
    changed = forms.apply(ROUTE, "branches.0", {"branch/label": "prose", "temperature": 0.5})
    assert notation.print_node(changed.root) == "route[a/haiku](prose: a/sonnet@0.5, else: a/mini)"


@pytest.mark.parametrize("kind", ["number", "regex", "python-tests"])
def test_checks_have_forms_too(kind: str) -> None:
    system = grafts.change(System(root=notation.parse("verify[a/b](3*c/d)")), "verifier", kind).system
    assert forms.entries_of(system, "verifier")


def test_models_in_a_line() -> None:
    info = ModelInfo(
        name="openai/gpt-4o",
        provider="litellm",
        endpoint="openai",
        prices=Prices(input=2_500_000, output=10_000_000),
        context=128_000,
        available=False,
        problem="no key: set OPENAI_API_KEY",
    )
    assert " ".join(model_words.entry(info, 70).plain.split()) == "openai/gpt-4o $2.50 / $10.00 128k key missing"
    unknown = ModelInfo(name="lab/x", provider="lab", endpoint="lab")
    assert model_words.entry(unknown, 70).plain.split() == ["lab/x", "?", "?"]
    free = Prices(input=0, output=0)
    assert (model_words.price(free), model_words.context(1_000_000), model_words.context(512)) == ("free", "1M", "512")
    near = [unknown, info]
    assert [found.name for found in ranked(near, "GPT-4o")] == ["openai/gpt-4o", "lab/x"]
