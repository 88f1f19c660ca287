"""The ledger can't be opened or written: one message says so, the answer is printed, nothing else is lost."""

from __future__ import annotations

import ctypes
import os
import random
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.command import Home
from tests.ledger.streams import fired, record, short
from workbench.cli.main import main
from workbench.engine import events as e
from workbench.errors import LedgerError
from workbench.ledger import Ledger, Recorder, open_ledger

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions and limits")
ARGS = ("run", "sim/perfect", "What is 6 × 7?", "--seed", "1")
BIG = random.Random(1).randbytes(400_000).hex()
"""Text that no packing makes small."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    return Home(tmp_path)


def ledger_of(home: Home) -> Path:
    return home.folder / "data" / "ledger.db"


# The command


def _data_is_a_file(path: Path) -> None:
    path.parent.write_text("not a folder", encoding="utf-8")


def _ledger_is_a_folder(path: Path) -> None:
    path.mkdir(parents=True)


def _other_file(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("dear diary, " * 100, encoding="utf-8")


def _short_file(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("hi", encoding="utf-8")


def _newer(path: Path) -> None:
    with open_ledger(path):
        pass
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_data_is_a_file, "can't be opened"),
        (_ledger_is_a_folder, "can't be opened"),
        (_other_file, "no SQLite database"),
        (_short_file, "no SQLite database"),
        (_newer, "newer workbench"),
    ],
)
def test_the_answer_is_printed_and_the_exit_code_is_4(
    home: Home, capsys: pytest.CaptureFixture[str], harm: Callable[[Path], None], said: str
) -> None:
    harm(ledger_of(home))
    assert main(list(ARGS)) == 4
    printed = capsys.readouterr()
    assert "Final answer: 42" in printed.out
    assert printed.err.count("the ledger does not record this") == 1
    assert said in printed.err
    assert str(ledger_of(home).parent) in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize("command", [("runs", "list"), ("ledger", "check"), ("replay", "last")])
def test_commands_that_only_read_say_it_too(
    home: Home, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    _other_file(ledger_of(home))
    assert main(list(command)) == 4
    printed = capsys.readouterr()
    assert "no SQLite database" in printed.err
    assert "Traceback" not in printed.err
    assert ledger_of(home).read_text(encoding="utf-8").startswith("dear diary")


def unprivileged() -> None:
    """Between fork and exec: root may no more than the permissions say (Linux; elsewhere tests run as somebody)."""
    if os.geteuid() == 0:
        bounding_set_drop, dac_override, dac_read_search = 24, 1, 2
        libc = ctypes.CDLL(None)
        for capability in (dac_override, dac_read_search):
            if libc.prctl(bounding_set_drop, capability, 0, 0, 0):
                os._exit(99)


def no_room() -> None:
    """Between fork and exec: no file may grow beyond 64 KiB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))


def command(home: Home, prepare: Callable[[], None], *args: str) -> subprocess.CompletedProcess[str]:
    """The real command in a process that was prepared so."""
    environ = {**home.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "workbench", *args],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environ,
        cwd=home.folder,
        timeout=120,
        check=False,
        preexec_fn=prepare,
    )
    if done.returncode == 99:
        pytest.skip("this root can't give up its privileges")
    return done


@contextmanager
def mode(path: Path, bits: int) -> Iterator[None]:
    """Permissions for the time being."""
    before = path.stat().st_mode
    path.chmod(bits)
    try:
        yield
    finally:
        path.chmod(before)


def test_a_folder_that_can_not_be_written(home: Home) -> None:
    ledger_of(home).parent.mkdir()
    with mode(ledger_of(home).parent, 0o555):
        done = command(home, unprivileged, *ARGS)
    assert done.returncode == 4
    assert "Final answer: 42" in done.stdout
    assert "the ledger does not record this" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_read_only_ledger_can_be_read_and_not_written(home: Home) -> None:
    with open_ledger(ledger_of(home)) as ledger:
        record(ledger, short("kept"))
    with mode(ledger_of(home), 0o444), mode(ledger_of(home).parent, 0o555):
        done = command(home, unprivileged, *ARGS)
        listed = command(home, unprivileged, "runs", "list")
    assert done.returncode == 4
    assert "Final answer: 42" in done.stdout
    assert "can't be written here" in done.stderr
    assert "WORKBENCH_HOME" in done.stderr
    assert (listed.returncode, "kept" in listed.stdout) == (0, True)
    with open_ledger(ledger_of(home)) as ledger:
        assert ledger.count() == 1


def test_no_room_from_the_start(home: Home) -> None:
    done = command(home, no_room, *ARGS)
    assert done.returncode == 4
    assert "Final answer: 42" in done.stdout
    assert "the disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert main([*ARGS, "--quiet"]) == 0


def test_no_room_for_one_run(home: Home) -> None:
    assert main([*ARGS, "--quiet"]) == 0
    prompt = home.folder / "prompt.txt"
    prompt.write_text(f"What is 6 × 7? {BIG}", encoding="utf-8")
    done = command(home, no_room, "run", "sim/perfect", "--prompt-file", str(prompt))
    assert done.returncode == 4
    assert "Final answer: 42" in done.stdout
    assert done.stderr.count("the ledger does not record this") == 1
    with open_ledger(ledger_of(home)) as ledger:
        assert ledger.check() == []
        assert [row.status for row in ledger.runs()] == ["done"]


