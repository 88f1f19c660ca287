"""What the user does to runs in the list: mark, grade, tag, delete, bring back, write to a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import msgspec

from workbench import __version__
from workbench.cli.files import write_whole
from workbench.errors import WorkbenchError
from workbench.ledger.queries import Grade, RunRow
from workbench.paths import stands
from workbench.paths import typed as typed_path
from workbench.tui.run_pages import RunPages
from workbench.tui.screens.ask import Ask
from workbench.tui.screens.confirm import Confirm
from workbench.tui.screens.room import Room
from workbench.tui.services import Store
from workbench.tui.session import Session
from workbench.tui.text import one_line

if TYPE_CHECKING:
    from workbench.ledger.distil import Shape
    from workbench.ledger.export import Format

KINDS: dict[str, str] = {
    "jsonl": "JSON lines, each run whole",
    "csv": "CSV, one run a row",
    "md": "a Markdown report",
    "html": "an HTML report that needs nothing else",
}
SHAPES: dict[str, Shape] = {
    ".chat.jsonl": "chat",
    ".dpo.jsonl": "dpo",
    ".openai-dpo.jsonl": "openai-dpo",
    ".trace.jsonl": "trace",
}
"""Ends of names that ask for training data."""
TRAINING: dict[Shape, str] = {
    "chat": "training data: prompt and chosen answer (OpenAI, TRL SFT)",
    "dpo": "training data: chosen over rejected answers (TRL DPO)",
    "openai-dpo": "training data: chosen over rejected answers (OpenAI)",
    "trace": "training data: whole runs with where they came from",
}


class Noting(Room):
    """The Runs screen's half that changes runs. Writing happens in threads, one after the other."""

    pages: RunPages
    cursor: int = 0

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.marks: dict[str, None] = {}
        self._deleted: list[list[str]] = []
        self._order = asyncio.Lock()

    @property
    def store(self) -> Store | None:
        """The ledger."""
        raise NotImplementedError

    @property
    def current(self) -> RunRow | None:
        """The run that is pointed at."""
        raise NotImplementedError

    def draw(self) -> None:
        """Everything from the pages that are there."""
        raise NotImplementedError

    def reload(self) -> None:
        """The list anew."""
        raise NotImplementedError

    def point(self, index: int) -> None:
        """The cursor stands there."""
        raise NotImplementedError

    def _meant(self) -> list[str]:
        """The marked runs, else the one that is pointed at."""
        return list(self.marks) or ([self.current.id] if self.current is not None else [])

    def _write(self, work: Callable[[Store], object], done: Callable[[], str]) -> None:
        if (store := self.store) is not None:
            self.spawn("write", partial(self._written, store, work, done))

    async def _written(self, store: Store, work: Callable[[Store], object], done: Callable[[], str]) -> None:
        async with self._order:
            try:
                await asyncio.to_thread(work, store)
            except WorkbenchError as error:
                self.notify(str(error), severity="error", markup=False, timeout=10)
            else:
                if said := done():
                    self.notify(said, markup=False, timeout=4)
        self.reload()

    # Marks

    def action_mark(self) -> None:
        """Mark the run or take its mark off, and go to the next."""
        if (row := self.current) is not None:
            if row.id in self.marks:
                del self.marks[row.id]
            else:
                self.marks[row.id] = None
            self.point(self.cursor + 1)

    def unmark(self) -> None:
        """No run is marked any more."""
        self.marks.clear()
        self.draw()

    # Grades and tags

    def action_grade(self, grade: Grade) -> None:
        """Say whether the answer is right. One run: go to the next."""
        runs = self._meant()
        for run in runs:
            self.pages.change(run, grade=grade)

        def work(store: Store) -> None:
            for run in runs:
                store.grade(run, grade)

        if runs:
            self._write(work, lambda: f"{_runs(runs)} graded {grade}." if len(runs) > 1 else "")
            asked = self.pages.query.grade
            leaves = asked is not None and asked != grade  # the list closes up: the next run comes under the cursor
            self.point(self.cursor if self.marks or leaves else self.cursor + 1)

    def action_tag(self) -> None:
        """Ask for tags."""
        runs = self._meant()
        if runs:
            title = "Tags of this run" if len(runs) == 1 else f"Tags of {_runs(runs)}"
            has = " ".join(self.current.tags) if len(runs) == 1 and self.current is not None else ""
            meaning = f"has {one_line(has)}; " if has else ""
            self.app.push_screen(
                Ask(title, "", lambda _: (True, f"{meaning}words are added, -word is taken away")),
                partial(self._tag, runs),
            )

    def _tag(self, runs: list[str], typed: str | None) -> None:
        words = (typed or "").split()
        gone = [word[1:] for word in words if word.startswith("-") and len(word) > 1]
        new = [word for word in words if not word.startswith("-")]

        def work(store: Store) -> None:
            for run in runs:
                if new:
                    store.tag(run, *new)
                if gone:
                    store.untag(run, *gone)

        if words:
            self._write(work, lambda: f"{_runs(runs)} tagged.")

    # Deleting

    def action_delete(self) -> None:
        """Take runs out of every list; they can be brought back."""
        runs = self._meant()

        def done() -> str:
            self._deleted.append(runs)
            for run in runs:
                self.marks.pop(run, None)
            return f"{_runs(runs)} deleted. u brings {'it' if len(runs) == 1 else 'them'} back."

        if runs:
            self._write(lambda store: store.delete(*runs), done)

    def action_restore(self) -> None:
        """Bring back what was deleted last."""
        if not self._deleted:
            self.notify("Nothing was deleted here.", markup=False, timeout=3)
            return
        runs = self._deleted.pop()
        back = "is back" if len(runs) == 1 else "are back"
        self._write(lambda store: store.restore(*runs), lambda: f"{_runs(runs)} {back}.")

    # Export

    def action_export(self) -> None:
        """Ask where to write."""
        runs = self._meant()
        if runs:
            name = f"run-{runs[0][:8]}.md" if len(runs) == 1 else "runs.jsonl"
            self.app.push_screen(Ask(f"Write {_runs(runs)} to a file", name, _file), partial(self._export, runs))

    def _export(self, runs: list[str], typed: str | None) -> None:
        if typed is None:
            return
        path = typed_path(typed.strip())
        if stands(path):
            question = f"{one_line(str(path))} is there already. Replace it?"
            self.app.push_screen(Confirm(question, "replace it", "leave it"), partial(self._replace, runs, path))
        else:
            self._replace(runs, path, True)

    def _replace(self, runs: list[str], path: Path, sure: bool | None) -> None:
        shape, said = _shape(path), [f"{_runs(runs)} written to {one_line(str(path))}."]

        def work(store: Store) -> None:
            if shape is None:
                write_whole(path, store.export(refs=runs, format=_format(path)))
            else:
                said[0] = f"{_distilled(store, runs, shape, path)} written to {one_line(str(path))}."

        if sure:
            self._write(work, lambda: said[0])


