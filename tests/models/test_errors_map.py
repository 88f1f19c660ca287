"""Providers' failures → kinds, waits and clean messages."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ErrorKind
from workbench.models.errors_map import LONGEST_MESSAGE, clean, from_response, kind_of, retry_after, said


@pytest.mark.parametrize(
    ("status", "message", "code", "kind"),
    [
        (401, "bad key", "", ErrorKind.AUTH),
        (403, "not allowed", "", ErrorKind.AUTH),
        (403, "Your input was flagged by moderation", "", ErrorKind.CONTENT_FILTER),
        (402, "no credit", "", ErrorKind.PAYMENT),
        (404, "no such model", "", ErrorKind.NOT_FOUND),
        (408, "late", "", ErrorKind.TIMEOUT),
        (429, "slow down", "", ErrorKind.RATE_LIMIT),
        (429, "You exceeded your current quota", "insufficient_quota", ErrorKind.PAYMENT),
        (400, "bad field", "", ErrorKind.BAD_REQUEST),
        (422, "bad field", "", ErrorKind.BAD_REQUEST),
        (400, "x", "context_length_exceeded", ErrorKind.CONTEXT_WINDOW),
        (400, "the request exceeds the available context size", "", ErrorKind.CONTEXT_WINDOW),
        (413, "prompt is too long: 300000 tokens > 200000 maximum", "", ErrorKind.CONTEXT_WINDOW),
        (400, "The response was filtered", "content_filter", ErrorKind.CONTENT_FILTER),
        (500, "boom", "", ErrorKind.INTERNAL),
        (502, "bad gateway", "", ErrorKind.OVERLOADED),
        (503, "loading model", "", ErrorKind.OVERLOADED),
        (504, "upstream", "", ErrorKind.TIMEOUT),
        (529, "overloaded", "", ErrorKind.OVERLOADED),
        (418, "teapot", "", ErrorKind.BAD_REQUEST),
        (None, "odd", "", ErrorKind.INTERNAL),
    ],
)
def test_kinds(status: int | None, message: str, code: str, kind: ErrorKind) -> None:
    assert kind_of(status, message, code) is kind


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "Retry-After": "9"}, 0.25),
        ({"Retry-After": "Tue, 24 Nov 2026 09:00:30 GMT"}, 30),
        ({"Retry-After": "Tue, 24 Nov 2026 08:00:00 GMT"}, 0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "-3"}, None),
        ({}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, datetime(2026, 11, 24, 9, 0, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": {"message": "m", "code": "c"}}, ("m", "c")),
        ({"error": {"message": "m", "type": "t", "code": None}}, ("m", "t")),
        ({"error": "m"}, ("m", "")),
        ({"detail": [{"msg": "m"}]}, ("m", "")),
        ({"message": "m", "code": 7}, ("m", "7")),
        ([{"error": {"message": "m"}}], ("m", "")),
        ({"error": {"message": "Failed", "code": 429, "metadata": {"raw": "busy"}}}, ("Failed: busy", "429")),
        (3, ("", "")),
    ],
)
def test_shapes_of_error_bodies(body: object, expected: tuple[str, str]) -> None:
    assert said(json.dumps(body).encode()) == expected


def test_a_page_instead_of_json_is_cut() -> None:
    error = from_response(502, {}, b"<html>" + b"x" * 10_000)
    assert error.kind is ErrorKind.OVERLOADED
    assert len(error.message) <= LONGEST_MESSAGE


@pytest.mark.parametrize(
    "key",
    ["sk-proj-abcdef123456", "gsk_abcdefgh1234", "AIzaSyA1234567890abcd", "Bearer abcdefgh.ijkl", "hf_abcdefghij"],
)
def test_what_looks_like_a_key_goes(key: str) -> None:
    assert "[key]" in clean(f"wrong: {key}!")
    assert key not in clean(f"wrong: {key}!")


@given(st.text(), st.text(min_size=1))
def test_messages_are_one_clean_line(message: str, secret: str) -> None:
    cleaned = clean(message, (secret,))
    assert cleaned == cleaned.strip()
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in cleaned)
    assert len(cleaned) <= LONGEST_MESSAGE


def test_ordinary_words_stay() -> None:
    assert clean("The key-value store is risk-free.") == "The key-value store is risk-free."
