"""What the Frontier screen asks of the ledger and the analysis, and what it is told. Computed in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, cast

import msgspec
from msgspec.structs import replace

from workbench.analysis.measures import QUANTITIES, Kind, Quantity
from workbench.tui import run_query

if TYPE_CHECKING:
    from workbench.analysis.frontier import Frontier
    from workbench.charts.spec import ChartSpec
    from workbench.ledger.measuring import Measures
    from workbench.ledger.queries import RunQuery
    from workbench.tui.services import Store

AxisName: TypeAlias = Literal["x", "y", "z"]
KINDS: tuple[Kind, ...] = ("real", "simulated", "recorded")


class Question(msgspec.Struct, frozen=True):
    """Which systems, on which axes."""

    x: Quantity = "cost"
    y: Quantity = "accuracy"
    z: Quantity | None = None
    hull: bool = False
    linear: bool = False
    search: str = ""
    """What the search line says; without `kind:`, real runs."""

    @property
    def axes(self) -> tuple[Quantity, ...]:
        """Two or three."""
        return (self.x, self.y) if self.z is None else (self.x, self.y, self.z)

    def query(self, now_ns: int) -> RunQuery:
        """For the ledger: one kind; how a run was graded or ended must not choose it, or accuracy would be of the
        chosen."""
        from msgspec.structs import replace as change

        asked = run_query.parse(self.search, now_ns)
        return change(asked, kind=asked.kind or "real", status=None, grade=None)

    @property
    def kind(self) -> Kind:
        """Of the runs."""
        return cast(Kind, run_query.parse(self.search).kind or "real")

    def turned(self, axis: AxisName) -> Question:
        """The next quantity on an axis that stands on no other; the third axis may also have none."""
        others = {getattr(self, name) for name in ("x", "y", "z") if name != axis}
        round_: list[Quantity | None] = [name for name in QUANTITIES if name not in others]
        round_ += [None] if axis == "z" else []
        here = round_.index(getattr(self, axis))
        return self.with_axis(axis, round_[(here + 1) % len(round_)])

    def with_axis(self, axis: AxisName, quantity: Quantity | None) -> Question:
        """This quantity on the axis; where another axis has it, the two change places."""
        others = [name for name in ("x", "y", "z") if name != axis and getattr(self, name) == quantity]
        mine = getattr(self, axis)
        if quantity is None or not others:
            return _flat(replace(self, **{axis: quantity}))
        return self if mine is None else replace(self, **{axis: quantity, others[0]: mine})

    def next_kind(self) -> Question:
        """Runs of the next kind."""
        kind = KINDS[(KINDS.index(self.kind) + 1) % len(KINDS)]
        bare = run_query.without(self.search, "kind")
        return replace(self, search=bare if kind == "real" else run_query.toggled(bare, "kind", kind))


def _flat(asked: Question) -> Question:
    """A hull is drawn over two axes."""
    return replace(asked, hull=asked.hull and asked.z is None)


class Answer(msgspec.Struct, frozen=True):
    """What was found."""

    question: Question
    query: RunQuery
    measures: Measures
    found: Frontier
    spec: ChartSpec

    @property
    def labels(self) -> tuple[str, ...]:
        """Every system: those compared by x, then those that are not."""
        return (*(each.label for each in self.found.placed), *(each.label for each in self.found.left_out))

    def runs_of(self, label: str) -> tuple[str, ...]:
        """Ids of a system's newest runs."""
        placed = {each.label: each.runs for each in self.found.placed}
        return {**{each.label: each.runs for each in self.found.left_out}, **placed}.get(label, ())

    def name_of(self, label: str) -> str:
        """How a search line names the system: its name, or its notation."""
        runs = self.runs_of(label)
        found = (each.system or each.notation for each in self.measures.measured if each.runs == runs)
        return next(found, "") if runs else ""


def answer(store: Store, question: Question, now_ns: int, known: Answer | None = None) -> Answer:
    """To be called in a thread: reads the ledger (but where `known` has the same runs) and resamples. Raises
    `WorkbenchError`."""
    from workbench import __version__
    from workbench.analysis.frontier import Options, frontier
    from workbench.charts.frontier_chart import frontier_chart
    from workbench.charts.frontier_words import provenance, subtitle

    query = known.query if known is not None else question.query(now_ns)
    measures = known.measures if known is not None else store.measures(query)
    options = Options(shape="hull" if question.hull else "staircase")
    found = frontier(measures.measured, question.axes, options)
    spec = frontier_chart(
        found,
        scales=dict.fromkeys(question.axes, "linear") if question.linear else None,
        provenance=provenance(found, query, now_ns, __version__),
        subtitle=subtitle(found),
    )
    return Answer(question, query, measures, found, spec)
