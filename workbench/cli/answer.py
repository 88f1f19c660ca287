"""The answer on stdout: as it streams where a single call makes it, else whole at the end."""

from __future__ import annotations

from collections.abc import Callable

from workbench.cli.output import line, note, write
from workbench.engine.events import AnyEvent, CallStarted, TextDelta
from workbench.engine.view import RunView
from workbench.systems.nodes import Model, System


def streams(system: System) -> bool:
    """Whether the first text of the run is sure to be its answer: one call, nothing to choose between."""
    return isinstance(system.root, Model) and system.root.replicas == 1


class AnswerWriter:
    """A sink that writes answer text as it comes. What was written can't be taken back: when a call starts again, the
    new text is held while it repeats what is written, and goes on from there.

    `on_broken_pipe` is called once when the reader has gone away; writing stops then.
    """

    def __init__(self, on_broken_pipe: Callable[[], None], *, streaming: bool = True) -> None:
        self.broken = False
        self._streaming = streaming
        self._on_broken_pipe = on_broken_pipe
        self._written = ""
        self._text = ""

    def __call__(self, event: AnyEvent) -> None:
        """Take one event in."""
        if not self._streaming or self.broken:
            return
        if isinstance(event, CallStarted) and event.attempt > 1:
            self._text = ""
        elif isinstance(event, TextDelta) and event.channel == "answer":
            self._text += event.text
            if self._text.startswith(self._written):
                self._write(self._text[len(self._written) :])

    def finish(self, view: RunView) -> None:
        """Write what is still missing of the run's answer, and the newline at its end."""
        answer = view.answer.text if view.answer else ""
        if self.broken:
            return
        if not answer.startswith(self._written):
            note("workbench: the stream broke and started anew with another text; the answer follows whole")
            self._write("\n")
            self._written = ""
        self._write(answer[len(self._written) :])
        if self._written and not self._written.endswith("\n"):
            self._write("\n")

    def _write(self, text: str) -> None:
        try:
            write(text)
            self._written += text
        except BrokenPipeError:
            self.broken = True
            self._on_broken_pipe()


def print_answer(view: RunView) -> None:
    """The run's answer as one text on stdout; nothing where there is none."""
    if view.answer is not None:
        line(view.answer.text)
