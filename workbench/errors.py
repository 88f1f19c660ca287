"""The errors that reach a person: one message that says what, where and what to do."""

from __future__ import annotations

from enum import StrEnum


class WorkbenchError(Exception):
    """Base of every error that a command shows as one message and no traceback.

    `message` says what is wrong, `where` names the place (file:line:column, flag, node path), `hint` what to do next.
    """

    exit_code = 1

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n  {self.hint}" if self.hint else head


class InputError(WorkbenchError):
    """Something the user wrote can't be read: a flag, a prompt file, a name."""

    exit_code = 2


class ConfigError(InputError):
    """config.toml does not parse or holds an unknown key or a wrong type."""


class SystemFileError(InputError):
    """A system's YAML, JSON or reference can't be read; the base of `NotationError`."""


class NotationError(SystemFileError):
    """A line of notation does not parse. `line` and `column` count from 1; `expected` lists what could stand there."""

    def __init__(self, message: str, *, line: int, column: int, expected: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message, where=f"line {line}, column {column}", hint=hint)
        self.line = line
        self.column = column
        self.expected = expected


class LedgerError(WorkbenchError):
    """The ledger can't be opened, read or written (locked, read-only, disk full, newer schema)."""

    exit_code = 4


class ErrorKind(StrEnum):
    """Our own small set of provider failures; every provider's errors map onto these."""

    AUTH = "auth"
    PAYMENT = "payment"
    RATE_LIMIT = "rate_limit"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    INTERRUPTED = "interrupted"
    """The stream ended without a finish reason: what arrived is not a whole answer."""
    CONTEXT_WINDOW = "context_window"
    CONTENT_FILTER = "content_filter"
    BAD_REQUEST = "bad_request"
    NOT_FOUND = "not_found"
    UNAVAILABLE = "unavailable"
    """The model can't run here: not pulled, no wheel for the platform, no key, worker died."""
    INTERNAL = "internal"


RETRYABLE = frozenset(
    {ErrorKind.RATE_LIMIT, ErrorKind.OVERLOADED, ErrorKind.TIMEOUT, ErrorKind.CONNECTION, ErrorKind.INTERNAL}
)


class ModelError(WorkbenchError):
    """A call to a model failed. `status`: HTTP status where there was one; `retry_after`: seconds the provider asks."""

    exit_code = 3

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        where: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after

    @property
    def retryable(self) -> bool:
        """True where the same request may succeed later."""
        return self.kind in RETRYABLE
