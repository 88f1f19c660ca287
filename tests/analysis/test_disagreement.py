"""Disagreement scores: their laws, and the free-text case."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws import examples
from workbench.analysis.answers import Key, extract
from workbench.analysis.clusters import cluster
from workbench.analysis.disagreement import Disagreement, score
from workbench.analysis.similarity import _ASCII_WORD, Sketches, _many, similarity, words


def _score(*texts: str) -> Disagreement:
    return score([(f"c{i}", text, extract(text)) for i, text in enumerate(texts)])


def test_entropy_and_minority_by_hand() -> None:
    result = _score("42", "42", "41", "42.0")
    assert result.headline == "entropy"
    assert result.scores["minority"] == pytest.approx(0.25)
    assert result.scores["entropy"] == pytest.approx(0.5623351 / 1.3862944)
    assert [c.key for c in result.clusters] == ["42", "41"]
    assert result.clusters[0].members == ("c0", "c1", "c3")
    assert "4 candidates" in result.note


def test_abstentions_stand_beside() -> None:
    keys = [("a", "", Key("1", "number")), ("b", "", Key("1", "number")), ("c", "x", Key(None))]
    result = score(keys)
    assert result.abstained == ("c",)
    assert result.n == 2
    assert result.score == 0


def test_a_number_joins_itself_with_a_unit() -> None:
    clusters = cluster([(str(i), Key(v, "final")) for i, v in enumerate(["42 apples", "42", "7", "42 apple"])])
    assert [c.members for c in clusters] == [("0", "1", "3"), ("2",)]
    ambiguous = cluster([(v, Key(v, "final")) for v in ("5 km", "5 m", "5")])
    assert len(ambiguous) == 3


def test_free_text_compares_wording() -> None:
    ship = (
        "Ships float because the water they displace weighs as much as they do, which Archimedes found out long ago. "
    )
    other = "Iron is denser than water; hollow hulls lower the average density of a vessel until buoyancy carries it. "
    same, mixed = _score(ship * 2, ship * 2, ship * 2), _score(ship * 2, other * 2, ship * 2)
    assert same.headline == mixed.headline == "dissimilarity"
    assert same.score == 0
    assert 0 < mixed.score < 1
    assert [len(c.members) for c in mixed.clusters] == [2, 1]


def test_free_text_with_other_last_numbers_differs() -> None:
    text = "First multiply seventeen by twenty-three step by step and then simply read off what the product is, namely "
    assert len(_score(f"{text}391", f"{text}381").clusters) == 2


def test_all_abstaining_falls_back_to_the_texts() -> None:
    result = score([("a", "one two", Key(None)), ("b", "one two", Key(None)), ("c", "three", Key(None))])
    assert result.headline == "dissimilarity"
    assert result.abstained == ("a", "b", "c")


def test_equivalence_is_pluggable() -> None:
    texts = ["long text " * 30 + c for c in "abc"]
    result = score([(t[-1], t, extract(t)) for t in texts], equivalent=lambda a, b: {a[-1], b[-1]} == {"a", "b"})
    assert [c.members for c in result.clusters] == [("a", "b"), ("c",)]


def test_headline_can_be_named_but_not_invented() -> None:
    keyed = [(str(i), c, Key(c, "final")) for i, c in enumerate("aab")]
    assert score(keyed, headline="minority").score == pytest.approx(1 / 3)
    with pytest.raises(ValueError, match="dissimilarity"):
        score(keyed, headline="dissimilarity")


def test_one_candidate_cannot_disagree() -> None:
    with pytest.raises(ValueError, match="at least two"):
        _score("42")


candidates = st.lists(st.sampled_from(["1", "2", "1.0", "2 km", "Paris", "paris", None]), min_size=2, max_size=12)


@given(candidates, st.randoms(use_true_random=False))
def test_scores_are_in_range_and_do_not_depend_on_the_order(values: list[str | None], rng: random.Random) -> None:
    given_ = [(str(i), v or "", Key(v, "final" if v else "")) for i, v in enumerate(values)]
    shuffled = rng.sample(given_, len(given_))
    first, second = score(given_), score(shuffled)
    assert all(0 <= value <= 1 for value in first.scores.values())
    assert first.scores == pytest.approx(second.scores)
    assert [(c.key, set(c.members)) for c in first.clusters] == [(c.key, set(c.members)) for c in second.clusters]


@given(st.integers(2, 30))
def test_all_same_is_0_and_all_different_is_1(n: int) -> None:
    assert _score(*["42"] * n).score == 0
    assert _score(*[f"answer {i}" for i in range(n)]).score == pytest.approx(1)


@given(st.text(max_size=200), st.text(max_size=200))
def test_similarity_is_symmetric_and_in_range(a: str, b: str) -> None:
    assert 0 <= similarity(a, b) <= 1
    assert similarity(a, b) == similarity(b, a)
    assert similarity(a, a) == 1


def test_a_hundred_long_candidates_are_quick() -> None:
    rng = random.Random(1)
    vocabulary = [f"word{i}" for i in range(3000)]
    texts = [" ".join(rng.choices(vocabulary, k=500)) for _ in range(100)]
    keyed = [(str(i), text, extract(text)) for i, text in enumerate(texts)]
    start = time.process_time()
    score(keyed)
    assert time.process_time() - start < 2


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.text(alphabet="ab1.,é 中", max_size=30), min_size=2, max_size=30))
def test_many_texts_are_compared_as_few_are(texts: list[str]) -> None:
    assert _many(texts) == Sketches._few(texts)


@given(st.text(alphabet="aB1.,_- \t\x0b\x1f", max_size=40))
def test_words_without_decimals_are_split_as_the_pattern_finds_them(text: str) -> None:
    assert words(text) == _ASCII_WORD.findall(text.lower())
