"""Clusters of a task's keys, worked out once: where no two spellings can merge, equal canonical keys are the clusters.

Answers that hang on the engine's order of equal clusters are None here: its own ballot must say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.analysis.answers import Key, canonical, is_digest
from workbench.analysis.clusters import apart


class Tally:
    """The keys of one task's draws by one `extract`, by the draws' index."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._homes = [None if key.value is None else canonical(key.value) for key in keys]
        self.known = apart({home for home in self._homes if home is not None})
        """Whether the clusters of any of the draws are those of equal homes."""
        self.short = self.known and not any(key.value is not None and is_digest(key.value) for key in keys)
        """Whether no key is a free text."""

    def groups(self, done: Iterable[int]) -> dict[str, list[int]]:
        """Home → its draws, both in the order given; those that abstain are in none."""
        found: dict[str, list[int]] = {}
        for index in done:
            home = self._homes[index]
            if home is not None:
                found.setdefault(home, []).append(index)
        return found

    def largest(self, done: Iterable[int]) -> list[list[int]]:
        """The clusters that are as large as any; none where all abstain."""
        groups = self.groups(done).values()
        size = max(map(len, groups), default=0)
        return [group for group in groups if len(group) == size]

    def sizes(self, done: Iterable[int]) -> tuple[int, ...]:
        """How large the clusters are, largest first."""
        return tuple(sorted(map(len, self.groups(done).values()), reverse=True))
