"""One file that several threads may write: whoever comes writes the newest value, so that an older one never lands
last."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """`note` says what is to be kept, and never waits; `keep` writes it, in whichever thread."""

    def __init__(self, write: Callable[[T], None]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._noted: tuple[int, T] | None = None
        self._written = 0

    def note(self, value: T) -> None:
        """This is to be kept from now on. Called by one thread alone."""
        self._noted = ((0 if self._noted is None else self._noted[0]) + 1, value)

    def keep(self) -> None:
        """Write what was noted last, unless that is done; waits for who is writing. Raises what writing raises."""
        with self._lock:
            if self._noted is None or self._noted[0] == self._written:
                return
            number, value = self._noted
            self._write(value)
            self._written = number
