"""Jump mode as it is seen: a letter on every pane, over the screen as it stands. The letter goes there, any other key
stays."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from workbench.tui.jump import Goal, goals
from workbench.tui.screens.dialog import Dialog
from workbench.tui.widgets.pane import line


class Label(Static):
    """The key of one place, where the place is. A click does what the key does."""

    ALLOW_SELECT = False

    def __init__(self, goal: Goal) -> None:
        super().__init__(goal.key if goal.there else f" {goal.key} ", markup=False)
        self.goal = goal
        self.styles.position = "absolute"
        self.styles.offset = goal.at


class Jump(Dialog[Goal | None]):
    """Dismissed with the place that was chosen."""

    ANY_KEY_ENDS_IT: ClassVar[bool] = True

    def __init__(self, below: Screen[Any]) -> None:
        super().__init__()
        self._size = below.size
        self._goals = goals(below)

    def compose(self) -> ComposeResult:
        """The labels, and what to do."""
        for goal in self._goals:
            yield Label(goal)
        words = (
            ("letter", "$brand"),
            (" goes there", "$muted"),
            "   ",
            ("number", "$brand"),
            (" to a screen", "$muted"),
        )
        yield Static(line(*words, "   ", ("Esc", "$brand"), (" stays", "$muted")), id="jump-hint")

    def on_key(self, event: events.Key) -> None:
        """One key, whatever it is, ends it."""
        event.stop()
        event.prevent_default()
        self.dismiss(next((goal for goal in self._goals if goal.key == event.character), None))

    def on_click(self, event: events.Click) -> None:
        """A label leads where it stands; anywhere else stays."""
        widget = event.widget
        self.dismiss(widget.goal if isinstance(widget, Label) else None)

    def on_resize(self, event: events.Resize) -> None:
        """In a window of another size the panes are elsewhere."""
        if event.size != self._size:
            self.dismiss(None)
