"""Keys that come faster than the app draws do what they would do if they came slowly: each in full before the next.

Textual hands a key to the focused widget's queue at once, and looks up what it is bound to only when it has bubbled up
to the app again. Whatever was typed behind it overtakes it: `a`, backspace, `b` becomes `a` where it should be `b`, and
letters meant for a dialog reach the tree that opens it, where `r` fires.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from functools import cache, partial
from typing import Any

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget

PATIENCE = 1.0
"""Seconds that a key may take before the next one no longer waits for it."""
STARTING = -1
"""What is under way until the app stands."""
Handle = Callable[[events.Event], Awaitable[bool]]
"""Does what a key or a paste asks for; False where it is only handed on, to be done when it comes by."""


def _nothing_to_do(node: MessagePump) -> bool:
    return not isinstance(node, Screen | App) and not node.message_queue_size


def reads_keys(widget: DOMNode) -> bool:
    """Whether it, or what it stands in, takes keys otherwise than by what they are bound to."""
    return any(_reads_keys(type(node)) for node in widget.ancestors_with_self if not isinstance(node, App))


@cache
def _reads_keys(kind: type[DOMNode]) -> bool:
    own = kind.mro()[: kind.mro().index(Widget)]
    return any(name in ("on_key", "_on_key") or name.startswith("key_") for base in own for name in vars(base))


class TypeAhead:
    """The keys and pastes that wait for their turn. What belongs to one is over once a note that is passed on from the
    focused widget to its parents, up to the app, has come by twice: behind the key itself, and behind the messages of
    what the key did; a screen that it brought has been drawn then."""

    def __init__(self, app: App[Any], handle: Handle) -> None:
        self._app, self._handle = app, handle
        self._waiting: deque[events.Event] = deque()
        self._number = 0
        """Of the key that is under way; 0: none is."""
        self._count = 0
        self._watched = 0
        """The key that is known to be waited for."""

    def hold(self) -> None:
        """The app is not there yet: nothing is done until `go`."""
        self._number = STARTING

    async def go(self) -> None:
        """It is now."""
        await self._over(STARTING)

    async def take(self, event: events.Event) -> None:
        """The next key: at once, or in its turn."""
        if self._number:
            self._waiting.append(event)
            self._watch()
            return
        self._count += 1
        number = self._number = self._count
        screen, focused = self._app.screen, self._focused
        done = await self._handle(event)

        async def again() -> None:
            await self._pass_on(self._focused, over)

        async def over() -> None:
            if self._app.screen is screen or not self._app.screen.call_after_refresh(
                self._app.call_later, self._over, number
            ):
                await self._over(number)

        await (again() if done else self._pass_on(focused, again))

    @property
    def _focused(self) -> MessagePump:
        return self._app.focused or self._app.screen

    async def _pass_on(self, node: MessagePump | None, then: Callable[[], Awaitable[None]]) -> None:
        """Behind all that this node has to do, on to its parent; behind the app's, `then`. Each takes a turn of the
        loop, so what lies between the focused widget and its screen and has nothing to do is left out."""
        while node is not None and (_nothing_to_do(node) or not node.call_later(self._pass_on, node._parent, then)):
            node = node._parent  # or it has gone
        if node is None:
            await then()

    async def _over(self, number: int) -> None:
        """The next one, unless that was begun already."""
        if number == self._number:
            self._number = 0
            if self._waiting:
                await self.take(self._waiting.popleft())
                self._watch()

    def _watch(self) -> None:
        """No key waits for ever, whatever became of the note."""
        if self._waiting and self._number not in (STARTING, self._watched):
            self._watched = self._number
            self._app.set_timer(PATIENCE, partial(self._over, self._number))
