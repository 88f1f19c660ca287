"""The outline of a system and what it says of a run."""

from __future__ import annotations

import pytest

from tests.tui.scripted import long_run, race_and_judge, until
from workbench.engine.view import RunView
from workbench.systems import notation, tree
from workbench.tui import outline

SYSTEMS = (
    "judge[openai/o3](3*verify[a/haiku](5*a/sonnet))",
    "route[a/haiku](code: a/sonnet, math: openai/o3, else: a/mini)",
    'verify[regex{pattern="42"}](2*a/b)',
    "a/b >> c/d",
    "vote(filter[a/haiku](9*openai/gpt-4o-mini))",
)


@pytest.mark.parametrize("line", SYSTEMS)
def test_every_node_has_a_row_at_its_path(line: str) -> None:
    root = notation.parse(line)
    assert [row.path for row in outline.rows(root)] == [path for path, _ in tree.walk(root)]


def test_the_guides_show_whose_child_a_node_is() -> None:
    rows = outline.rows(notation.parse(SYSTEMS[0]))
    assert [f"{row.guide}{row.role} {row.name}".replace(" ", " ") for row in rows] == [
        "▾  judge",
        "├── judge o3",
        "└─▾  verify",
        "  ├── verifier haiku",
        "  └──  sonnet",
    ]


def test_a_folded_node_hides_what_is_inside_and_says_how_much() -> None:
    rows = outline.rows(notation.parse(SYSTEMS[0]), {"of.0"})
    shown = [(row.path, row.inside, row.folded) for row in rows]
    assert shown == [("", 4, False), ("judge", 0, False), ("of.0", 2, True)]
    assert rows[-1].guide == "└─▸ "


def test_a_route_s_rows_carry_their_labels() -> None:
    assert [row.role for row in outline.rows(notation.parse(SYSTEMS[1]))] == ["", "router", "code", "math", "else"]


def test_activity_in_mid_run_and_at_the_end() -> None:
    root = race_and_judge().root
    said = {path: f"{look.glyph} {words}" for path, (look, words) in outline.activity(root, at(5000)).items()}
    assert said == {"": "◐ waits", "of.0": "● 0 of 3", "of.0/of.0": "● 9 live"}
    said = {path: words for path, (_, words) in outline.activity(root, at(9000)).items()}
    assert said == {"": "done", "judge": "done", "of.0": "done", "of.0/of.0": "3 of 10"}


def at(ms: int) -> RunView:
    return RunView().apply_all(until(long_run(), ms))
