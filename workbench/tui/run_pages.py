"""The list of runs as the screen holds it: pages near what is looked at, and how many there are."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from workbench.ledger.queries import RunQuery, RunRow

SIZE = 100
"""Runs of a page."""
KEPT = 12
"""Pages kept; the one that was not looked at for the longest time goes."""


class Ask(msgspec.Struct, frozen=True):
    """A page as the store is asked for it."""

    query: RunQuery
    after: RunRow | None
    skip: int


class RunPages:
    """Pages of one query. Only this many rows are ever held, however many runs there are."""

    def __init__(self, query: RunQuery) -> None:
        self.query = query
        self.total: int | None = None
        """How many runs there are; None until they are counted."""
        self._pages: OrderedDict[int, list[RunRow]] = OrderedDict()
        self._pending: set[int] = set()

    def __len__(self) -> int:
        """Runs that can be scrolled to: all, or those up to the last one known."""
        known = max((number * SIZE + len(rows) for number, rows in self._pages.items()), default=0)
        return known if self.total is None else max(self.total, known)

    def row(self, index: int) -> RunRow | None:
        """The run in this place, None where its page is not there."""
        rows = self._pages.get(index // SIZE)
        return rows[index % SIZE] if rows is not None and 0 <= index % SIZE < len(rows) else None

    def rows(self) -> Iterable[RunRow]:
        """All rows that are held."""
        return [row for rows in self._pages.values() for row in rows]

    def missing(self, first: int, last: int) -> list[int]:
        """Pages that these places need and that are neither there nor on their way; the others are kept longer."""
        if not len(self):
            return []
        numbers = range(max(0, first) // SIZE, max(0, min(last, len(self) - 1)) // SIZE + 1)
        for number in numbers:
            if number in self._pages:
                self._pages.move_to_end(number)
        return [number for number in numbers if number not in self._pages and number not in self._pending]

    def ask(self, number: int) -> Ask:
        """How the store is asked for a page: from the nearest row before it that is known."""
        self._pending.add(number)
        before = [n for n, rows in self._pages.items() if n < number and len(rows) == SIZE]
        nearest = max(before, default=-1)
        after = self._pages[nearest][-1] if before else None
        return Ask(self.query, after, (number - nearest - 1) * SIZE)

    def put(self, number: int, rows: list[RunRow]) -> None:
        """A page has come."""
        self._pending.discard(number)
        self._pages[number] = rows
        self._pages.move_to_end(number)
        while len(self._pages) > KEPT:
            self._pages.popitem(last=False)

    def give_up(self, number: int) -> None:
        """A page did not come."""
        self._pending.discard(number)

    def change(self, run: str, **fields: str | None) -> None:
        """A run's row as it is from now on, before the store says so."""
        for rows in self._pages.values():
            for index, row in enumerate(rows):
                if row.id == run:
                    rows[index] = row._replace(**fields)  # type: ignore[arg-type]
