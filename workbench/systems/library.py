"""Saved and shipped systems by name; what a person types (a name, a path, `$name`, notation) as a system."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from msgspec import structs

from workbench import paths
from workbench.errors import SystemFileError
from workbench.paths import stands
from workbench.paths import typed as typed_path
from workbench.systems import files, notation
from workbench.systems.nodes import AnyNode, Check, Ensemble, Model, Ref, System
from workbench.systems.tree import children, join, with_child

_WORD = re.compile(r"[\w.+-]+")


class Library:
    """Systems in folders; a name in an earlier folder hides the same name in a later one."""

    def __init__(self, folders: Sequence[Path] | None = None) -> None:
        """Without folders: the user's own systems, then the shipped ones."""
        self.folders = tuple(folders) if folders is not None else (paths.systems_dir(), paths.presets_dir())

    def names(self) -> list[str]:
        """Every name, sorted. Files are not opened."""
        return sorted(self._files())

    def path(self, name: str) -> Path:
        """The file that holds the system. Raises `SystemFileError` with near names."""
        found = self._files().get(name)
        if found is None:
            raise SystemFileError(f"there is no system called {name!r}", hint=self._near(name))
        return found

    def get(self, name: str) -> System:
        """The system of that name (a leading $ is allowed). Raises `SystemFileError`."""
        return files.load(self.path(name.removeprefix("$")))

    def find(self, text: str) -> System:
        """What a person typed as a system; see the module's `find`."""
        return find(text, self)

    def file_of(self, text: str) -> Path | None:
        """The file that holds what a person typed, or None where that is notation or nothing of that name."""
        text = text.strip()
        if _is_file(text):
            return typed_path(text)
        return self._files().get(text.removeprefix("$"))

    def resolve(self, system: System, file: Path | None = None) -> System:
        """The system with every `$name` replaced by what it stands for.

        Paths in references are relative to the file that holds them; `file` holds `system` itself, where one does (else
        they are relative to the working directory). Raises `SystemFileError` on cycles and missing systems.
        """
        inside = () if file is None else (file.resolve(),)
        return structs.replace(system, root=self._resolved(system.root, inside, ""))

    def _resolved(self, node: AnyNode, inside: tuple[Path, ...], path: str) -> AnyNode:
        if not isinstance(node, Ref):
            out: AnyNode = node
            for child in children(node):
                if not isinstance(child.node, Check):
                    new = self._resolved(child.node, inside, join(path, child.step))
                    out = with_child(out, child.step, new)
            return out
        file = self._meant_by(node, inside, path)
        if file in inside:
            ring = " → ".join([f"${one.stem}" for one in inside[inside.index(file) :]] + [f"${file.stem}"])
            hint = "Write in one of them what it should stand for, in place of the reference."
            _fail(f"systems refer to each other in a ring: {ring}", node, inside, path, hint)
        root = self._resolved(files.load(file).root, (*inside, file), "")
        return _standing_in(node, root)

    def _meant_by(self, ref: Ref, inside: tuple[Path, ...], path: str) -> Path:
        """The file that a reference means."""
        if not _is_path(ref.ref):
            found = self._files().get(ref.ref)
            if found is None:
                _fail(f"there is no system called {ref.ref!r}", ref, inside, path, self._near(ref.ref))
            return found.resolve()
        base = inside[-1].parent if inside else Path.cwd()
        file = (base / typed_path(ref.ref)).resolve()
        if not file.is_file():
            _fail(f"there is no file {ref.ref!r}", ref, inside, path, files.near(file))
        return file

    def _files(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in self.folders:
            if folder.is_dir():
                for file in sorted(folder.iterdir()):
                    if file.suffix in files.SUFFIXES and not file.name.startswith("."):
                        found.setdefault(file.stem, file)
        return found

    def _near(self, name: str) -> str:
        known = self.names()
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        return f"Did you mean {' or '.join(near)}?" if near else f"Systems: {', '.join(known) or 'none'}."


def find(text: str, library: Library | None = None) -> System:
    """What a person typed as a system: a saved name, `$name`, a path to a YAML or JSON file, or notation.

    References inside it are kept; `Library.resolve` replaces them. A bare word that is nearly a saved name is taken for
    a misspelling, not for a model: quote it to mean the model. Raises `SystemFileError` or `NotationError`.
    """
    text = text.strip()
    library = library or Library()
    if not text:
        raise SystemFileError(
            "no system is given", hint="A name, a path to a YAML file, or notation: race(5*gpt-4o-mini)."
        )
    if _is_file(text):
        return files.load(typed_path(text))
    if re.fullmatch(r"\$[\w.+-]+", text):
        return library.get(text)
    if _WORD.fullmatch(text):
        return _word(text, library)
    return notation.parse_system(text)


def override_models(system: System, model: str | None = None, judge: str | None = None) -> System:
    """The system with its generators' models replaced by `model`, and those in arguments (judge, verifier, scorer,
    router, critic, acceptance test) by `judge`. What a model is told and how it samples stays.

    References are left as they are: resolve them first.
    """
    return structs.replace(system, root=_overridden(system.root, model, judge))


def _overridden(node: AnyNode, model: str | None, judge: str | None) -> AnyNode:
    if isinstance(node, Model):
        return node if model is None else structs.replace(node, model=model)
    out: AnyNode = node
    for child in children(node):
        if not isinstance(child.node, Check):
            own = judge if child.role in node.arguments else model
            out = with_child(out, child.step, _overridden(child.node, own, judge))
    return out


def _fail(message: str, ref: Ref, inside: tuple[Path, ...], path: str, hint: str) -> NoReturn:
    """Raise a `SystemFileError` that points at the reference in the file that holds it."""
    where = f"{inside[-1]}:{_line_of(ref.ref, inside[-1])}" if inside else ""
    raise SystemFileError(f"at {path or 'root'}: {message}", where=where, hint=hint)


def _line_of(name: str, file: Path) -> int:
    """The first line of the file that names the reference: nodes do not know where they were written."""
    lines = file.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    mentions = (number for number, line in enumerate(lines, 1) if "$" in line and name in line.partition("$")[2])
    return next(mentions, 1)


def _standing_in(ref: Ref, root: AnyNode) -> AnyNode:
    """The referred root with the reference's own count and label."""
    if ref.label:
        root = structs.replace(root, label=ref.label)
    if ref.replicas == 1:
        return root
    if root.replicas == 1:
        return structs.replace(root, replicas=ref.replicas)
    return Ensemble(of=(root,), replicas=ref.replicas, label=ref.label)


def _word(text: str, library: Library) -> System:
    names = library.names()
    if text in names:
        return library.get(text)
    near = difflib.get_close_matches(text, names, n=1, cutoff=0.8)
    if near:
        hint = f"Did you mean {near[0]}? For a model of that name write it in quotes: '\"{text}\"'."
        raise SystemFileError(f"there is no system called {text!r}", hint=hint)
    return notation.parse_system(text)


def _is_path(ref: str) -> bool:
    return "/" in ref or "\\" in ref or ref.endswith(files.SUFFIXES)


def _is_file(text: str) -> bool:
    if not text.endswith(files.SUFFIXES) or text.startswith("$") or "\n" in text:
        return False
    return not re.search(r"[\[({\"$]|>>", text) or _is_there(text)


def _is_there(text: str) -> bool:
    return stands(typed_path(text), "file")
