"""The words of a simulated model: filler of a wanted length, and an answer at its end.

Cheap, and without digits, so that no number of the filler can be taken for the answer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from msgspec import Struct

from workbench.models.base import Channel

_SENTENCES = (
    "Let me look at what is asked.",
    "I go through it one step at a time.",
    "First I set down what is known.",
    "Then I work out the next part and keep the result.",
    "That part seems plain enough.",
    "Let me check it against the other way round.",
    "Both ways should give the same.",
    "I compare that with what was asked.",
    "Wait, I should look at that step again.",
    "No, the step holds.",
    "What remains is to put the parts together.",
    "A rough estimate says that the size is right.",
    "So the parts fit.",
    "Hmm, perhaps there is a simpler way to see it.",
    "The simpler way leads to the same place.",
    "Now I can state the result.",
)
_FILLER: tuple[str, ...] = tuple(f"{word} " for sentence in _SENTENCES for word in sentence.split())
_STARTS = [i for i in range(len(_FILLER)) if i == 0 or _FILLER[i - 1].rstrip().endswith(".")]


class Script(Struct, frozen=True):
    """What one call will say: tokens (a word each) by channel, thinking first."""

    thinking: Sequence[str]
    answer: Sequence[str]

    def __len__(self) -> int:
        return len(self.thinking) + len(self.answer)

    def first(self, n: int) -> Script:
        """Its first n tokens."""
        return Script(self.thinking[:n], self.answer[: max(0, n - len(self.thinking))])

    def pieces(self, size: int) -> Iterator[tuple[str, Channel, int]]:
        """Runs of at most `size` tokens of one channel: (text, channel, tokens)."""
        channels: tuple[tuple[Sequence[str], Channel], ...] = ((self.thinking, "thinking"), (self.answer, "answer"))
        for tokens, channel in channels:
            for start in range(0, len(tokens), size):
                run = tokens[start : start + size]
                yield "".join(run), channel, len(run)


def filler(length: int, rng: random.Random) -> list[str]:
    """That many tokens of harmless prose that begin with a sentence."""
    start = rng.choice(_STARTS)
    whole, rest = divmod(length, len(_FILLER))
    turned = _FILLER[start:] + _FILLER[:start]
    return [*(turned * whole), *turned[:rest]]


def tokens_of(text: str) -> list[str]:
    """Text cut into tokens (words with the space after them), nothing lost."""
    parts: list[str] = []
    word = ""
    for character in text:
        if word and word[-1].isspace() and not character.isspace():
            parts.append(word)
            word = ""
        word += character
    return [*parts, word] if word else parts


def answer(said: str, length: int, rng: random.Random, *, code: bool = False) -> list[str]:
    """About `length` tokens that end in the answer; a program stands in a fenced block."""
    end = f"```python\n{said}\n```\n" if code else f"Final answer: {said}"
    tail = tokens_of(end)
    lead = filler(max(0, length - len(tail)), rng)
    if lead:
        lead[-1] = lead[-1].rstrip(" .") + ".\n\n"
    return [*lead, *tail]
