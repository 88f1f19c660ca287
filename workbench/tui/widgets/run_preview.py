"""The run that is pointed at: its facts, prompt, answer and calls with their money."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar

from textual.content import Content
from textual.widget import Widget

from workbench import money
from workbench.tui import figures, states
from workbench.tui.run_columns import GRADES, KINDS, cost, look_of
from workbench.tui.text import clean, fit, one_line, wrap
from workbench.tui.widgets.pane import Part, line, lines, spread

if TYPE_CHECKING:
    from workbench.ledger.queries import CallRow, RunRow

BESIDE = 100
"""Cells from which the calls stand beside the texts."""
SHOWN = 4000
"""Characters of a text that are looked at."""


WHO = {"generate": "replica"}
"""What a call is called, where not by its role."""


class Drawn(Widget):
    """Draws a content without asking for a new layout."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._content = Content("")

    def put(self, content: Content) -> None:
        """Draw this from now on."""
        if not content.is_same(self._content):
            self._content = content
            self.refresh()

    def render(self) -> Content:
        """What was put."""
        return self._content


class RunPreview(Drawn):
    """Drawn anew for each run; cut at its lower edge."""

    def __init__(self) -> None:
        super().__init__()
        self._run: tuple[RunRow | None, Sequence[CallRow] | None] = (None, None)

    def show(self, row: RunRow | None, calls: Sequence[CallRow] | None) -> None:
        """This run; `calls` once they are there."""
        self._run = (row, calls)
        self.put(preview(row, calls, self.content_size.width, self.content_size.height))

    def reading(self) -> str:
        """The run's facts, prompt, answer and calls, in full."""
        row, calls = self._run
        if row is None:
            return ""
        width = 100
        facts, table = _facts(row, width), _calls(calls, row.calls, width)
        texts = [f"prompt\n\n{clean(row.prompt)}", f"answer\n\n{clean(row.answer or '') or 'no answer'}"]
        return "\n\n".join([lines(*facts).plain, *texts, lines(*table).plain])

    def on_resize(self) -> None:
        """Other lines fit."""
        self.show(*self._run)


def preview(row: RunRow | None, calls: Sequence[CallRow] | None, width: int, height: int) -> Content:
    """At most `height` lines: facts, prompt and answer, and the calls beside them or, where it is narrow, below."""
    if row is None or width < 10 or height < 2:
        return Content("")
    facts = _facts(row, width)
    room = height - len(facts) - 1
    if width < BESIDE:
        table = _calls(calls, row.calls, width)
        below = min(len(table), max(2, room // 2))
        texts = _texts(row, width, room - below - 1)
        return lines(
            *[*facts, Content(""), *texts, Content(""), *_cut(table, row.calls, room - len(texts) - 1)][:height]
        )
    right = width // 2 - 3
    left = width - right - 4
    texts = _texts(row, left, room)
    table = _cut(_calls(calls, row.calls, right), row.calls, room)
    beside = [
        Content.assemble(text, " " * (left + 4 - text.cell_length), call)
        for text, call in zip_longest(texts, table, fillvalue=Content(""))
    ]
    return lines(*[*facts, Content(""), *beside][:height])


def _texts(row: RunRow, width: int, room: int) -> list[Content]:
    """Prompt and answer; the prompt takes at most half of the room."""
    asked = _text(row.prompt, width, max(1, room // 2))
    said = _text(row.answer or "", width, max(1, room - len(asked) - 1))
    return [*asked, Content(""), *(said or [line(("no answer", "$muted"))])]


def _cut(table: list[Content], count: int, room: int) -> list[Content]:
    if len(table) <= room or room < 2:
        return table
    return [*table[: room - 1], line((f"… {count - room + 2:,} more calls", "$faint"))]


def _facts(row: RunRow, width: int) -> list[Content]:
    look = look_of(row)
    name = one_line(row.system or row.notation)
    kind = (row.kind, "$muted" if KINDS.get(row.kind) == "muted" else f"$state-{KINDS.get(row.kind, 'waiting')}")
    head = spread(line((name, "bold $model")), line((row.id[:8], "$muted"), (" · ", "$faint"), kind), width)
    said: list[Part] = [(str(look), look.style)]
    time = "" if row.wall_ns is None else figures.seconds(row.wall_ns)
    said += [("   " + time, "") if time else "", ("   " + cost(row), "bold")]
    said += [("   waste ", "$muted"), money.show(row.waste)] if row.waste else []
    more: list[Part] = []
    if row.score is not None:
        more += [(f"{one_line(row.score_name or 'score')} ", "$muted"), f"{row.score:.2f}", "   "]
    if row.grade is not None:
        colour = GRADES.get(row.grade, "muted")
        more += [("graded ", "$muted"), (row.grade, "$muted" if colour == "muted" else f"$state-{colour}"), "   "]
    if row.tags:
        more.append((one_line(" ".join(row.tags)), "$brand"))
    return [
        head,
        line(*said).truncate(width, ellipsis=True),
        *([line(*more).truncate(width, ellipsis=True)] if more else []),
    ]


def _text(text: str, width: int, room: int) -> list[Content]:
    folded = wrap(clean(text[:SHOWN]).strip(), width)
    if folded == [""]:
        return []
    if len(folded) > room:
        folded = [*folded[: room - 1], fit(folded[room - 1].rstrip(), width - 2).rstrip() + " …"]
    return [Content(one) for one in folded]


def _calls(calls: Sequence[CallRow] | None, count: int, width: int) -> list[Content]:
    if calls is None:
        return [line((f"{count:,} call{'' if count == 1 else 's'}", "$muted"))]
    model = max(8, min(30, width - 42))
    rows = [line((fit("call", 11), "$muted"), (fit("model", model), "$muted"), (_titles(), "$muted"))]
    for call in calls:
        look = states.CALLS.get(call.status or "answering", states.QUEUED)
        spent = money.show(call.cost, estimated=call.estimated and call.cost != 0)
        wasted = call.used is False
        rows.append(
            line(
                (fit(f"{WHO.get(call.role, call.role)} {call.replica}", 11), "$muted"),
                (fit(one_line(call.model), model), "$model"),
                (" " + fit(str(look), 11), look.style),
                (fit(figures.count(call.completion_tokens), 7, right=True), ""),
                (fit(spent, 11, right=True), "$faint" if wasted else ""),
                (" waste" if wasted and width >= model + 46 else "", "$faint"),
            )
        )
    return rows


def _titles() -> str:
    return " " + fit("state", 11) + fit("tokens", 7, right=True) + fit("cost", 11, right=True)
