"""Sets the limits of a process, then becomes it: `python -I -S sandbox_launcher.py CONFIG -- PROGRAM …`.

A program of its own, because limits that are set between fork and exec of a process with threads are unsafe. It imports
nothing of the product. Everything is best effort but the limits: what could be done is written to `report_fd` as JSON.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import platform
import signal
import sys
from pathlib import Path
from typing import TextIO

CLONE_NEWNS, CLONE_NEWIPC = 0x00020000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
SYS_MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, MOUNT_ATTR_RDONLY = 442, -100, 0x8000, 1
NOBODY = 65534
FAILED_TO_START = 126


def main(arguments: list[str]) -> int:
    """Fence the process in as CONFIG (JSON) says, then run the program in it."""
    config = json.loads(arguments[0])
    report = os.fdopen(config["report_fd"], "w")
    os.set_inheritable(report.fileno(), False)
    # The kernel counts no processes against root.
    done = set[str]() if os.getuid() == 0 else {"process count"}
    if sys.platform == "linux" and config["isolate"]:
        done |= _separate(config["cwd"])
    if "processes" in done:
        # The first process of the new namespace only waits: signals have no default effect on it, and when it ends
        # the kernel ends all that are left.
        for first in (True, False):
            if child := os.fork():
                report.close()
                return _wait(child)
            if first:
                _die_with_parent()
                done |= _hide_processes()
    done |= _limit(config, in_namespace="user" in done)
    json.dump({"done": sorted(done)}, report)
    report.flush()
    return _become(arguments[2:], config["environment"], report)


def _become(program: list[str], environment: dict[str, str], report: TextIO) -> int:
    """Turn into the program; returns only where it can't be started."""
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):
        # Python ignores these two, and what is ignored stays so in the program.
        signal.signal(ignored, signal.SIG_DFL)
    try:
        os.execvpe(program[0], program, environment)
    except OSError as error:
        report.write("\n" + json.dumps({"error": f"{program[0]}: {error.strerror}"}))
        report.flush()
        return FAILED_TO_START


def _wait(child: int) -> int:
    """Wait for the child, reaping orphans; end as it ended, so that the reason is seen from outside."""
    while True:
        pid, status = os.wait()
        if pid == child:
            break
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        _no_core_dump()
        os.kill(os.getpid(), -code)
    return 128 - code if code < 0 else code


def _no_core_dump() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _separate(cwd: str) -> set[str]:
    """New user, network, process, IPC and mount namespaces where the system allows them."""
    user, group = os.getuid(), os.getgid()
    libc = _libc()
    flags = CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS
    if libc.unshare(flags) == 0:
        done = {"user", "network", "processes"}
    elif libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0:
        done = {"user", "network"}
    else:
        return set()
    # Mapped to nobody, not to root: the program then holds no capability, not even inside.
    with contextlib.suppress(OSError):
        Path("/proc/self/setgroups").write_text("deny")
    with contextlib.suppress(OSError):
        Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")
    if "processes" in done and _read_only(libc, cwd):
        done.add("files")
    return done


def _read_only(libc: ctypes.CDLL, cwd: str) -> bool:
    """Make every file system read-only in this mount namespace, but for the working folder."""
    here = os.fsencode(cwd)
    if libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None) or libc.mount(here, here, None, MS_BIND, None):
        return False
    os.chdir(cwd)  # the folder as it is seen through its new mount
    return _set_read_only(libc, b"/", True, AT_RECURSIVE) and _set_read_only(libc, here, False, 0)


def _set_read_only(libc: ctypes.CDLL, path: bytes, on: bool, flags: int) -> bool:
    if platform.machine() not in ("x86_64", "aarch64"):
        return False
    on_off = (MOUNT_ATTR_RDONLY, 0) if on else (0, MOUNT_ATTR_RDONLY)
    attributes = (ctypes.c_uint64 * 4)(*on_off, 0, 0)
    return bool(
        libc.syscall(SYS_MOUNT_SETATTR, AT_FDCWD, path, flags, ctypes.byref(attributes), ctypes.sizeof(attributes)) == 0
    )


def _hide_processes() -> set[str]:
    """Show only the new namespace's processes in /proc: other processes' environments hold keys."""
    failed = _libc().mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None)
    return set() if failed else {"proc"}


def _die_with_parent() -> None:
    _libc().prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def _limit(config: dict[str, int], *, in_namespace: bool) -> set[str]:
    """CPU, memory, file size, open files, processes; no core dumps, no new privileges."""
    if sys.platform == "linux":
        _libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")
    if sys.platform == "win32":
        return set()
    import resource

    processes = config["processes"] if in_namespace else _running() + config["processes"]
    wanted = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, config["cpu_s"]),
        (resource.RLIMIT_FSIZE, config["file_bytes"]),
        (resource.RLIMIT_NOFILE, config["open_files"]),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_AS, config["memory_bytes"]),
    ]
    done = {"limits"}
    for what, most in wanted:
        hard = resource.getrlimit(what)[1]
        # One second between the limits of CPU time: first a signal that says why, then the kill.
        last = most + (what == resource.RLIMIT_CPU)
        last = last if hard == resource.RLIM_INFINITY else min(last, hard)
        try:
            resource.setrlimit(what, (min(most, last), last))
        except (OSError, ValueError):
            done.discard("limits")
    return done


def _running() -> int:
    """Processes and threads of this user: their limit counts them all, outside a namespace."""
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == os.getuid():
                count += sum(1 for _ in (folder / "task").iterdir())
    return count


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
