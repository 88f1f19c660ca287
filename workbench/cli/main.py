"""The `workbench` command: which commands there are, and how errors become one message and an exit code.

Commands are named by import string and loaded when they run, so `workbench --help` costs little more than the
command line library itself.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Literal, TextIO

from workbench.cli.output import let_go_of_terminal, note, report, silence_stdout
from workbench.errors import InputError, WorkbenchError

INTERRUPTED = 130
FRAMES_PER_SECOND = "120"
"""So often Textual may draw what a key has changed; it waits for the next of these moments."""
SIZE_WITHIN_S = 0.3
"""So long a terminal may take to say how large it is."""
BROKEN_PIPE = 141
"""128 + SIGPIPE: the reader of our output went away."""

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("workbench.cli.run:run", "Fire a system at a prompt; the answer goes to stdout."),
    "compare": ("workbench.cli.compare:compare", "Fire several systems at one prompt; cost, time and agreement."),
    "serve": ("workbench.cli.serve:serve", "The app in a browser on this machine."),
    "runs": (
        "workbench.cli.runs:app",
        "Past runs: list, show, search, grade, tag, delete, restore, export, distil.",
    ),
    "replay": ("workbench.cli.replay:replay", "Show a past run again as it happened; no model is called."),
    "chart": ("workbench.cli.chart:chart", "Draw a saved chart again, or write it as SVG, PNG, PDF, HTML, CSV …"),
    "systems": ("workbench.cli.systems:app", "Saved and shipped systems: list, show, check, convert, save, schema."),
    "models": ("workbench.cli.models:app", "Models: list, pull, test, add."),
    "frontier": ("workbench.cli.frontier:frontier", "Which systems no other beats on cost, time and accuracy."),
    "calibration": ("workbench.cli.calibration:calibration", "How often answers at a disagreement score were wrong."),
    "lab": ("workbench.cli.lab:lab", "What k draws instead of one would have done, from recorded ones."),
    "ledger": ("workbench.cli.ledger:app", "The SQLite ledger: path, sql, check, vacuum, export."),
    "locate": ("workbench.cli.locate:locate", "Where config, data and cache live."),
    "doctor": ("workbench.cli.doctor:doctor", "What works on this machine and what does not."),
}


def open_app(*, fresh: bool = False) -> int:
    """Open the app as it was left (`fresh`: anew); with no terminal, the default system's answer to its prompt."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        gc.disable()  # until the first frame stands: what is made on the way to it stays
        os.environ.setdefault("TEXTUAL_FPS", FRAMES_PER_SECOND)
        _size_terminal()
        from workbench.tui.app import run as run_app

        code = run_app(fresh=fresh)
        let_go_of_terminal()
        return code
    from workbench.cli.run import run_default

    return run_default()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (docs/cli.md lists them). Never shows a traceback unless WORKBENCH_DEBUG
    is set."""
    _lenient_streams()
    try:
        words = list(sys.argv[1:] if argv is None else argv)
        if words in ([], ["--fresh"]):  # most people's start: the app's frame need not wait for a parser
            return open_app(fresh=bool(words))
        from workbench.cli.line import obey

        return obey(words)
    except WorkbenchError as error:
        _debug()
        report(error)
        return error.exit_code
    except KeyboardInterrupt as error:
        return error.args[0] if error.args and isinstance(error.args[0], int) else INTERRUPTED
    except BrokenPipeError:
        silence_stdout()
        return BROKEN_PIPE
    except OSError as error:
        _debug()
        report(_system_error(error))
        return InputError.exit_code
    except Exception as error:
        _debug()
        note(f"workbench: {type(error).__name__}: {error}\n  A defect: WORKBENCH_DEBUG=1 shows where.")
        return 1


def _system_error(error: OSError) -> InputError:
    """What the system refused, in our own words."""
    said = error.strerror or str(error)
    if not error.filename:
        return InputError(f"the system says: {said}", hint="WORKBENCH_DEBUG=1 shows where this happened.")
    hint = "WORKBENCH_HOME moves config, data and cache; WORKBENCH_DEBUG=1 shows where this happened."
    return InputError(said, where=str(error.filename), hint=hint)


def _debug() -> None:
    """Inside an `except`: let the traceback out where the user asked for it."""
    if os.environ.get("WORKBENCH_DEBUG"):
        raise


def _size_terminal() -> None:
    """Some terminals get their size a moment after the program starts. Of one that gets none Textual's parts think
    differently, and lay the screen out for each other without end."""
    until = time.monotonic() + SIZE_WITHIN_S
    while 0 in os.get_terminal_size(sys.stdout.fileno()):
        if time.monotonic() > until:
            os.environ.setdefault("COLUMNS", "80")
            os.environ.setdefault("LINES", "24")
            return
        time.sleep(0.01)


def _lenient_streams() -> None:
    """A character that the terminal's encoding lacks must not end a run that was paid for, nor a stream that the caller
    has closed (`>&-`)."""
    sys.stdin = sys.stdin or _nowhere("r")
    sys.stdout = sys.stdout or _nowhere("w")
    sys.stderr = sys.stderr or _nowhere("w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _nowhere(mode: Literal["r", "w"]) -> TextIO:
    return Path(os.devnull).open(mode, encoding="utf-8")
