"""What reaches a terminal can't drive it; what reaches a program is exact."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.cli import output

HOSTILE = "\x1b]0;pwned\x07 \x1b[2J\x9b31m \u202egnp.exe \r over \x7f"


@given(st.text())
def test_nothing_that_drives_a_terminal_survives(text: str) -> None:
    clean = output.sanitise(text)
    assert all(c in "\n\t" or (ord(c) >= 0x20 and not 0x7F <= ord(c) <= 0x9F) for c in clean)
    assert not set(clean) & set("\u202e\u2066\u2028")


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "Zs")) | st.sampled_from("\n\t")))
def test_plain_text_is_left_alone(text: str) -> None:
    assert output.sanitise(text) == text


def test_escape_sequences_stay_visible() -> None:
    assert output.sanitise("\x1b[2Jx") == "␛[2Jx"


@given(st.dictionaries(st.text(), st.text() | st.none() | st.floats(allow_nan=False) | st.integers()))
def test_json_round_trips_and_holds_no_control_character(data: dict[str, object]) -> None:
    text = output.to_json(data)
    assert json.loads(text) == data
    assert output.sanitise(text) == text


def test_a_pipe_gets_nothing_that_drives_a_terminal_and_else_the_text_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.write(HOSTILE)
    assert capsys.readouterr().out == "␛]0;pwned␇ ␛[2J\ufffd31m \u202egnp.exe ␍ over ␡"
    output.write("a\tb\r\n\u200fعربي ⚑\n")
    assert capsys.readouterr().out == "a\tb\n\u200fعربي ⚑\n"


def test_a_terminal_gets_it_sanitised(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    output.write(HOSTILE)
    assert "\x1b" not in terminal.getvalue()
    assert "\u202e" not in terminal.getvalue()


def test_markup_in_a_table_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("name", "n"), [("[red]x[/red] :smile: \x1b[31m", "1")], right=("n",))
    shown = capsys.readouterr().out
    assert "[red]x[/red] :smile: ␛[31m" in shown


ROWS = [("id1", "a prompt that goes on and on and on", "", "done"), ("id2", "short", "", "failed")]
NAMES = ("id", "prompt", "tags", "status")


@pytest.mark.parametrize(
    ("columns", "head", "first"),
    [
        (80, "id prompt status", "id1  a prompt that goes on and on and on  done"),
        (40, "id prompt status", "id1  a prompt that goes on and …  done"),
        (30, "id prompt", "id1  a prompt that goes on an…"),
    ],
)
def test_a_narrow_terminal_cuts_one_column_then_goes_without(
    columns: int, head: str, first: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    output.table(NAMES, ROWS, flex="prompt", drop=("tags", "status"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == head.split()
    assert lines[1] == first
    assert all(len(line) <= columns for line in lines)


def test_a_pipe_gets_every_column_whole(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    output.table(NAMES, [(f"{'x' * 300}", *ROWS[0][1:])], flex="prompt", drop=("tags", "status"))
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == list(NAMES)
    assert row.startswith("x" * 300 + "  a prompt")


def test_what_wraps_loses_no_word(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    output.table(("id", "why"), [("1", "the quick brown fox jumps over the lazy dog")], flex="why", wrap=True)
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(" ".join(lines[1:]).split()) == "1 the quick brown fox jumps over the lazy dog"
    assert max(map(len, lines)) <= 30


def test_what_could_not_be_written_does_not_decide_the_exit_code() -> None:
    code = (
        "import sys\nfrom workbench.cli.output import silence_stdout\n"
        "try:\n    sys.stdout.write('x' * 100)\n    sys.stdout.flush()\nexcept OSError:\n    pass\n"
        "silence_stdout()\nsys.exit(7)"
    )
    command = ["sh", "-c", '"$0" -c "$1" >/dev/full', sys.executable, code]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(command, env=buffered, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (7, b"")


def test_what_a_terminal_that_has_gone_did_not_take_does_not_decide_the_exit_code() -> None:
    program = (
        "import os, sys\n"
        "from workbench.cli.output import let_go_of_terminal\n"
        "ours, theirs = os.pipe()\n"
        "os.dup2(theirs, 1); os.close(theirs); os.close(ours)\n"
        "sys.stdout.write('x'); let_go_of_terminal(); sys.exit(129)\n"
    )
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, check=False)
    assert done.returncode == 129, done.stderr
