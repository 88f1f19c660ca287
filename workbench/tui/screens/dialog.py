"""What all dialogs share: each is left once, and says whether text would be lost with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.widgets import Input, TextArea


class Dialog(ModalScreen[ScreenResultType]):
    """Keys that were typed ahead of what they do reach a dialog that has gone; Textual would let the screen below go
    in its place. One that ends by itself under another screen waits for that to go."""

    ANY_KEY_ENDS_IT: ClassVar[bool] = False

    RESTS: ClassVar[bool] = False
    """Whether what is typed is there again after Esc, once the dialog is opened anew."""
    touched: Callable[[], None] = staticmethod(lambda: None)
    """Called at each change of what is typed."""
    given: Mapping[str, str] = {}
    """What was typed in it before and is to be gone on with."""
    _styled = False
    _waiting: tuple[ScreenResultType | None] | None = None

    def texts(self) -> dict[str, str]:
        """What is typed and nowhere else yet, by its box."""
        return {}

    def put_back(self, texts: Mapping[str, str]) -> None:
        """Type this again."""

    @property
    def unapplied(self) -> bool:
        """Whether text was typed that is nowhere else yet."""
        return bool(self.texts())

    def on_compose(self) -> None:
        """Begin with the classes of the window's size: Textual tells of it once all stands, and styles all anew."""
        stops = [*(self.app.HORIZONTAL_BREAKPOINTS or ()), *(self.app.VERTICAL_BREAKPOINTS or ())]
        sizes = {name for _, name in stops}
        below = self.app.screen_stack[-2:-1]
        self.add_class(*(name for screen in below for name in screen.classes & sizes), update=False)

    def on_mount(self) -> None:
        """Go on with what was typed before."""
        if self.given:
            self.put_back(self.given)

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _touch(self) -> None:
        self.touched()

    @property
    def gone(self) -> bool:
        """Whether it has been left."""
        return self not in self.app.screen_stack

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave, with this result."""
        if self.gone:
            return AwaitComplete()
        if self.app.screen is not self:
            self._waiting = (result,)
            return AwaitComplete()
        return super().dismiss(result)

    @on(events.ScreenResume)
    def _come(self, event: events.ScreenResume) -> None:
        """What stood above is gone; or it has just come, and each widget was styled as it did."""
        event.refresh_styles, self._styled = event.refresh_styles and self._styled, True
        if self._waiting is not None:
            self.dismiss(self._waiting[0])


def unapplied(screen: Screen[Any]) -> bool:
    """Whether text would be lost with this screen."""
    return isinstance(screen, Dialog) and screen.unapplied
