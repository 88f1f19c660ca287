"""Checks that run code, with programs that mean harm: each ends in time, and nothing it started outlives it."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from pathlib import Path

import pytest

from workbench.analysis.checks import CheckResult
from workbench.engine.clock import run_virtual
from workbench.engine.sandbox import run_command, run_fenced, run_python_tests
from workbench.systems.nodes import Command, PythonTests

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX limits")

TESTS = "assert add(2, 3) == 5\n"


def _answer(code: str) -> str:
    return f"Here it is.\n\n```python\n{code}\n```\nDone."


async def _python(code: str, *, tests: str = TESTS, seconds: float = 5.0, memory_mb: int = 256) -> CheckResult:
    return await run_python_tests(PythonTests(seconds=seconds, memory_mb=memory_mb), _answer(code), tests)


async def test_right_code_passes_and_says_how_it_was_fenced_in() -> None:
    result = await _python("def add(a, b):\n    return a + b")
    assert result.verdict == "accepted"
    assert "network" in result.isolation
    assert ("not" in result.reason) == ("not" in result.isolation)


async def test_wrong_code_is_rejected_with_the_assertion() -> None:
    result = await _python("def add(a, b):\n    return a - b")
    assert result.verdict == "rejected"
    assert "AssertionError" in result.reason


async def test_a_body_is_completed_by_its_prompt() -> None:
    check = PythonTests()
    result = await run_python_tests(check, _answer("    return a + b"), TESTS, prompt="def add(a, b):")
    assert result.verdict == "accepted"


async def test_own_tests_win_and_none_abstains() -> None:
    check = PythonTests(tests="assert add(1, 1) == 3")
    code = _answer("def add(a, b):\n    return 3")
    assert (await run_python_tests(check, code, TESTS)).verdict == "accepted"
    assert (await run_python_tests(PythonTests(), code, "")).verdict == "abstained"
    assert (await run_python_tests(PythonTests(), "", TESTS)).verdict == "rejected"


@pytest.mark.parametrize("end", ["import sys; sys.exit(0)", "import os; os._exit(0)", "raise SystemExit"])
async def test_ending_early_is_not_passing(end: str) -> None:
    result = await _python(f"def add(a, b):\n    return 0\n{end}")
    assert result.verdict == "rejected"


async def test_an_endless_loop_is_stopped() -> None:
    start = time.monotonic()
    result = await _python("while True: pass", seconds=0.5)
    assert result.verdict == "rejected"
    assert "stopped after 0.5 s" in result.reason
    assert time.monotonic() - start < 10


async def test_a_sleeper_is_stopped() -> None:
    result = await _python("import time; time.sleep(60)", seconds=0.2)
    assert "stopped" in result.reason


async def test_memory_is_limited() -> None:
    result = await _python("x = bytearray(2_000_000_000)", memory_mb=128)
    assert result.verdict == "rejected"
    assert "MemoryError" in result.reason


async def test_files_are_limited_in_size() -> None:
    code = "with open('big', 'wb') as f:\n    for _ in range(100):\n        f.write(bytes(1_000_000))"
    result = await _python(code)
    assert result.verdict == "rejected"


async def test_endless_output_is_not_kept() -> None:
    result = await _python("while True: print('x' * 10_000)", seconds=0.5)
    assert result.verdict == "rejected"
    assert len(result.reason) < 1_000


async def test_no_child_outlives_the_check(tmp_path: Path) -> None:
    marker = f"sandboxed-{os.getpid()}-{time.monotonic_ns()}"
    code = (
        "import os, subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {marker!r}], start_new_session=True)\n"
        f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {marker!r}])\n"
        "def add(a, b): return a + b"
    )
    result = await _python(code)
    assert result.verdict == "accepted"
    if "other processes hidden" in result.isolation:
        assert not await _alive(marker)


async def test_a_fork_bomb_runs_into_its_limit_or_its_time() -> None:
    marker = f"bomb{os.getpid()}x{time.monotonic_ns()}"
    command = Command(
        run=("sh", "-c", f"for i in $(seq 200); do sh -c 'sleep 60' {marker} & done; wait", marker), seconds=1.0
    )
    result = await run_command(command, "")
    assert result.verdict == "rejected"
    assert not await _alive(marker)


async def test_the_number_of_processes_is_limited_but_for_root() -> None:
    code = (
        "import os, time\nn = 0\ntry:\n    while n < 300:\n        if os.fork() == 0:\n"
        "            time.sleep(30)\n            os._exit(0)\n        n += 1\n"
        "except BlockingIOError:\n    pass\ndef add(a, b): return 5 if n < 300 else n"
    )
    result = await _python(code, seconds=10.0)
    limited = "not limited" not in result.isolation and "no network" in result.isolation
    assert result.verdict == "accepted" or not limited


async def test_keys_do_not_reach_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    code = (
        "import os, glob\nassert 'OPENAI_API_KEY' not in os.environ\n"
        "seen = []\nfor name in glob.glob('/proc/[0-9]*/environ'):\n"
        "    try:\n        seen.append(b'sk-secret' in open(name, 'rb').read())\n    except OSError:\n        pass\n"
        "def add(a, b): return 5 if not any(seen) else 0"
    )
    result = await _python(code)
    if "other processes hidden" in result.isolation:
        assert result.verdict == "accepted"
    assert "sk-secret" not in result.reason


async def test_nothing_outside_its_folder_is_written_where_the_platform_can(tmp_path: Path) -> None:
    target = tmp_path / "written"
    code = (
        f"open('here', 'w').write('x')\ntry:\n    open({str(target)!r}, 'w').write('x')\nexcept OSError:\n    pass\n"
        "def add(a, b): return a + b"
    )
    result = await _python(code)
    assert result.verdict == "accepted"
    if "read-only" in result.isolation:
        assert not target.exists()


async def test_no_network_where_the_platform_can() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = (
            f"import socket\ntry:\n    socket.create_connection(('127.0.0.1', {port}), 2)\n    got = True\n"
            "except OSError:\n    got = False\ndef add(a, b): return 0 if got else 5"
        )
        result = await _python(code)
    if "no network" in result.isolation:
        assert result.verdict == "accepted"
    else:
        assert "not isolated" in result.isolation


async def test_commands_read_the_answer_and_their_exit_code_counts() -> None:
    grep = Command(run=("grep", "-q", "ocean"))
    assert (await run_command(grep, "the ocean")).verdict == "accepted"
    assert (await run_command(grep, "the sea")).verdict == "rejected"
    assert (await run_command(Command(run=("true",)), "x" * 5_000_000)).verdict == "accepted"


async def test_a_missing_program_abstains() -> None:
    result = await run_command(Command(run=("no-such-program-here",)), "x")
    assert result.verdict == "abstained"
    assert "no-such-program-here" in result.reason


async def test_output_is_safe_to_show() -> None:
    bell = Command(run=(sys.executable, "-c", r"import sys; sys.stderr.write('\x1b[31mred\x07'); sys.exit(3)"))
    result = await run_command(bell, "")
    assert "exit code 3" in result.reason
    assert result.reason.isprintable()


async def test_without_namespaces_limits_hold_and_the_rest_is_said() -> None:
    code = "import sys; print(open('/proc/self/limits').read() if sys.platform == 'linux' else '')"
    outcome = await run_fenced((sys.executable, "-c", code), b"", seconds=5, memory_mb=256, isolate=False)
    assert outcome.code == 0
    assert "network: not isolated" in outcome.isolation
    assert "files: not protected" in outcome.isolation
    assert "256000000" in outcome.stdout or sys.platform != "linux"
    bomb = "x = bytearray(2_000_000_000)"
    assert (await run_fenced((sys.executable, "-c", bomb), b"", seconds=5, memory_mb=128, isolate=False)).code == 1
    loop = await run_fenced((sys.executable, "-c", "while True: pass"), b"", seconds=0.2, memory_mb=128, isolate=False)
    assert loop.timed_out


def test_simulated_time_waits_for_the_program() -> None:
    result = run_virtual(_python("def add(a, b):\n    return a + b"))
    assert result.verdict == "accepted"


async def test_cancelling_kills_at_once() -> None:
    marker = f"sandboxed-{os.getpid()}-{time.monotonic_ns()}"
    command = Command(run=(sys.executable, "-c", "import time; time.sleep(60)", marker), seconds=60)
    task = asyncio.create_task(run_command(command, ""))
    for _ in range(500):
        if await _alive(marker):
            break
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await _alive(marker)


async def _alive(marker: str) -> bool:
    """Whether a process whose last argument is the marker is running."""
    process = await asyncio.create_subprocess_exec("ps", "-ww", "-eo", "stat=,args=", stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    lines = output.decode(errors="replace").splitlines()
    return any(line.rstrip().endswith(marker) and not line.startswith("Z") for line in lines)
