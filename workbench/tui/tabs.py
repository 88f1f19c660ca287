"""Several things side by side, one of them shown: always at least one, at most as many as there are digits."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec
from msgspec.structs import replace

T = TypeVar("T")
MOST = 9


class Tabs(msgspec.Struct, Generic[T], frozen=True):
    """`items` in order, and the index of the one that is shown."""

    items: tuple[T, ...]
    at: int = 0

    @property
    def shown(self) -> T:
        """The one that is looked at."""
        return self.items[self.at]

    @property
    def full(self) -> bool:
        """Whether there is no room for another."""
        return len(self.items) >= MOST

    def opened(self, item: T) -> Tabs[T]:
        """Another one right of the shown one, shown from now on. Raises `ValueError` where there is no room."""
        if self.full:
            raise ValueError(f"there is room for {MOST}")
        at = self.at + 1
        return Tabs((*self.items[:at], item, *self.items[at:]), at)

    def closed(self, empty: T) -> Tabs[T]:
        """Without the shown one; its right neighbour is shown, else its left one, else `empty`."""
        rest = (*self.items[: self.at], *self.items[self.at + 1 :])
        return Tabs(rest, min(self.at, len(rest) - 1)) if rest else Tabs((empty,))

    def gone(self, at: int) -> Tabs[T]:
        """To the one at this index, as far as there is one."""
        return replace(self, at=min(max(0, at), len(self.items) - 1))

    def turned(self, by: int) -> Tabs[T]:
        """So many to the right (to the left where negative), round and round."""
        return replace(self, at=(self.at + by) % len(self.items))
