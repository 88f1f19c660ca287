"""Checks that run code: a command, or the answer's own program with tests. Off until the user allows it.

The code runs in a process of its own session with limits of CPU, memory, file size, open files, processes and wall
time, an empty environment and a temporary folder as home. Where the platform can (Linux with user namespaces), it also
has no network, sees no other process and can write nowhere else; the result says which of these held. docs/checks.md
says what is not prevented.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from workbench.analysis.answers import code_block, without_thinking
from workbench.analysis.checks import CheckResult, abstained, accepted, rejected
from workbench.engine.clock import real_work
from workbench.systems.nodes import Command, PythonTests

CODE_NOT_ALLOWED = (
    "running code is not allowed: answers come from a model. Allow it with --allow-code, or allow_code in config.toml"
)
"""Why a check of this module abstains until the user allows it."""

OUTPUT_BYTES = 64_000
"""Most of each output stream that is kept; the rest is read and dropped."""
FILE_BYTES = 16_000_000
OPEN_FILES = 128
PROCESSES = 32
_START_S = 1.0
"""Wall time added for starting up."""
_LAUNCHER = Path(__file__).with_name("sandbox_launcher.py")


class Outcome(Struct, frozen=True, kw_only=True):
    """How a fenced-in process ended. `code` is None where it never started; negative for a signal."""

    code: int | None
    timed_out: bool
    stdout: str
    stderr: str
    isolation: str
    error: str = ""


async def run_command(check: Command, text: str) -> CheckResult:
    """Run the command with the answer on its standard input: exit code 0 accepts, any other rejects.

    A program that can't be started abstains. Cancelling kills everything it started.
    """
    answer = without_thinking(text).encode(errors="replace")
    outcome = await run_fenced(check.run, answer, seconds=check.seconds, memory_mb=check.memory_mb)
    return _judged(outcome, check.seconds, passed=outcome.code == 0, failed=f"exit code {outcome.code}")


async def run_python_tests(check: PythonTests, text: str, tests: str, *, prompt: str = "") -> CheckResult:
    """Run the code of the answer's last fenced block, then the tests (HumanEval style: they assert).

    `check.tests` wins over `tests`, the task's own. `prompt` is the code that the answer completes: it goes before an
    answer that begins with an indented line. Without any tests, or any code, the check says so.
    """
    wanted = check.tests or tests
    if not wanted.strip():
        return abstained("there are no tests to run")
    answer = without_thinking(text)
    code = code_block(answer)
    code = answer if code is None else code
    if not code.strip():
        return rejected("the answer holds no code")
    first = next(line for line in code.splitlines() if line.strip())
    if first[0].isspace():
        code = f"{prompt}\n{code}"
    # The tests passed only if this word comes back: code that ends the program early can't know it.
    word = secrets.token_hex(16)
    task = json.dumps({"code": code, "tests": wanted, "word": word}).encode()
    program = (sys.executable, "-I", "-B", "-c", _DRIVER)
    outcome = await run_fenced(program, task, seconds=check.seconds, memory_mb=check.memory_mb)
    passed = outcome.code == 0 and outcome.stdout.rstrip().endswith(word)
    early = "the program ended before the tests did" if outcome.code == 0 else f"exit code {outcome.code}"
    return _judged(outcome, check.seconds, passed=passed, failed=early)


_DRIVER = """
import json, linecache, os, sys
task = json.loads(sys.stdin.buffer.read())
sys.stdin = open(os.devnull)
out = os.dup(1)
space = {"__name__": "answer", "__builtins__": __builtins__}
for name in ("code", "tests"):
    source = task[name]
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    exec(compile(source, name, "exec"), space)
os.write(out, b"\\n" + task["word"].encode())
"""


def _judged(outcome: Outcome, seconds: float, *, passed: bool, failed: str) -> CheckResult:
    if outcome.code is None:
        return abstained(outcome.error or "the program could not be started", outcome.isolation)
    if outcome.timed_out:
        return rejected(_with_gaps(f"stopped after {seconds:g} s", outcome), outcome.isolation)
    if passed:
        return accepted(_with_gaps("passed", outcome), outcome.isolation)
    if outcome.code < 0:
        failed = f"ended by {_signal_name(-outcome.code)}"
    last = _last_lines(outcome.stderr) or _last_lines(outcome.stdout)
    return rejected(_with_gaps(f"{failed}: {last}" if last else failed, outcome), outcome.isolation)


def _with_gaps(reason: str, outcome: Outcome) -> str:
    """The reason, and what of the fence was missing: the reader of a verdict should know."""
    gaps = "; ".join(part for part in outcome.isolation.split("; ") if ": " in part)
    return f"{reason} ({gaps})" if gaps else reason


def _signal_name(number: int) -> str:
    names = {signal.SIGXCPU: "the CPU limit", signal.SIGXFSZ: "the file size limit", signal.SIGKILL: "being killed"}
    with contextlib.suppress(ValueError):
        return names.get(signal.Signals(number), signal.Signals(number).name)
    return f"signal {number}"


def _last_lines(output: str) -> str:
    """The last lines of an output, safe to show: no control characters."""
    lines = [line for line in output.splitlines() if line.strip()][-3:]
    shown = " | ".join(line.strip() for line in lines)
    return "".join(c for c in shown if c.isprintable())[-300:]


async def run_fenced(
    program: Sequence[str], stdin: bytes, *, seconds: float, memory_mb: int, isolate: bool = True
) -> Outcome:
    """Run a program fenced in. Everything it started is dead when this returns, on success, time-out and cancel.

    `isolate=False` leaves out the namespaces, as on a platform that has none.
    """
    if sys.platform == "win32":
        error = "checks that run code need Linux or macOS"
        return Outcome(code=None, timed_out=False, stdout="", stderr="", isolation="", error=error)
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="check-")
    try:
        with real_work():
            return await _run_in(folder, program, stdin, seconds, _limits(folder, seconds, memory_mb, isolate))
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))


def _limits(folder: str, seconds: float, memory_mb: int, isolate: bool) -> dict[str, object]:
    """What the launcher is told."""
    return {
        "isolate": isolate,
        "cwd": folder,
        "environment": _environment(folder),
        "cpu_s": math.ceil(seconds) + 1,
        "memory_bytes": memory_mb * 1_000_000,
        "file_bytes": FILE_BYTES,
        "open_files": OPEN_FILES,
        "processes": PROCESSES,
    }


async def _run_in(
    folder: str, program: Sequence[str], stdin: bytes, seconds: float, limits: dict[str, object]
) -> Outcome:
    reader, writer = os.pipe()
    config = {**limits, "report_fd": writer}
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(_LAUNCHER), json.dumps(config), "--", *program),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=(writer,),
            cwd=folder,
            env=_environment(folder),
            start_new_session=True,
        )
    except OSError as error:
        os.close(reader)
        return Outcome(code=None, timed_out=False, stdout="", stderr="", isolation="", error=str(error))
    finally:
        os.close(writer)
    with os.fdopen(reader, "rb") as report:
        return await _watch(process, report.fileno(), stdin, seconds)


def _environment(folder: str) -> dict[str, str]:
    kept = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}
    return {**kept, "HOME": folder, "TMPDIR": folder, "TMP": folder, "TEMP": folder}


async def _watch(process: asyncio.subprocess.Process, report_fd: int, stdin: bytes, seconds: float) -> Outcome:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    timed_out = False
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_feed(process.stdin, stdin))
            out = tasks.create_task(_keep(process.stdout))
            err = tasks.create_task(_keep(process.stderr))
            try:
                async with asyncio.timeout(seconds + _START_S):
                    await process.wait()
            except TimeoutError:
                timed_out = True
            finally:
                # Children that outlive the program hold its pipes open: they end here too.
                _kill(process)
    finally:
        _kill(process)
        await asyncio.shield(process.wait())
    return _outcome(process.returncode, timed_out, out.result(), err.result(), _report(report_fd))


async def _feed(stream: asyncio.StreamWriter, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stream.write(data)
        await stream.drain()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stream.close()
        await stream.wait_closed()


async def _keep(stream: asyncio.StreamReader) -> str:
    """All of an output, of which the last bytes are kept."""
    kept = b""
    while piece := await stream.read(OUTPUT_BYTES):
        kept = (kept + piece)[-OUTPUT_BYTES:]
    return kept.decode(errors="replace")


def _kill(process: asyncio.subprocess.Process) -> None:
    """Kill the process's whole group; the leader's id stays the group's until the last member is gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _report(descriptor: int) -> dict[str, object]:
    """What the launcher wrote before it became the program."""
    os.set_blocking(descriptor, False)
    try:
        written = os.read(descriptor, 65_536)
    except BlockingIOError:
        written = b""
    merged: dict[str, object] = {}
    for line in written.splitlines():
        with contextlib.suppress(ValueError):
            merged |= json.loads(line)
    return merged


def _outcome(code: int | None, timed_out: bool, stdout: str, stderr: str, report: dict[str, object]) -> Outcome:
    done = report.get("done")
    held = set(done) if isinstance(done, list) else set()
    parts = [
        "no network" if "network" in held else "network: not isolated",
        "files outside its folder read-only" if "files" in held else "files: not protected",
        "other processes hidden" if "proc" in held else "other processes: visible",
        *([] if "process count" in held else ["number of processes: not limited for root"]),
        *([] if "limits" in held else ["limits: not all set"]),
    ]
    error = str(report.get("error", ""))
    if done is None and not timed_out:
        error = error or _last_lines(stderr) or "the launcher could not start"
    return Outcome(
        code=None if error else code,
        timed_out=timed_out,
        stdout=stdout,
        stderr=stderr,
        isolation="; ".join(parts) if done is not None else "",
        error=error,
    )
