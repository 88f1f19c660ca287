"""The prompts that judges, verifiers, critics and routers use: files of the package, overridable on every node."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

from workbench.errors import InputError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_PLACE = re.compile(r"\{(query|answer|candidates|criticism|labels|example|schema|prompt|reply)\}")


class Prompt(Struct, frozen=True):
    """A template. `name` is that of its file, or `custom`; `hash` is the SHA-256 of its text."""

    name: str
    text: str
    hash: str

    def fill(self, **values: str) -> str:
        """The text with its places filled, all at once, so that nothing inside a value is taken for a place."""
        return _PLACE.sub(lambda place: values.get(place[1], place[0]), self.text)


def load(name: str, override: str | None = None) -> Prompt:
    """The shipped prompt of that name, or what overrides it: `@name` of another file, or the text itself.

    Raises `InputError` for a file that does not exist.
    """
    if override is None:
        return _shipped(name)
    if re.fullmatch(r"@[\w-]+", override.strip()):
        return _shipped(override.strip()[1:])
    return _prompt("custom", override)


def names() -> list[str]:
    """Every shipped prompt."""
    return sorted(file.name.removesuffix(".md") for file in _folder().iterdir() if file.name.endswith(".md"))


def _folder() -> Traversable:
    from importlib.resources import files

    return files("workbench.prompts")


@cache
def _shipped(name: str) -> Prompt:
    try:
        text = _folder().joinpath(f"{name}.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"there is no prompt @{name}", hint=f"Shipped: {', '.join(names())}.") from None
    return _prompt(name, text.strip())


def _prompt(name: str, text: str) -> Prompt:
    return Prompt(name, text, hashlib.sha256(text.encode()).hexdigest())


def lettered(texts: list[str]) -> str:
    """Anonymous candidates under the letters A, B, C …"""
    return "\n\n".join(f"[{letter(i)}]\n{text.strip()}" for i, text in enumerate(texts))


def letter(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
