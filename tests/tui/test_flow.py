"""Growing text: wrapped piece by piece it looks as if it had come at once."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from textual.content import Content

from workbench.tui.widgets.flow import Wrapped

PIECES = st.lists(st.text(alphabet="ab c.\n猫é", max_size=9), max_size=30)


@example(["  a", "a "], 2)
@example(["b\n  a", "a "], 2)
@example(["猫a ", " a", "a"], 2)
@given(PIECES, st.integers(min_value=2, max_value=12))
def test_text_that_grows_is_wrapped_as_if_it_had_come_at_once(pieces: list[str], width: int) -> None:
    growing, text = Wrapped(), ""
    for piece in pieces:
        text += piece
        assert [line.plain for line in growing.lay(Content(text), width)] == [
            line.plain for line in Content(text).wrap(width)
        ]


def test_another_text_and_another_width_are_wrapped_anew() -> None:
    growing = Wrapped()
    growing.lay(Content("one two three"), 5)
    assert [line.plain for line in growing.lay(Content("four two"), 5)] == ["four", "two"]
    assert [line.plain for line in growing.lay(Content("four two"), 8)] == ["four two"]
