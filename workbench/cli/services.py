"""What commands work with, each made when it is first asked for: config, library, models, ledger."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workbench import config as configuration
from workbench import paths
from workbench.config import Config
from workbench.errors import SystemFileError
from workbench.systems.nodes import Model, System

if TYPE_CHECKING:
    from workbench.ledger import Ledger
    from workbench.models.catalogue import Catalogue
    from workbench.systems.library import Library

"""Answer keys may be extracted by a model: `extract: model:<name>`."""


class Services:
    """One command's config, library, models and ledger. Cheap to make; nothing is read before it is used."""

    @cached_property
    def config(self) -> Config:
        """config.toml. Raises `ConfigError`."""
        return configuration.load()

    @cached_property
    def library(self) -> Library:
        """The user's own systems, then the shipped ones."""
        from workbench.systems.library import Library

        return Library()

    @cached_property
    def models(self) -> Catalogue:
        """Every model by name."""
        from workbench.ledger import LedgerSamples
        from workbench.models.catalogue import Catalogue

        return Catalogue(self.config, sample_source=LedgerSamples(paths.ledger_file()))

    def ledger(self, path: Path | None = None, *, read_only: bool = False) -> Ledger:
        """The ledger, opened anew. Raises `LedgerError`."""
        from workbench.ledger import open_ledger

        return open_ledger(path or paths.ledger_file(), read_only=read_only)

    def system(self, text: str, known: Collection[str] = ()) -> System:
        """The system that `text` names: a saved or shipped one, a file, or a line of notation; `$refs` resolved. A bare
        word may be a model that is `known`."""
        return self.library.resolve(self.unresolved(text, known), self.library.file_of(text))

    def unresolved(self, text: str, known: Collection[str] = ()) -> System:
        """The same with its `$refs` as they are. Raises `SystemFileError`, also for a bare word that names neither a
        system nor a model that is `known` or that anyone is known to serve."""
        from workbench.systems.library import find

        found, word = find(text, self.library), text.strip()
        bare = isinstance(found.root, Model) and found.root.model == word and "/" not in word
        if bare and word not in known and self.models.prices.entry(word) is None:
            message = f"there is no system called {word!r}, and nobody is known to serve a model of that name"
            hint = f"`workbench systems list` shows the systems; a model is <provider>/<model>, as in openai/{word}."
            raise SystemFileError(message, hint=hint)
        return found

    async def aclose(self) -> None:
        """End what the models keep open, if any were used."""
        if "models" in self.__dict__:
            await self.models.aclose()
