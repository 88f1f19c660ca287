"""What a comparison's table, word diff and blind ballot say. Pure."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.tui.compare_scripted import SINGLE, one_call
from tests.tui.scripted import long_run
from workbench.engine import events as e
from workbench.engine.view import RunView
from workbench.tui.blind import Pair, Side, ballot, tags
from workbench.tui.outcomes import Judged, Outcome, outcome, rows, why_unranked
from workbench.tui.widgets.compare_answers import pieces
from workbench.tui.word_diff import MOST_WORDS, word_diff


def made(turn: int = 0, **changes: object) -> Outcome:
    base = Outcome(
        run=f"run{turn}",
        turn=turn,
        kind="real",
        status="done",
        reason="",
        answer="It is 42.",
        key="42",
        cost=2_000_000_000,
        estimated=False,
        waste=0,
        first_token=400_000_000,
        answered=2_000_000_000,
        tokens=100,
        calls=1,
        score=None,
        score_name="",
    )
    return replace(base, **changes)


def row(columns: list[list[Outcome]], title: str, judged: tuple[Judged, ...] = (), live: bool = False) -> list[str]:
    """A row's cells as text: `median (range)`, `*` behind the best."""
    found = next(row for row in rows(columns, 3, judged, live=live) if row.title == title)
    return [f"{c.text}{f' ({c.range})' if c.range else ''}{'*' if c.best else ''}" for c in found.cells]


def test_a_run_becomes_an_outcome() -> None:
    found = outcome(RunView().apply_all(long_run()), 2)
    assert (found.turn, found.key, found.calls, found.score, found.score_name) == (2, "42", 11, 0.58, "entropy")
    assert found.answered == 8103 * 10**6
    assert found.first_token == 410 * 10**6
    single = outcome(RunView().apply_all(one_call(SINGLE)), 0)
    assert (single.tokens, single.score, single.waste) == (164, None, 0)


def test_a_run_without_an_end_is_interrupted() -> None:
    found = outcome(RunView().apply_all(one_call(SINGLE)[:-1]), 0)
    assert found.status == "interrupted"
    assert not found.counts
    assert found.answered is None


def test_medians_and_ranges_over_repeats() -> None:
    slow = [made(turn, answered=(2 + turn) * 10**9) for turn in range(3)]
    assert row([slow, [made()]], "answer after") == ["3.0 s (2.0 s to 4.0 s)", "2.0 s*"]


def test_one_unknown_cost_makes_the_median_unknown_and_nothing_best() -> None:
    assert row([[made(), made(1, cost=None)], [made()]], "cost") == ["?", "$0.00200"]


def test_an_estimate_is_marked_and_free_is_not() -> None:
    guessed = [made(estimated=True), made(1, estimated=True, cost=4_000_000_000)]
    assert row([guessed, [made(cost=0, estimated=True)]], "cost") == ["~$0.00300 (0.00200 to 0.00400)", "$0.00*"]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ([made(kind="simulated")], "real and simulated runs are not ranked together"),
        ([made(kind="recorded")], "real and recorded runs are not ranked together"),
        ([made(answer=None, status="failed")], "a run has no answer"),
        ([made(status="cancelled")], "a system has no finished run"),
        ([], "a system has no finished run"),
    ],
)
def test_what_cannot_be_compared_is_not_ranked(other: list[Outcome], why: str) -> None:
    columns = [[made()], [replace(each, cost=1) for each in other]]
    assert why_unranked(columns) == why
    assert not any(cell.best for found in rows(columns, 1) for cell in found.cells)


def test_nothing_is_ranked_in_mid_run() -> None:
    assert row([[made()], [made(cost=1)]], "cost", live=True) == ["$0.00200", "<$0.01"] or not any(
        "*" in cell for cell in row([[made()], [made(cost=1)]], "cost", live=True)
    )


def test_a_kind_that_is_not_real_has_a_row() -> None:
    assert row([[made()], [made(kind="simulated")]], "kind") == ["real", "simulated"]
    assert all(found.title != "kind" for found in rows([[made()], [made()]], 1))


def test_runs_that_were_stopped_count_for_no_figure() -> None:
    columns = [[made(), made(1, status="cancelled", cost=1, answer=None)], [made()]]
    assert row(columns, "cost") == ["$0.00200", "$0.00200"]
    assert row(columns, "done") == ["1 of 3, 1 stopped", "1 of 3"]


