"""The app in a real terminal, on the real embedded model: open, edit, run, stop, run to the end, replay, quit."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.end_to_end.command import Home
from tests.end_to_end.terminal import Terminal, find_tmux, terminal
from tests.models.embedded import embedded_models, place

__all__ = ["embedded_models"]

START_S, KEY_S, RUN_S = 30.0, 10.0, 120.0
LONG = "Count from one to five hundred in words, each number on a line of its own."
SHORT = "What is 6 times 7?"
SYSTEM = "race[take=2](3*local/smollm2-135m@0{max_tokens=400})"  # greedy: no answer is cut off by chance
ENDED = re.compile(r"✓ done +\d+\.\d+ s +[\d,]+ tokens")
SIZE = (120, 40)


def home(folder: Path, models: Path) -> Home:
    """Nothing of the developer's own is read or written, not even by what the app starts."""
    own = {"HOME": folder / "user"} | {
        f"XDG_{kind}_HOME": folder / "user" / kind.lower() for kind in ("CONFIG", "DATA", "CACHE", "STATE")
    }
    (folder / "user").mkdir()
    environ = {name: str(path) for name, path in own.items()} | {"LC_ALL": "C.UTF-8", "NO_COLOR": ""}
    made = Home(place(models, folder / "home"), **environ)
    for name in ("COLUMNS", "LINES", "TMUX"):  # the window's own size is meant
        made.environ.pop(name, None)
    return made


@pytest.mark.slow
def test_open_edit_run_stop_run_replay_and_quit(embedded_models: Path, tmp_path: Path) -> None:
    tmux = find_tmux()
    if tmux is None:
        pytest.skip("no tmux on PATH")
    own = home(tmp_path, embedded_models)
    with terminal(tmux, tmp_path, own.environ) as shown:
        shown.start([sys.executable, "-m", "workbench"], SIZE)
        shown.until(
            "opened", lambda seen: "×5 @0.8" in seen and "What is 6 × 7?" in seen and "no run yet" in seen, START_S
        )
        edit(shown)
        stop_in_mid_run(shown)
        run_to_the_end(shown)
        replay(shown)
        shown.press("C-q")
        assert shown.end(KEY_S) == "0"
    runs = own.json("runs", "list")
    assert [(run["status"], run["kind"]) for run in runs] == [("done", "real"), ("cancelled", "real")]
    assert {run["notation"] for run in runs} == {SYSTEM}
    assert [run["prompt"] for run in runs] == [SHORT, LONG]
    assert all(run["wall_s"] > 0 for run in runs)


def edit(shown: Terminal) -> None:
    """One replica less by a key of the tree; the temperature in the notation."""
    shown.press("M-t", "j", "-")
    edited = shown.until("edited in the tree", lambda seen: "×4 @0.8" in seen and "4*local" in seen, KEY_S)
    assert "● unsaved" in edited
    shown.press("F5", "C-a")
    shown.type(SYSTEM)
    shown.until("edited as notation", lambda seen: "×3 @0" in seen and "copies of one answer" in seen, KEY_S)
    shown.press("Enter")


def stop_in_mid_run(shown: Terminal) -> None:
    shown.press("F2", "C-u")
    shown.type(LONG)
    shown.until("a long answer asked for", lambda seen: LONG[:40] in seen, KEY_S)
    shown.press("Enter")
    shown.until("in mid-run", lambda seen: "● answering" in seen and "run " in seen, RUN_S)
    shown.press("Escape")
    stopped = shown.until("stopped", lambda seen: seen.count("✕ cancelled") > 3, KEY_S)
    assert "● answering" not in stopped


def run_to_the_end(shown: Terminal) -> None:
    shown.press("F2", "C-u")
    shown.type(SHORT)
    shown.press("Enter")
    shown.until("run to the end", lambda seen: "⚑ 1st" in seen and bool(ENDED.search(seen)), RUN_S)


def replay(shown: Terminal) -> None:
    shown.press("M-l", "3")
    shown.until("runs", lambda seen: "2 runs" in seen and LONG[:14] in seen and "✕ cancelled" in seen, KEY_S)
    shown.press("Space")
    again = shown.until("replayed", lambda seen: "■ end" in seen and "⚑ 1st" in seen, RUN_S)
    assert SHORT in again