def _distilled(store: Store, runs: list[str], shape: Shape, path: Path) -> str:
    """Training data and the note beside it; says how much there is, and what is not in it."""
    pieces, tally = store.distil(refs=runs, shape=shape)
    write_whole(path, pieces)
    about = msgspec.json.format(
        msgspec.json.encode(tally.about(shape, " ".join(runs[:20]), __version__)), indent=2
    ).decode()
    write_whole(path.with_name(f"{path.name}.about.json"), [about, "\n"])
    left = sum(tally.left_out.values())
    more = f" ({left:,} runs gave none: {', '.join(tally.left_out)})" if left else ""
    return f"{tally.lines:,} line{'' if tally.lines == 1 else 's'}{more}"


def _format(path: Path) -> Format:
    from workbench.ledger.export import Format

    found: dict[str, Format] = {name: name for name in get_args(Format)}
    return found[path.suffix.lstrip(".").lower()]


def _shape(path: Path) -> Shape | None:
    return next((shape for end, shape in SHAPES.items() if path.name.lower().endswith(end)), None)


def _file(text: str) -> tuple[bool, str]:
    path = typed_path(text.strip())
    shape = _shape(path)
    kind = KINDS.get(path.suffix.lstrip(".").lower()) if shape is None else TRAINING[shape]
    if kind is None:
        return False, "The name says what is written: .jsonl, .csv, .md, .html; .chat.jsonl, .dpo.jsonl to train on."
    if not stands(path.parent, "folder"):
        return False, f"There is no folder {one_line(str(path.parent))}."
    return True, kind


def _runs(runs: list[str]) -> str:
    return "1 run" if len(runs) == 1 else f"{len(runs):,} runs"
