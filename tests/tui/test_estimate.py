"""The outlook before a run: calls, cost and time from prices, the prompt's size and past calls; nodes' problems."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.tui.piloting import bench, seen, settle
from tests.tui.scripted import Puppet, long_run
from tests.tui.test_editing import at, press
from workbench.engine.budget import by_length
from workbench.errors import LedgerError
from workbench.ledger.past_calls import PastCalls
from workbench.models.base import Prices
from workbench.systems import notation
from workbench.tui.estimate import Estimate, Span, estimate, middle
from workbench.tui.services import Doubt, Forecast
from workbench.tui.widgets.outlook import Outlook, cost_text, figures_of, time_text
from workbench.tui.widgets.prompt_box import PromptText
from workbench.tui.widgets.system_tree import SystemTree

S = 1_000_000_000
PRICES = {"a/x": Prices(input=10, output=100), "a/free": Prices(input=0, output=0), "a/odd": Prices(input=10)}
PAST = {"a/x": PastCalls(tokens=(50, 100), ns=(2 * S, 4 * S)), "a/free": PastCalls(tokens=(10,), ns=(S,))}
PROMPT = "x" * 368  # 92 tokens and 8 of the frame


def guess(line: str) -> Estimate:
    return estimate(notation.parse(line), PROMPT, PRICES.get, PAST)


@pytest.mark.parametrize(
    ("line", "cost", "ns"),
    [
        ("a/x", (6_000, 11_000), (2, 4)),
        ("ensemble(3*a/x)", (18_000, 33_000), (2, 4)),
        ("race(3*a/x)", (18_000, 33_000), (2, 4)),
        ("race[stagger=1.0](a/x, a/x)", (6_000, 22_000), (2, 4)),
        ("a/x >> a/x", (12_000, 22_000), (4, 8)),
        ("judge[a/x](a/free)", (6_100, 11_100), (3, 5)),
        ("verify[a/x](2*a/free)", (6_100, 22_200), (3, 5)),
        ("verify[number](2*a/free)", (0, 0), (1, 1)),
        ("cascade[number](a/free, a/x)", (0, 11_000), (1, 5)),
        ("route[a/free](one: a/free, else: a/x)", (0, 11_000), (2, 5)),
        ("refine[number, rounds=2](a/x)", (6_000, 33_000), (2, 12)),
        ("debate[rounds=2](2*a/x)", (12_000, 44_000), (2, 8)),
        ("a/unknown", None, None),
        ("a/odd", None, None),
        ("ensemble(a/x, a/unknown)", None, None),
        ("$saved", None, None),
    ],
)
def test_by_kind(line: str, cost: tuple[int, int] | None, ns: tuple[int, int] | None) -> None:
    found = guess(line)
    assert found.cost == (None if cost is None else Span(*cost))
    assert found.ns == (None if ns is None else Span(ns[0] * S, ns[1] * S))


def test_max_tokens_bounds_what_no_past_call_tells() -> None:
    root = notation.parse("a/x{max_tokens=60}")
    assert estimate(root, PROMPT, PRICES.get, {}).cost == Span(1_100, 7_000)
    assert estimate(root, PROMPT, PRICES.get, PAST).cost == Span(6_000, 7_000)
    assert estimate(notation.parse("a/x"), PROMPT, PRICES.get, {}).cost is None


def test_parts() -> None:
    assert middle(()) is None
    assert middle(tuple(range(1, 12))) == Span(2, 10)
    assert (by_length(len("")), by_length(len("abcde"))) == (0, 2)


def test_words() -> None:
    assert cost_text(None) == "?"
    assert cost_text(Span(0, 0)) == "$0.00"
    assert cost_text(Span(2_100_000_000, 6_000_000_000)) == "~$0.00210 – $0.00600"
    assert time_text(Span(4_100_000_000, 9 * S)) == "~4.1 – 9.0 s"
    assert time_text(Span(9 * S, 130 * S)) == "~9.0 s – 2 m 10 s"
    assert time_text(Span(S, S)) == "~1.0 s"
    said = [row.plain for row in figures_of(Forecast(2, 5), Estimate(), wide=False)]
    assert said == ["before firing", "2 – 5 calls   cost ?", "time ?   no past calls"]


async def test_the_outlook_asks_the_ledger_and_follows_the_prompt() -> None:
    asked: list[Sequence[str]] = []

    def past(models: Sequence[str]) -> dict[str, PastCalls]:
        asked.append(models)
        return {model: PastCalls((300, 300), (4 * S, 9 * S)) for model in models}

    async with bench(Puppet(long_run()), past_calls=past) as pilot:
        await settle(pilot)
        before = seen(pilot, Outlook)
        assert "from 4 past calls" in before
        assert "11 calls   ~$" in before
        assert asked == [("anthropic/claude-sonnet-4-5", "deepseek/deepseek-reasoner")]
        pilot.app.screen.query_one(PromptText).text = "long " * 4000
        await settle(pilot)
        assert seen(pilot, Outlook) != before
        await press(pilot, "ctrl+r")
        await settle(pilot)
        assert len(asked) > 1


async def test_a_ledger_that_can_t_be_read_leaves_the_figures_unknown() -> None:
    def past(models: Sequence[str]) -> dict[str, PastCalls]:
        raise LedgerError("locked")

    async with bench(past_calls=past) as pilot:
        await settle(pilot)
        assert "cost ?" in seen(pilot, Outlook)


async def test_problems_stand_on_their_nodes_and_those_of_the_selected_one_come_first() -> None:
    doubts = (
        Doubt("warning", "no such model", "judge"),
        Doubt("error", "take is too much", "of.0", "Take fewer."),
        Doubt("info", "a remark", "of.0/of.0"),
    )
    async with bench(forecast=lambda system, allow_code: Forecast(1, 1, doubts)) as pilot:
        await settle(pilot)
        assert [row[:2] for row in seen(pilot, SystemTree).splitlines()] == [" ▾", "!├", "✗└", "  "]
        assert "Take fewer" not in seen(pilot, Outlook)
        await at(pilot, "of.0")
        said = seen(pilot, Outlook)
        assert said.index("take is too much") < said.index("no such model")
        assert "Take fewer." in said
        await press(pilot, "home", "space")
        assert seen(pilot, SystemTree).startswith("!▸")


async def test_a_small_window_tells_problems_where_the_tree_is_open() -> None:
    doubts = (Doubt("warning", "no such model", "judge"),)
    async with bench(size=(80, 24), forecast=lambda system, allow_code: Forecast(1, 1, doubts)) as pilot:
        await press(pilot, "alt+t")
        assert "no such model" in seen(pilot, Outlook)
