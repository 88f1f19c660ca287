"""The answer on stdout: as it streams where a single call makes it, else whole at the end."""

from __future__ import annotations

from workbench.cli.output import Pipe, note
from workbench.engine.events import AnyEvent, CallStarted, TextDelta
from workbench.engine.view import RunView, Text
from workbench.systems.nodes import Model, System


def streams(system: System) -> bool:
    """Whether the first text of the run is sure to be its answer: one call, nothing to choose between."""
    return isinstance(system.root, Model) and system.root.replicas == 1


class AnswerWriter:
    """A sink that writes answer text as it comes. What was written can't be taken back: when a call starts again, the
    new text is held while it repeats what is written, and goes on from there."""

    def __init__(self, pipe: Pipe, *, streaming: bool = True) -> None:
        self._pipe = pipe
        self._streaming = streaming
        self._written = Text()
        self._held: Text | None = None
        """Text of a call that started again and has not caught up with what is written."""

    def __call__(self, event: AnyEvent) -> None:
        """Take one event in."""
        if not self._streaming:
            return
        if isinstance(event, CallStarted) and event.attempt > 1:
            self._held = Text()
        elif isinstance(event, TextDelta) and event.channel == "answer":
            self._take(event.text)

    def finish(self, view: RunView) -> None:
        """Write what is still missing of the run's answer, and the newline at its end."""
        answer, written = view.answer.text if view.answer else "", str(self._written)
        if answer and not answer.startswith(written):
            note("workbench: the stream broke and started anew with another text; the answer follows whole")
            self._write("\n")
            written = ""
        self._write(answer[len(written) :])
        if self._written.length and not str(self._written).endswith("\n"):
            self._write("\n")

    def _take(self, text: str) -> None:
        if self._held is None:
            self._write(text)
            return
        self._held.append(text)
        if self._held.length >= self._written.length and str(self._held).startswith(str(self._written)):
            rest = str(self._held)[self._written.length :]
            self._held = None
            self._write(rest)

    def _write(self, text: str) -> None:
        if text:
            self._pipe.write(text)
            self._written.append(text)
