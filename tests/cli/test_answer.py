"""The answer reaches stdout once, in order, whatever happens to its stream."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from workbench.cli.answer import AnswerWriter
from workbench.cli.output import Pipe
from workbench.cli.prompt import read_prompt
from workbench.engine import events as e
from workbench.engine.view import RunView
from workbench.errors import InputError


def delta(text: str, channel: str = "answer") -> e.TextDelta:
    return e.TextDelta(t=1, call="c", text=text, channel="answer" if channel == "answer" else "thinking")


def ended(text: str) -> RunView:
    view = RunView()
    view.candidates["k"] = e.Candidate(id="k", node="", status="done", text=text)
    view.answer_id = "k"
    return view


def written(
    events: list[e.AnyEvent], answer: str, capsys: pytest.CaptureFixture[str], *, streaming: bool = True
) -> str:
    writer = AnswerWriter(Pipe(lambda: None), streaming=streaming)
    for event in events:
        writer(event)
    writer.finish(ended(answer))
    return capsys.readouterr().out


def test_text_streams_and_ends_with_a_newline(capsys: pytest.CaptureFixture[str]) -> None:
    assert written([delta("Ju"), delta("hm", "thinking"), delta("piter")], "Jupiter", capsys) == "Jupiter\n"


def test_a_retry_that_repeats_the_text_goes_on_from_there(capsys: pytest.CaptureFixture[str]) -> None:
    events: list[e.AnyEvent] = [delta("The "), delta("ans"), e.CallStarted(t=2, call="c", attempt=2)]
    events += [delta("The"), delta(" answer"), delta(" is 4.")]
    assert written(events, "The answer is 4.", capsys) == "The answer is 4.\n"


def test_a_retry_with_another_text_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    events: list[e.AnyEvent] = [delta("The "), e.CallStarted(t=2, call="c", attempt=2), delta("No. 4")]
    assert written(events, "No. 4", capsys) == "The \nNo. 4\n"


def test_without_streaming_the_answer_comes_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert written([delta("draft one")], "final\n", capsys, streaming=False) == "final\n"


def test_no_answer_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    AnswerWriter(Pipe(lambda: None)).finish(RunView())
    assert capsys.readouterr().out == ""


def test_a_closed_pipe_stops_the_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stdout", Closed())
    calls: list[int] = []
    pipe = Pipe(lambda: calls.append(1))
    writer = AnswerWriter(pipe)
    writer(delta("a"))
    writer(delta("b"))
    assert pipe.closed
    assert calls == [1]


def test_the_prompt_comes_from_exactly_one_place(tmp_path: Path) -> None:
    file = tmp_path / "q.txt"
    file.write_text("from a file\n", encoding="utf-8")
    assert read_prompt("typed", None) == "typed"
    assert read_prompt(None, file) == "from a file"
    with pytest.raises(InputError, match="twice"):
        read_prompt("typed", file)


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"])
def test_a_prompt_file_must_hold_text(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "q.txt"
    file.write_bytes(content)
    with pytest.raises(InputError):
        read_prompt(None, file)


def test_a_missing_prompt_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_prompt(None, tmp_path / "none.txt")
    assert "none.txt" in str(caught.value)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("piped é\n".encode())))
    assert read_prompt("-", None) == "piped é"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"piped\n")))
    assert read_prompt(None, None) == "piped"
    monkeypatch.setattr("sys.stdin", Terminal(io.BytesIO(b"")))
    with pytest.raises(InputError, match="no prompt"):
        read_prompt(None, None)
