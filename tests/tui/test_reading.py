"""What is worked out of a RunView."""

from __future__ import annotations

from msgspec import structs

from tests.tui.scripted import PRICES, long_run, until
from workbench.engine import events as e
from workbench.engine.view import RunView
from workbench.tui import states
from workbench.tui.reading import Frame, agreement, median, siblings, standing, totals
from workbench.tui.widgets.focus import RENDERED, request
from workbench.tui.widgets.money import call_money


def at(ms: int) -> RunView:
    return RunView().apply_all(until(long_run(), ms))


def test_standing_ranks_by_finish_and_knows_who_was_chosen() -> None:
    there = standing(at(9000))
    assert there.rank == {"c1": 1, "c2": 2, "c3": 3}
    assert there.won == {"c1", "c2", "c3", "j1"}
    assert there.candidate["c3"].key == "41"


def test_nobody_has_won_before_a_selection() -> None:
    assert standing(at(6200)).won == frozenset()


def test_agreement_is_counted_until_it_is_scored() -> None:
    soon = agreement(at(6200))
    assert soon is not None
    assert soon.scored is None
    assert [(share.key, share.count) for share in soon.clusters] == [("42", 2)]
    assert (soon.answered, soon.asked) == (2, 10)
    later = agreement(at(9000))
    assert later is not None
    assert later.scored is not None
    assert [(share.key, share.count) for share in later.clusters] == [("42", 2), ("41", 1)]
    assert (later.answered, later.asked, later.node) == (3, 10, "of.0")


def test_no_answers_no_agreement() -> None:
    assert agreement(at(1000)) is None


def test_first_and_shortest_are_compared_by_key() -> None:
    assert agreement(at(6200)).first_is_shortest is True  # type: ignore[union-attr]
    assert agreement(at(9000)).first_is_shortest is False  # type: ignore[union-attr]


def test_abstentions_are_counted() -> None:
    events = [
        event if not isinstance(event, e.CandidateMade) or event.candidate.id != "k2" else keyless(event)
        for event in until(long_run(), 6200)
    ]
    found = agreement(RunView().apply_all(events))
    assert found is not None
    assert (found.answered, found.abstained) == (2, 1)


def keyless(event: e.CandidateMade) -> e.CandidateMade:
    return e.CandidateMade(
        t=event.t,
        candidate=e.Candidate(
            id="k2", node=event.candidate.node, status="done", calls=event.candidate.calls, completion_tokens=304
        ),
    )


def test_totals_of_a_finished_run_are_its_calls_sums() -> None:
    view = at(9000)
    sums = totals(Frame(view))
    assert sums.cost == sum(call.cost or 0 for call in view.calls.values())
    assert sums.waste == view.waste()
    assert sums.single == view.calls["c2"].cost
    assert sums.everything is not None
    assert sums.everything > (sums.cost or 0)
    assert sums.unknown == 0
    assert sums.estimated


def test_totals_of_a_running_run_estimate_from_what_came() -> None:
    view = at(5000)
    priced = totals(Frame(view, live=True, price_of=lambda model: PRICES))
    unpriced = totals(Frame(view, live=True))
    assert priced.cost
    assert priced.estimated
    assert unpriced.unknown == 9
    assert priced.waste is None


def test_median_is_the_lower_one() -> None:
    assert median([]) is None
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2


def test_siblings_are_the_calls_of_the_same_node() -> None:
    view = at(9000)
    assert len(siblings(view, view.calls["c1"])) == 10
    assert len(siblings(view, view.calls["j1"])) == 1


def test_the_run_s_state_in_a_word() -> None:
    assert str(states.of_run(RunView(), live=False)) == "· idle"
    assert str(states.of_run(at(100), live=True)) == "◌ starting"
    assert str(states.of_run(at(5000), live=True)) == "● streaming"
    assert str(states.of_run(at(5000), live=False)) == "✗ interrupted"
    assert str(states.of_run(at(9000), live=False)) == "✓ done"


def mixed() -> RunView:
    """The long run, its replicas 2 to 10 simulated."""
    events = [
        structs.replace(x, kind="simulated")
        if isinstance(x, e.CallQueued) and x.call.startswith("c") and x.call != "c1"
        else x
        for x in until(long_run(), 9000)
    ]
    return RunView().apply_all(events)


def test_simulated_money_is_never_added_to_real_money() -> None:
    view = mixed()
    sums, calls = totals(Frame(view, price_of=lambda model: PRICES)), view.calls
    real = [calls["c1"].cost or 0, calls["j1"].cost or 0]
    assert sums.cost == sum(real) == view.known_cost()
    assert sums.unknown == 0
    assert sums.estimated is False
    assert sums.single == calls["c1"].cost
    assert sums.everything == sum(real)
    assert sums.tokens == sum(call.tokens for call in calls.values())


def test_made_up_money_is_called_so_call_by_call() -> None:
    calls = mixed().calls
    assert "this call · simulated money" in call_money(calls["c2"]).plain
    assert "money" not in call_money(calls["c1"]).plain


def test_of_a_very_long_request_the_beginning_is_shown() -> None:
    call = at(9000).calls["c1"]
    message = structs.replace(call.request.messages[0], content="y" * (RENDERED + 5))
    call.request = structs.replace(call.request, messages=(message,))
    shown = request(call).plain
    assert "… 5 characters after this" in shown
    assert shown.count("y") < RENDERED + 50
