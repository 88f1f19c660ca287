"""Groups of equal answers, the same whatever the order of the candidates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct

from workbench.analysis import answers, quantities
from workbench.analysis.answers import Key, canonical
from workbench.analysis.quantities import Quantity


class Cluster(Struct, frozen=True):
    """Equal answers. `key` is the commonest spelling among them; `members` are ids in the order given."""

    key: str
    members: tuple[str, ...]


def cluster(keyed: Sequence[tuple[str, Key]]) -> list[Cluster]:
    """Candidates' (id, key), ids unique → clusters of equal keys, largest first; keys without a value are in none.

    A number without a unit joins the same number with one (`42` and `42 apples`) where only one unit is in question.
    """
    spellings = {identity: key.value for identity, key in keyed if key.value is not None}
    home = _merged({canonical(value) for value in spellings.values()})
    groups: dict[str, list[str]] = {}
    for identity, value in spellings.items():
        groups.setdefault(home[canonical(value)], []).append(identity)
    return _ordered([(_commonest([spellings[i] for i in members]), members) for members in groups.values()])


def apart(keys: set[str]) -> bool:
    """Whether no two of these canonical keys are ever in one cluster, whichever of them come together."""
    return not any(found.unit for key in keys if (found := quantities.parse(key)) is not None)


def same(key: str | None, target: str, extract: str = "auto") -> bool:
    """Whether an answer key is the target's, by the equality that votes use."""
    if key is None:
        return False
    kind = "text" if answers.parse_kind(extract).needs_model else extract
    wanted = answers.extract(target, kind)
    value = wanted.value if wanted.value is not None else target
    return len(cluster([("a", Key(key)), ("b", Key(value))])) == 1


def cluster_by(labelled: Sequence[tuple[str, str]], equivalent: Callable[[int, int], bool]) -> list[Cluster]:
    """Candidates' (id, label) → clusters under any equivalence test of two positions, closed transitively."""
    root = list(range(len(labelled)))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for i in range(len(labelled)):
        for j in range(i):
            a, b = find(i), find(j)
            if a != b and equivalent(i, j):
                root[max(a, b)] = min(a, b)
    groups: dict[int, list[int]] = {}
    for i in range(len(labelled)):
        groups.setdefault(find(i), []).append(i)
    return _ordered([(_commonest([labelled[i][1] for i in g]), [labelled[i][0] for i in g]) for g in groups.values()])


def _merged(keys: set[str]) -> dict[str, str]:
    """Each canonical key → the canonical key of its cluster."""
    home = {key: key for key in keys}
    parsed = {key: found for key in keys if (found := quantities.parse(key)) is not None}
    bare = {key: found for key, found in parsed.items() if not found.unit}
    with_unit: dict[str, Quantity] = {key: found for key, found in parsed.items() if found.unit}
    for key, found in bare.items():
        same = [other for other, quantity in with_unit.items() if quantity.same(found)]
        if len(same) == 1:
            home[key] = same[0]
    return home


def _commonest(spellings: Sequence[str]) -> str:
    return min(Counter(spellings).items(), key=lambda item: (-item[1], len(item[0]), item[0]))[0]


def _ordered(groups: Sequence[tuple[str, list[str]]]) -> list[Cluster]:
    ordered = sorted(groups, key=lambda group: (-len(group[1]), group[0], sorted(group[1])))
    return [Cluster(key, tuple(members)) for key, members in ordered]