@pytest.mark.slow
def test_a_command_waits_for_another_process_and_then_goes_on_without(home: Home) -> None:
    with open_ledger(ledger_of(home)):
        pass
    with held(ledger_of(home)):
        began = time.monotonic()
        done = command(home, lambda: None, *ARGS)
    assert done.returncode == 4
    assert "Final answer: 42" in done.stdout
    assert "another process holds it" in done.stderr
    assert 9 < time.monotonic() - began < 40


# The ledger


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another connection holds the write lock."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def full(path: Path) -> Iterator[None]:
    """No file of this process may grow beyond what the ledger needs now, and a little."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    sizes = [file.stat().st_size for file in path.parent.iterdir() if file.is_file()]
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(sizes) + 100_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def begun(ledger: Ledger, events: list[e.AnyEvent]) -> Recorder:
    recorder = ledger.recorder()
    for event in events:
        recorder(event)
    return recorder


def test_a_full_disk_costs_the_runs_that_did_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    whole = fired("race(3*sim/small@0.8)", run="whole")
    under_way = fired("race(3*sim/small@0.8)", run="open", seed=2)
    with open_ledger(path) as ledger:
        record(ledger, whole)
        going_on = begun(ledger, under_way[:10])
        ledger.flush()
        with full(path):
            huge = begun(ledger, short("huge", answer=BIG))
            with pytest.raises(LedgerError, match="the disk") as caught:
                ledger.flush()
        assert caught.value.exit_code == 4
        assert str(path) in str(caught.value)
        assert huge.error is not None
        assert ledger.runs()[0].id != "huge"
        # There is room again.
        record(ledger, short("later"))
        for event in under_way[10:]:
            going_on(event)
        assert going_on.error is None
        assert list(ledger.events("open")) == under_way
        assert list(ledger.events("whole")) == whole
        assert list(ledger.events("later")) == short("later")
        assert ledger.check() == []
    with open_ledger(path) as ledger:
        assert sorted(row.id for row in ledger.runs()) == ["later", "open", "whole"]


def test_pages_run_out(tmp_path: Path) -> None:
    """SQLite's own limit stands for a disk that says it is full."""
    path = tmp_path / "ledger.db"
    with open_ledger(path) as ledger:
        record(ledger, short("kept"))
        ledger.recorder()
        writer = ledger._writer
        assert writer is not None
        pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
        writer._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        recorder = begun(ledger, short("huge", answer=BIG))
        with pytest.raises(LedgerError, match="the disk is full") as caught:
            ledger.flush()
        assert "vacuum" in caught.value.hint
        assert recorder.error is not None
        assert [row.id for row in ledger.runs()] == ["kept"]


def test_a_run_that_stopped_being_recorded_ends_as_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    events = fired("race(3*sim/small@0.8)")
    with open_ledger(path) as ledger:
        recorder = begun(ledger, events[:20])
        ledger.flush()
        with full(path):
            recorder(e.Warned(t=events[19].t, message=BIG))
            with pytest.raises(LedgerError):
                ledger.flush()
        for event in events[20:]:
            recorder(event)
        ledger.flush()
    with open_ledger(path) as ledger:
        assert ledger.view("run").status == "interrupted"
        assert list(ledger.events("run"))[:20] == events[:20]
        assert ledger.check() == []


def test_held_too_long_by_another_process(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_ledger(path, patience_s=0.1) as ledger:
        record(ledger, short("kept"))
        with held(path):
            recorders = [begun(ledger, short(f"lost{index}")) for index in range(5)]
            began = time.monotonic()
            with pytest.raises(LedgerError, match="another process holds it"):
                ledger.flush()
            assert time.monotonic() - began < 3
            with pytest.raises(LedgerError, match="another process holds it"):
                ledger.tag("kept", "x")
            assert [row.id for row in ledger.runs()] == ["kept"]
        assert any(recorder.error for recorder in recorders)
        record(ledger, short("later"))
        assert {"kept", "later"} <= {row.id for row in ledger.runs()}
        lost = {f"lost{index}" for index, recorder in enumerate(recorders) if recorder.error}
        assert not lost & {row.id for row in ledger.runs()}


def test_held_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with open_ledger(path) as ledger:
        with held(path):
            recorder = begun(ledger, short("run"))
        ledger.flush()
        assert recorder.error is None
        assert list(ledger.events("run")) == short("run")


def test_a_run_that_can_not_be_written_does_not_cost_its_neighbour(tmp_path: Path) -> None:
    with open_ledger(tmp_path / "ledger.db") as ledger:
        with held(ledger.path):
            # The writer waits with the first one; the others come together in its next turn.
            first = begun(ledger, short("first"))
            good, bad = begun(ledger, short("good")), begun(ledger, short("bad", kind="nonsense"))
        with pytest.raises(LedgerError):
            ledger.flush()
        assert (first.error, good.error) == (None, None)
        assert bad.error is not None
        assert sorted(row.id for row in ledger.runs()) == ["first", "good"]
        assert ledger.check() == []


def test_what_could_not_be_written_is_told_at_the_close(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = open_ledger(path, patience_s=0.05)
    record(ledger, short("kept"))
    with held(path):
        begun(ledger, short("lost"))
        with pytest.raises(LedgerError, match="another process holds it"):
            ledger.close()
    ledger.close()
    with open_ledger(path, read_only=True) as reader:
        assert [row.id for row in reader.runs()] == ["kept"]


def test_an_open_that_is_held_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerError, match="another process holds it"):
            open_ledger(path, patience_s=0.05)
        other.rollback()
    other.close()
    with open_ledger(path) as ledger:
        assert ledger.count() == 0
