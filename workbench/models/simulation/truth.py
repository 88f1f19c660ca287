"""What a simulated model takes for the right answer to a query, and which wrong ones it may give instead.

Arithmetic is computed; a multiple choice is one of its letters; a question of how many is a number, a yes/no question
yes or no; everything else has a stable pseudo-answer derived from a hash of the query. Only arithmetic, and a target
that was given, are true.
"""

from __future__ import annotations

import ast
import hashlib
import operator
import random
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache

from msgspec import Struct

from workbench.analysis.canonical import canonical
from workbench.analysis.quantities import show

_EXPRESSION = re.compile(r"(?<![\w.])[-(]*\d[\d\s.,()+\-*/%^×÷·]*(?:of\s+\d[\d.,]*)?")
_OPERATOR = re.compile(r"[+*/^]|(?<=\d)\s*-|% of")
_LONGEST = 80
_OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_LETTERS = re.compile(r"(?:^|\n|\s)\(?([A-H])[).:]\s", re.MULTILINE)
_YES_NO = re.compile(
    r"(?:^|[.!\n]\s*)(?:is|are|was|were|does|do|did|can|could|will|would|has|have|should)\b[^.?!]*\?", re.IGNORECASE
)
_HOW_MUCH = re.compile(
    r"\bhow (?:many|much|long|far|old|fast)\b|\bwhat (?:is|are|does|do|will)\b.*\b(?:cost|speed|price|sum|number)\b",
    re.I,
)
_FUNCTION = re.compile(r"function\s+`?(\w+)\s*\(([\w\s,]*)\)|\bdef\s+(\w+)\s*\(([\w\s,]*)\)")
_WORDS = (
    *("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "indigo", "juniper", "koala", "lagoon"),
    *("maple", "nimbus", "ochre", "plum", "quartz", "raven", "sable", "tundra", "umber", "violet", "willow", "xenon"),
)


class Truth(Struct, frozen=True):
    """The right answer to a query and the wrong ones, likeliest first. `code` where answers are programs."""

    right: str
    wrong: tuple[str, ...]
    code: bool = False

    def is_right(self, answer: str) -> bool:
        """Whether an answer is the right one."""
        return canonical(answer) == canonical(self.right)


def stable(*parts: str) -> random.Random:
    """A random source that depends on nothing but the parts."""
    return random.Random(hashlib.blake2b("\x1f".join(parts).encode(errors="replace"), digest_size=16).digest())


@lru_cache(maxsize=2048)
def truth(query: str, target: str | None, wrong: int) -> Truth:
    """What is right for a query, with `wrong` wrong answers."""
    rng = stable("truth", query)
    right = target if target is not None else _computed(query)
    if right is not None:
        return Truth(right, _beside(right, wrong, rng))
    if function := _FUNCTION.search(query):
        name, arguments = function[1] or function[3], function[2] if function[1] else function[4]
        return _program(name, [a.strip() for a in arguments.split(",") if a.strip()])
    letters = sorted(set(_LETTERS.findall(query)))
    if len(letters) > 1:
        return _one_of(letters, wrong, rng)
    if _HOW_MUCH.search(query):
        number = str(rng.randrange(2, 100))
        return Truth(number, _beside(number, wrong, rng))
    if _YES_NO.search(query):
        return _one_of(["yes", "no"], wrong, rng)
    return _one_of(_WORDS, wrong, rng)


def _one_of(options: Sequence[str], wrong: int, rng: random.Random) -> Truth:
    shuffled = rng.sample(options, len(options))
    return Truth(shuffled[0], tuple(shuffled[1 : wrong + 1]))


def _beside(right: str, wrong: int, rng: random.Random) -> tuple[str, ...]:
    """Wrong answers that look like the right one: near numbers, other letters, other words."""
    try:
        number = Fraction(right.replace(",", ""))
    except (ValueError, ZeroDivisionError):
        if re.fullmatch(r"[A-H]", right):
            return tuple(c for c in rng.sample("ABCD", 4) if c != right)[:wrong]
        if right.casefold() in ("yes", "no"):
            return ("no",) if right.casefold() == "yes" else ("yes",)
        return tuple(word for word in rng.sample(_WORDS, len(_WORDS)) if word != right.casefold())[:wrong]
    steps = rng.sample([1, -1, 2, -2, 10, -10, 9, -9, 100, 5, -5], 11)
    steps.extend(range(11, 11 + wrong))
    return tuple(show(number + step) for step in steps[:wrong])


def _computed(query: str) -> str | None:
    """The value of the first arithmetic expression of a query, exactly; None without one."""
    for match in _EXPRESSION.finditer(query):
        text = match[0].strip().rstrip(".,?=")
        if len(text) <= _LONGEST and _OPERATOR.search(_ascii(text)):
            try:
                return show(_value(ast.parse(_ascii(text).replace("% of", "/100*"), mode="eval").body))
            except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, OverflowError):
                continue
    return None


def _ascii(text: str) -> str:
    text = text.replace("×", "*").replace("·", "*").replace("÷", "/").replace("^", "**")
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    return re.sub(r"\s*%\s*of", "% of", " ".join(text.split()))


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, power = _value(left), _value(right)
            if power.denominator != 1 or abs(power) > 64 or abs(base) > 10**6:
                raise ValueError("too large a power")
            return base ** int(power)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            return _OPERATIONS[type(op)](_value(left), _value(right))
    raise ValueError("no arithmetic")


_BODIES = {
    "add": "{0} + {1}",
    "sum": "{0} + {1}",
    "subtract": "{0} - {1}",
    "multiply": "{0} * {1}",
    "maximum": "max({0}, {1})",
    "minimum": "min({0}, {1})",
    "reverse": "{0}[::-1]",
    "reverse_string": "{0}[::-1]",
    "is_even": "{0} % 2 == 0",
    "double": "{0} * 2",
}


def _program(name: str, arguments: list[str]) -> Truth:
    head = f"def {name}({', '.join(arguments)}):\n    return "
    body = _BODIES.get(name, "None")
    first, second = (*arguments, "0", "0")[:2]
    wrong = (f"{second} - {first}", f"{first}", "None", "0")
    right = body.format(first, second)
    return Truth(head + right, tuple(head + other for other in wrong if other != right), code=True)
