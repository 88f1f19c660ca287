"""LiteLLM's exceptions → our kinds, with stand-ins of the same names: LiteLLM is not imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workbench.errors import ErrorKind
from workbench.models.litellm.failures import failed
from workbench.models.litellm.frames import encode, from_worker
from workbench.models.litellm.names import PROVIDERS


class BadRequestError(Exception):
    def __init__(self, message: str, status_code: int = 400, **more: object) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.__dict__.update(more)


class ContextWindowExceededError(BadRequestError):
    pass


class ContentPolicyViolationError(BadRequestError):
    pass


class InternalServerError(BadRequestError):
    pass


class Timeout(BadRequestError):
    pass


class APIConnectionError(BadRequestError):
    pass


class MidStreamFallbackError(BadRequestError):
    pass


class ConnectError(Exception):
    pass


def refused() -> Exception:
    error = InternalServerError("InternalServerError: OpenAIException - Connection error.", 500)
    error.__cause__ = ConnectError()
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ContextWindowExceededError("too long"), ErrorKind.CONTEXT_WINDOW),
        (ContentPolicyViolationError("no"), ErrorKind.CONTENT_FILTER),
        (BadRequestError("Insufficient credits", 402), ErrorKind.PAYMENT),
        (BadRequestError("You exceeded your current quota", 429), ErrorKind.PAYMENT),
        (BadRequestError("bad", 400), ErrorKind.BAD_REQUEST),
        (refused(), ErrorKind.CONNECTION),
        (Timeout("late", 408), ErrorKind.TIMEOUT),
        (APIConnectionError("odd", 500), ErrorKind.INTERNAL),
        (MidStreamFallbackError("late", 503, original_exception=BadRequestError("slow", 429)), ErrorKind.RATE_LIMIT),
        (APIConnectionError("Missing credentials. Please pass an `api_key`", 500), ErrorKind.AUTH),
        (APIConnectionError("Stream ended before a finish_reason was received", 500), ErrorKind.INTERRUPTED),
        (ValueError("what"), ErrorKind.INTERNAL),
    ],
)
def test_kinds(error: Exception, kind: ErrorKind) -> None:
    frame = failed(1, error)
    assert frame.kind is kind
    assert from_worker.decode(encode([frame])) == [frame]


def test_prefixes_are_taken_off() -> None:
    error = BadRequestError("litellm.BadRequestError: OpenAIException - Error code: 400: no such thing")
    assert failed(1, error).message == "Error code: 400: no such thing"


def test_headers_of_the_response_name_the_wait() -> None:
    error = BadRequestError("slow", 429, litellm_response_headers={"Retry-After": "7"})
    assert failed(1, error).retry_after == 7


@pytest.mark.slow
def test_litellms_providers_are_known_by_name() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import litellm; print(*(getattr(p, 'value', p) for p in litellm.provider_list))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(said.stdout.split()) - PROVIDERS == set()
