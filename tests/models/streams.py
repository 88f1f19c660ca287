"""Reading a provider's stream in a test."""

from __future__ import annotations

from typing import Any

from workbench.models.base import Delta, Done, Message, Provider, Request


def ask(model: str, prompt: str = "What is 6 × 7?", **fields: Any) -> Request:
    """A request with one user message."""
    return Request(model=model, messages=(Message("user", prompt),), **fields)


async def collect(provider: Provider, request: Request) -> tuple[str, str, Done]:
    """(answer, thinking, done) of a stream that ends well."""
    texts = {"answer": "", "thinking": ""}
    done: list[Done] = []
    async for chunk in provider.stream(request):
        if isinstance(chunk, Delta):
            texts[chunk.channel] += chunk.text
        else:
            done.append(chunk)
    assert len(done) == 1
    return texts["answer"], texts["thinking"], done[0]
