"""What all dialogs share: each is left once, and says whether text would be lost with it."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen, ScreenResultType


class Dialog(ModalScreen[ScreenResultType]):
    """Keys that were typed ahead of what they do reach a dialog that has gone; Textual would let the screen below go
    in its place. One that ends by itself under another screen waits for that to go."""

    ANY_KEY_ENDS_IT: ClassVar[bool] = False

    _waiting: tuple[ScreenResultType | None] | None = None

    @property
    def unapplied(self) -> bool:
        """Whether text was typed that is nowhere else yet."""
        return False

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

    def on_screen_resume(self) -> None:
        """What stood above is gone."""
        if self._waiting is not None:
            self.dismiss(self._waiting[0])


def unapplied(screen: Screen[Any]) -> bool:
    """Whether text would be lost with this screen."""
    return isinstance(screen, Dialog) and screen.unapplied
