"""What a node is given: the conversation, what the grader needs, and for what the answer is wanted."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from workbench.engine.events import Role
from workbench.models.base import Message


class Purpose(Struct, frozen=True, kw_only=True):
    """Why a node is asked: to answer the query, or to judge, verify, score, route, criticise or extract."""

    role: Role = "generate"
    prompt_name: str = ""
    prompt_hash: str = ""
    about: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    """Answers the model may choose from, where its provider can constrain it."""


class Task(Struct, frozen=True, kw_only=True):
    """The prompt (messages) plus what the grader needs when there is one."""

    messages: tuple[Message, ...]
    target: str | None = None
    choices: tuple[str, ...] = ()
    """Labels of a multiple-choice question."""
    metadata: dict[str, Any] = {}
    """`tests`: Python code for the python-tests check; `numeric`: whether the answer is a number."""
    original: str | None = None
    """The run's own query where a step before rewrote it."""
    parents: tuple[str, ...] = ()
    """Candidates this task was made from (a chain's step before, a debate's last round)."""
    purpose: Purpose = Purpose()

    @classmethod
    def of(cls, prompt: str, *, system: str | None = None, target: str | None = None) -> Task:
        """A task with one user message."""
        head = (Message("system", system),) if system else ()
        return cls(messages=(*head, Message("user", prompt)), target=target)

    @property
    def query(self) -> str:
        """The last user message."""
        return next((m.content for m in reversed(self.messages) if m.role == "user"), "")

    @property
    def numeric(self) -> bool:
        """Whether the answer is known to be a number."""
        if "numeric" in self.metadata:
            return bool(self.metadata["numeric"])
        from workbench.analysis.quantities import parse

        return self.target is not None and parse(self.target) is not None

    def asking(self, query: str, *, parents: tuple[str, ...] = ()) -> Task:
        """The same task with another query in place of the last user message."""
        last = max((i for i, m in enumerate(self.messages) if m.role == "user"), default=len(self.messages))
        messages = (*self.messages[:last], Message("user", query), *self.messages[last + 1 :])
        original = self.query if self.original is None else self.original
        return msgspec.structs.replace(self, messages=messages, original=original, parents=parents)

    def about(self, text: str, purpose: Purpose) -> Task:
        """A fresh conversation that asks something about this task's candidates."""
        return Task(messages=(Message("user", text),), target=self.target, metadata=self.metadata, purpose=purpose)
