"""Saved and shipped systems by name; what a person types (a name, a path, `$name`, notation) as a system."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import structs

from workbench import paths
from workbench.errors import SystemFileError
from workbench.systems import files, notation
from workbench.systems.nodes import AnyNode, Check, Ensemble, Model, Ref, System
from workbench.systems.tree import children, with_child

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

    def resolve(self, system: System, base: Path | None = None) -> System:
        """The system with every `$name` replaced by what it stands for.

        Paths in references are relative to the file that holds them; `base` is the folder of `system` itself (the
        working directory by default). Raises `SystemFileError` on cycles and missing systems.
        """
        return structs.replace(system, root=self._resolved(system.root, base or Path.cwd(), ()))

    def _resolved(self, node: AnyNode, base: Path, inside: tuple[Path, ...]) -> AnyNode:
        if not isinstance(node, Ref):
            out: AnyNode = node
            for child in children(node):
                if not isinstance(child.node, Check):
                    out = with_child(out, child.step, self._resolved(child.node, base, inside))
            return out
        file = self._file_of(node, base)
        if file in inside:
            ring = " → ".join([f"${path.stem}" for path in inside[inside.index(file) :]] + [f"${file.stem}"])
            raise SystemFileError(f"systems refer to each other in a ring: {ring}", where=str(inside[-1]))
        root = self._resolved(files.load(file).root, file.parent, (*inside, file))
        return _standing_in(node, root)

    def _file_of(self, ref: Ref, base: Path) -> Path:
        if not _is_path(ref.ref):
            return self.path(ref.ref).resolve()
        return (base / Path(ref.ref).expanduser()).resolve()

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
        return files.load(Path(text).expanduser())
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
    return not re.search(r"[\[({\"]", text) or Path(text).expanduser().is_file()
