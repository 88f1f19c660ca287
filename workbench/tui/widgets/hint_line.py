"""The line above the keys in which a hint stands; nothing where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget

from workbench.tui.widgets.pane import Part, line


class HintLine(Widget):
    """One line. A click hides it."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._said = Content("")
        self.display = False

    def show(self, parts: Sequence[Part] | None) -> None:
        """This, or nothing."""
        self.display = parts is not None
        self._said = line(*(parts or ()))
        self.refresh()

    def render(self) -> Content:
        """The hint."""
        return self._said.truncate(self.content_size.width, ellipsis=True)

    async def on_click(self) -> None:
        """Read."""
        await self.app.run_action("app.hide_hint")
