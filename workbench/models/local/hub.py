"""Fetch a GGUF from a model hub that speaks Hugging Face's `resolve` URLs, continuing what an earlier try left."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from workbench.errors import ErrorKind, InputError, ModelError
from workbench.models.local.files import is_gguf, remove, sha256
from workbench.models.local.progress import Report, Step

if TYPE_CHECKING:  # models are listed without it
    import httpx

PREFIX = "hub:"
DEFAULT_ENDPOINT = "https://huggingface.co"
TIMEOUT = 30.0
"""Seconds, for the connection and for each read."""
_SPEC = re.compile(r"hub:(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>[\w.-]+))?/(?P<file>[\w./ -]+\.gguf)", re.IGNORECASE)
_SHA256 = re.compile(r"[0-9a-f]{64}")


class HubFile(Struct, frozen=True):
    """One file of one repository."""

    repo: str
    file: str
    revision: str = "main"

    @classmethod
    def parse(cls, spec: str) -> HubFile:
        """`hub:<owner>/<repo>[@revision]/<path of a .gguf file>`. Raises `InputError`."""
        match = _SPEC.fullmatch(spec)
        if match is None or ".." in match["file"].split("/"):
            raise InputError(
                f"{spec!r} names no file on a model hub", hint="Write hub:<owner>/<repo>/<file>.gguf, all in full."
            )
        return cls(match["repo"], match["file"], match["revision"] or "main")

    @property
    def url(self) -> str:
        """Where it is; `HF_ENDPOINT` names another hub."""
        base = os.environ.get("HF_ENDPOINT", "").rstrip("/") or DEFAULT_ENDPOINT
        return f"{base}/{self.repo}/resolve/{self.revision}/{self.file}"


async def fetch(file: HubFile, target: Path, name: str, report: Report) -> None:
    """Download to `target`, whole or not at all. Raises `ModelError`.

    What has arrived stays in `<target>.part` beside its version (`.etag`); the next try asks for the rest of that same
    version. Size and SHA-256 are checked where the hub gives them.
    """
    import httpx

    part, etag = _beside(target)
    part.parent.mkdir(parents=True, exist_ok=True)
    headers = _headers(part, etag)
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=True) as client,
            client.stream("GET", file.url, headers=headers) as response,
        ):
            expected = _expected(response)
            if response.status_code == 416 and expected.total == _size(part):
                pass  # the earlier try got all of it and was ended before the check
            elif response.status_code in (200, 206):
                await _receive(response, part, etag, expected, Step(name, "fetch", expected.total, report))
            else:
                raise _refused(response.status_code, file)
    except httpx.HTTPError as error:
        raise ModelError(
            ErrorKind.UNAVAILABLE,
            f"{file.url} could not be fetched: {error or type(error).__name__}",
            hint="What has arrived is kept; the same command goes on from there.",
        ) from error
    await _verify(part, etag, expected, name, report)
    part.replace(target)
    etag.unlink(missing_ok=True)


class _Expected(Struct, frozen=True):
    """What the hub says of the whole file."""

    etag: str
    total: int | None
    sha256: str | None


def _beside(target: Path) -> tuple[Path, Path]:
    return target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.etag")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _headers(part: Path, etag: Path) -> dict[str, str]:
    headers = {"Accept-Encoding": "identity", "User-Agent": "workbench"}
    token = os.environ.get("HF_TOKEN", "")
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if _size(part) and etag.is_file():
        headers["Range"] = f"bytes={_size(part)}-"
        headers["If-Range"] = etag.read_text(encoding="utf-8")
    return headers


def _expected(response: httpx.Response) -> _Expected:
    """A hub redirects large files to a store; the redirect carries the file's own size and hash."""
    headers = [answer.headers for answer in (*response.history, response)]
    linked = _first(headers, "x-linked-etag").strip('"')
    size = _first(headers, "x-linked-size") or response.headers.get("content-range", "").rpartition("/")[2]
    if not size and response.status_code == 200:
        size = response.headers.get("content-length", "")
    return _Expected(
        etag=response.headers.get("etag", ""),
        total=int(size) if size.isdigit() else None,
        sha256=linked if _SHA256.fullmatch(linked) else None,
    )


def _first(headers: list[Any], name: str) -> str:
    return next((str(each[name]) for each in headers if name in each), "")


async def _receive(response: httpx.Response, part: Path, etag: Path, expected: _Expected, step: Step) -> None:
    resumed = response.status_code == 206
    if not resumed:
        _note(etag, expected.etag)
    with part.open("ab" if resumed else "wb") as sink:
        done = sink.tell()
        step(done)
        async for block in response.aiter_raw():
            sink.write(block)
            done += len(block)
            step(done)


def _note(etag: Path, value: str) -> None:
    """Remember the version that is arriving; a weak one can't be continued."""
    if value and not value.startswith("W/"):
        etag.write_text(value, encoding="utf-8")
    else:
        remove(etag)


async def _verify(part: Path, etag: Path, expected: _Expected, name: str, report: Report) -> None:
    size = _size(part)
    step = Step(name, "verify", size, report)
    if expected.total is not None and size < expected.total:
        raise ModelError(
            ErrorKind.UNAVAILABLE,
            f"only {size} of {expected.total} bytes of {name} arrived",
            hint="What has arrived is kept; the same command goes on from there.",
        )
    problem = ""
    if not is_gguf(part):
        problem = "is no GGUF file"
    elif expected.sha256 and await step.in_thread(lambda: sha256(part, step)) != expected.sha256:
        problem = "does not match the hub's SHA-256"
    if problem:
        remove(part, etag)
        raise ModelError(ErrorKind.UNAVAILABLE, f"what arrived for {name} {problem}; it was deleted")


def _refused(status: int, file: HubFile) -> ModelError:
    if status == 404:
        return ModelError(ErrorKind.NOT_FOUND, f"{file.url} does not exist", status=status)
    if status in (401, 403):
        hint = "The repository may be gated: accept its terms on the hub and set HF_TOKEN."
        return ModelError(ErrorKind.AUTH, f"{file.url} refused ({status})", status=status, hint=hint)
    return ModelError(ErrorKind.UNAVAILABLE, f"{file.url} answered {status}", status=status)