def test_scores_of_different_names_are_not_ranked() -> None:
    one, other = [made(score=0.5, score_name="entropy")], [made(score=0.2, score_name="entropy")]
    assert row([one, other], "disagreement") == ["0.50 (entropy)", "0.20 (entropy)*"]
    named = [made(score=0.2, score_name="spread")]
    assert row([one, named], "disagreement") == ["0.50 (entropy)", "0.20 (spread)"]
    assert row([one, [made()]], "disagreement") == ["0.50 (entropy)", "–"]


def test_answer_keys_are_counted() -> None:
    several = [made(), made(1), made(2, key="41")]
    assert row([several, [made(key=None)]], "answer key") == ["42 ×2, 41 ×1", "no key"]


def test_grades_rank_only_where_all_are_graded() -> None:
    right, wrong = made(grade="right"), made(1, grade="wrong")
    assert row([[right, wrong], [right]], "grade") == ["1 right 1 wrong", "1 right*"]
    assert row([[right, made(1)], [wrong]], "grade") == ["1 right", "1 wrong"]
    assert row([[made(grade="skip")], [made()]], "grade") == ["1 skipped", "?"]


def test_blind_verdicts_have_a_row_once_there_are_some() -> None:
    judged = (Judged(2, 1, 3), Judged(0, 1, 3))
    assert row([[made()], [made()]], "blind: better", judged) == ["2 of 3, 1 tied*", "0 of 3, 1 tied"]


# Word diff


def test_words_that_differ_are_told_apart() -> None:
    diff = word_diff("The answer is 42.", "The answer is 43!")
    assert pieces(diff).plain == "The answer is [-42.-]{+43!+}"
    assert 0 < diff.likeness < 1


def test_a_reworded_stretch_is_one_change() -> None:
    assert pieces(word_diff("two small cats sleep", "three big dogs sleep")).plain == (
        "[-two small cats-]{+three big dogs+} sleep"
    )


def test_equal_texts_have_no_change() -> None:
    diff = word_diff("same\ntext", "same\ntext")
    assert pieces(diff).plain == "same\ntext"
    assert diff.likeness == 1


def test_nothing_is_lost_of_either_text() -> None:
    one, two = "a b\n\nc  d e", "a x\n\nc d f"
    found = word_diff(one, two).pieces
    assert "".join(piece.text for piece in found if piece.change != "new") == one
    assert "".join(piece.text for piece in found if piece.change != "gone") == two


def test_long_texts_are_compared_by_line() -> None:
    long = "".join(f"line {n}\n" for n in range(MOST_WORDS))
    diff = word_diff(long, long + "more\n")
    assert diff.by_line
    assert [piece.text for piece in diff.pieces if piece.change == "new"] == ["more\n"]


def test_a_diff_of_hostile_text_has_no_escapes() -> None:
    assert "\x1b" not in pieces(word_diff("\x1b[31mred", "\x1b]0;title\x07blue")).plain


# Blind judging


def columns(count: int, turns: int) -> list[list[Outcome]]:
    return [
        [made(turn, run=f"{lane}.{turn}", answer=f"{lane} says {turn}") for turn in range(turns)]
        for lane in range(count)
    ]


def test_every_pair_of_a_repeat_is_judged_once() -> None:
    drawn = ballot(columns(3, 4), seed=1)
    assert len(drawn.pairs) == 12
    assert all(pair.left.outcome.turn == pair.right.outcome.turn for pair in drawn.pairs)
    assert len({frozenset((p.left.outcome.run, p.right.outcome.run)) for p in drawn.pairs}) == 12


def test_order_and_sides_come_from_the_seed() -> None:
    first, same, other = (ballot(columns(2, 30), seed) for seed in (1, 1, 2))
    assert first.pairs == same.pairs
    assert first.pairs != other.pairs
    assert {pair.left.lane for pair in first.pairs} == {0, 1}


def test_pairs_that_say_the_same_are_left_out() -> None:
    drawn = ballot([[made()], [made(run="other", answer="It is 42. ")]], seed=1)
    assert (drawn.pairs, drawn.alike) == ((), 1)


def test_answers_that_are_missing_make_no_pair() -> None:
    assert ballot([[made(answer=None)], [made()]], seed=1).pairs == ()


def test_tags_of_a_verdict() -> None:
    pair = Pair(Side(0, made(run="a")), Side(1, made(run="b")))
    assert tags(pair, "left") == [("a", "blind:better:b")]
    assert tags(pair, "right") == [("b", "blind:better:a")]
    assert tags(pair, "tie") == [("a", "blind:tie:b"), ("b", "blind:tie:a")]
    assert tags(pair, "skip") == []


def test_the_script_is_a_sound_run() -> None:
    assert isinstance(one_call(SINGLE)[-1], e.RunFinished)
