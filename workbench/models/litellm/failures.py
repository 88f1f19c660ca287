"""LiteLLM's exceptions → our kinds. Classes are known by name, so that nothing here imports LiteLLM."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workbench.errors import ErrorKind
from workbench.models.errors_map import clean, kind_of, retry_after
from workbench.models.litellm.frames import Failed

_BY_CLASS: tuple[tuple[str, ErrorKind], ...] = (
    # The first two are subclasses of BadRequestError and must be tried before the status says 400.
    ("ContextWindowExceededError", ErrorKind.CONTEXT_WINDOW),
    ("ContentPolicyViolationError", ErrorKind.CONTENT_FILTER),
    ("AuthenticationError", ErrorKind.AUTH),
    ("PermissionDeniedError", ErrorKind.AUTH),
    ("NotFoundError", ErrorKind.NOT_FOUND),
    ("Timeout", ErrorKind.TIMEOUT),
    ("TimeoutException", ErrorKind.TIMEOUT),
)
# LiteLLM's own APIConnectionError is no evidence: it wraps whatever it does not know.
_TRANSPORT = frozenset(
    {"ConnectError", "ReadError", "WriteError", "RemoteProtocolError", "ClientConnectorError", "ClientOSError",
     "ServerDisconnectedError", "ClientPayloadError", "ConnectionError"}
)  # fmt: skip
_PREFIX = re.compile(r"^(?:litellm\.)?[A-Za-z0-9_]*(?:Error|Exception|Timeout)(?::|\s+-)\s*")
_NO_PROVIDER = "LLM Provider NOT provided"
_CUT_OFF = re.compile(r"before a finish_reason|finish_reason[=: ]+'?(abort|error)", re.I)
"""LiteLLM 1.109 raises where 1.106 makes up a `stop`."""
_NO_KEY = re.compile(
    r"missing (credentials|.{0,40}api[_ ]?key)|api[_ ]?key.{0,40}(missing|must be set|not (set|found))", re.I
)


def failed(call: int, error: BaseException, *, secrets: Iterable[str] = (), prompts: Iterable[str] = ()) -> Failed:
    """The exception as plain fields: no key in it and no prompt."""
    origin = _origin(error)
    status = _status(origin)
    message = _message(origin)
    if _NO_PROVIDER in message:
        message = "LiteLLM knows no such provider: a model is <provider>/<model>, as in openai/gpt-4o-mini"
    for prompt in prompts:
        if len(prompt) > 16:
            message = message.replace(prompt, "[prompt]")
    return Failed(
        call=call,
        kind=_kind(origin, status, _message(origin)),
        message=clean(message, secrets) or type(origin).__name__,
        status=status,
        retry_after=retry_after(_headers(origin)),
    )


def _origin(error: BaseException) -> BaseException:
    """What really happened: LiteLLM wraps everything in mid-stream in a MidStreamFallbackError."""
    while isinstance(inner := getattr(error, "original_exception", None), BaseException) and inner is not error:
        error = inner
    return error


def _kind(error: BaseException, status: int | None, message: str) -> ErrorKind:
    names = _names(error)
    if _NO_PROVIDER in message:
        return ErrorKind.NOT_FOUND
    if _CUT_OFF.search(message):
        return ErrorKind.INTERRUPTED
    if status in (None, 500) and _NO_KEY.search(message):
        return ErrorKind.AUTH
    for name, kind in _BY_CLASS[:2]:
        if name in names:
            return kind
    if status in (None, 500) and any(_TRANSPORT & _names(cause) for cause in _chain(error)):
        return ErrorKind.TIMEOUT if "Timeout" in names else ErrorKind.CONNECTION
    known = kind_of(status, message)
    if known in (ErrorKind.PAYMENT, ErrorKind.CONTEXT_WINDOW, ErrorKind.CONTENT_FILTER):
        return known
    return next((kind for name, kind in _BY_CLASS[2:] if name in names), known)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    step: BaseException | None = error
    while step is not None and id(step) not in seen:
        seen.add(id(step))
        yield step
        step = step.__cause__ or step.__context__


def _names(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _status(error: BaseException) -> int | None:
    value = getattr(error, "status_code", None)
    return value if isinstance(value, int) and 100 <= value < 600 else None


def _message(error: BaseException) -> str:
    """The provider's words without LiteLLM's layers of prefixes."""
    message = str(getattr(error, "message", "") or error)
    while (shorter := _PREFIX.sub("", message)) != message:
        message = shorter
    return message


def _headers(error: BaseException) -> Mapping[str, str]:
    for holder in (error, getattr(error, "response", None)):
        for name in ("litellm_response_headers", "headers"):
            headers: Any = getattr(holder, name, None)
            if headers is not None and "retry-after" in {str(key).lower() for key in headers}:
                return {str(key): str(value) for key, value in headers.items()}
    return {}
