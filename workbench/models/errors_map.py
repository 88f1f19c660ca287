"""Providers' failures → our own small set of kinds, with the provider's words and without its keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from workbench.errors import ErrorKind, ModelError

LONGEST_MESSAGE = 600
"""Characters of a provider's message that are kept; some echo the whole prompt."""

_BY_STATUS = {
    401: ErrorKind.AUTH,
    402: ErrorKind.PAYMENT,
    403: ErrorKind.AUTH,
    404: ErrorKind.NOT_FOUND,
    408: ErrorKind.TIMEOUT,
    429: ErrorKind.RATE_LIMIT,
    502: ErrorKind.OVERLOADED,
    503: ErrorKind.OVERLOADED,
    504: ErrorKind.TIMEOUT,
    529: ErrorKind.OVERLOADED,
}

_CONTEXT = re.compile(
    r"context[_ -]?(length|window|size)|maximum (prompt|input|context) (length|tokens)|prompt is too long"
    r"|too many (input )?tokens|exceeds? the (available |model'?s )?(max\w* )?context",
    re.IGNORECASE,
)
_FILTER = re.compile(
    r"content[_ -]?(filter|policy|management)|moderation|flagged|responsible ?ai|safety (system|policy)", re.IGNORECASE
)
_QUOTA = re.compile(r"insufficient[_ ](quota|balance|credits?|funds)|exceeded your current quota", re.IGNORECASE)

_HINTS = {
    ErrorKind.AUTH: "Check the key of this provider: `workbench models list` shows which variable it is read from.",
    ErrorKind.PAYMENT: "The account has no credit or no quota left at this provider.",
    ErrorKind.RATE_LIMIT: "Fewer replicas, or `max_concurrency` in config.toml under [limits.<endpoint>].",
    ErrorKind.CONNECTION: "Is the server running, and is `base_url` right? `workbench models test` tries it.",
    ErrorKind.CONTEXT_WINDOW: "Shorten the prompt, or take a model with a larger context window.",
    ErrorKind.NOT_FOUND: "`workbench models list` shows the names this provider serves.",
}

_SECRETS = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|r8|nvapi|pplx|csk|AIza|ghp|glpat)[-_][A-Za-z0-9*_\-.]{6,}"
    r"|\bAIza[A-Za-z0-9_\-]{10,}|(?i:bearer)\s+[A-Za-z0-9._~+/\-]{6,}=*"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def kind_of(status: int | None, message: str, code: str = "") -> ErrorKind:
    """The kind of a failure from its HTTP status (None where there was none), the provider's code and message."""
    said = f"{code} {message}"
    if status in (None, 400, 403, 413, 422) or (status is not None and status >= 500):
        if _CONTEXT.search(said):
            return ErrorKind.CONTEXT_WINDOW
        if status != 500 and _FILTER.search(said):
            return ErrorKind.CONTENT_FILTER
    if status in (None, 429) and _QUOTA.search(said):
        return ErrorKind.PAYMENT
    if status is None:
        return ErrorKind.INTERNAL
    known = _BY_STATUS.get(status)
    if known is not None:
        return known
    return ErrorKind.INTERNAL if status >= 500 else ErrorKind.BAD_REQUEST


def clean(message: str, secrets: Iterable[str] = ()) -> str:
    """The message on one line, without keys (`secrets` and whatever looks like one) or control characters."""
    for secret in secrets:
        if secret:
            message = message.replace(secret, "[key]")
    message = _SECRETS.sub("[key]", message)
    message = " ".join(_CONTROL.sub("", message).split())
    return message if len(message) <= LONGEST_MESSAGE else message[: LONGEST_MESSAGE - 1] + "…"


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds the provider asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as an HTTP date."""
    lower = {name.lower(): value.strip() for name, value in headers.items()}
    milliseconds = _number(lower.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = lower.get("retry-after", "")
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) else None


def said(body: bytes) -> tuple[str, str]:
    """(message, code) of an error body in any of the shapes that servers use; the start of the text otherwise."""
    try:
        data = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body[:LONGEST_MESSAGE].decode("utf-8", "replace"), ""
    return described(data)


def described(data: Any) -> tuple[str, str]:
    """(message, code) of a decoded error object: OpenAI's, OpenRouter's, FastAPI's `detail`, a bare string."""
    if isinstance(data, list) and data:
        data = data[0]
    if isinstance(data, str):
        return data, ""
    if not isinstance(data, dict):
        return "", ""
    for name in ("error", "detail"):
        if data.get(name):
            return described(data[name])
    message = data.get("message") or data.get("msg") or ""
    code = data.get("code") or data.get("type") or ""
    raw = (data.get("metadata") or {}).get("raw") if isinstance(data.get("metadata"), dict) else None
    return f"{message}: {raw}" if isinstance(raw, str) else str(message), str(code)


def model_error(
    kind: ErrorKind,
    message: str,
    *,
    status: int | None = None,
    wait: float | None = None,
    where: str = "",
    secrets: Iterable[str] = (),
    hint: str = "",
) -> ModelError:
    """A `ModelError` with a cleaned message and the hint that belongs to its kind. `wait`: seconds."""
    text = clean(message, secrets) or f"failed ({kind.value})"
    return ModelError(kind, text, status=status, retry_after=wait, where=where, hint=hint or _HINTS.get(kind, ""))


def from_response(
    status: int, headers: Mapping[str, str], body: bytes, *, where: str = "", secrets: Iterable[str] = ()
) -> ModelError:
    """The error of an HTTP response that is no success."""
    message, code = said(body)
    if 300 <= status < 400:
        message = f"redirects to {headers.get('location', 'another place')}, which is not followed"
        hint = "Put the final address into base_url; keys are not sent to another host."
        return model_error(ErrorKind.BAD_REQUEST, message, status=status, where=where, secrets=secrets, hint=hint)
    kind = kind_of(status, message, code)
    text = f"{status} {message}".strip()
    return model_error(kind, text, status=status, wait=retry_after(headers), where=where, secrets=secrets)
