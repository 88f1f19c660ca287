"""Tests of an answer that need no model and run no code: regex, number, json-schema, contains.

A check that can't be decided (its own pattern or schema is broken, the pattern takes too long) abstains with the
reason; it never accepts or rejects for that. `command` and `python-tests` are in `engine.sandbox`; `agreement` needs
all candidates and is the engine's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from workbench.analysis.answers import Key, extract, json_value, without_thinking
from workbench.analysis.canonical import quantity
from workbench.analysis.patterns import PatternTimeout, compile_pattern, found
from workbench.errors import InputError
from workbench.systems.nodes import Check, Contains, JsonSchema, Number, Regex

CheckVerdict: TypeAlias = Literal["accepted", "rejected", "abstained"]
_LONGEST_REASON = 600


class CheckResult(Struct, frozen=True):
    """What a check says of one answer. `score` is 1 or 0, None where it abstains."""

    verdict: CheckVerdict
    score: float | None
    reason: str
    isolation: str = ""
    """For checks that run code: how far that code was fenced in (`network: not isolated` where it was not)."""


def accepted(reason: str, isolation: str = "") -> CheckResult:
    """The answer passes."""
    return CheckResult("accepted", 1.0, reason[:_LONGEST_REASON], isolation)


def rejected(reason: str, isolation: str = "") -> CheckResult:
    """The answer does not pass."""
    return CheckResult("rejected", 0.0, reason[:_LONGEST_REASON], isolation)


def abstained(reason: str, isolation: str = "") -> CheckResult:
    """The check can't say."""
    return CheckResult("abstained", None, reason[:_LONGEST_REASON], isolation)


def problem(check: Check) -> str | None:
    """What is wrong with the check itself (its pattern, its schema), before it is ever run; None where nothing is."""
    try:
        if isinstance(check, Regex):
            compile_pattern(check.pattern)
        elif isinstance(check, JsonSchema):
            _validator(json.dumps(check.schema, sort_keys=True))
    except (InputError, BadSchema) as error:
        return str(error.args[0])
    if isinstance(check, Number) and check.at_least is not None and check.at_most is not None:
        return "no number is inside its bounds" if check.at_least > check.at_most else None
    return None


def run_check(check: Check, text: str, *, key: Key | None = None) -> CheckResult:
    """Try an answer's text. `key`: the answer key already found in it, used by `number`.

    Raises `TypeError` for a check that is not one of this module's.
    """
    text = without_thinking(text)
    match check:
        case Regex():
            return _regex(check, text)
        case Number():
            return _number(check, text, key)
        case JsonSchema():
            return _json_schema(check, text)
        case Contains():
            return _contains(check, text)
    raise TypeError(f"{type(check).__name__} is no check of text alone")


def _regex(check: Regex, text: str) -> CheckResult:
    try:
        hit = found(check.pattern, text.strip() if check.whole else text, whole=check.whole)
    except PatternTimeout:
        return abstained("the pattern took too long on this answer")
    except InputError as error:
        return abstained(str(error.message))
    return accepted("the pattern is found") if hit else rejected("the pattern is not found")


def _number(check: Number, text: str, key: Key | None) -> CheckResult:
    value = key.value if key is not None and key.value is not None else None
    amount = quantity(value) if value is not None else None
    if amount is None:
        value = extract(text, "number").value
        amount = quantity(value) if value is not None else None
    if amount is None:
        return rejected("the answer is no number")
    number = amount.number
    # Bounds are decimal in the file and binary in memory: what was written is what counts.
    if check.equals is not None and number != _exact(check.equals):
        return rejected(f"{value} is not {check.equals:g}")
    if check.at_least is not None and number < _exact(check.at_least):
        return rejected(f"{value} is below {check.at_least:g}")
    if check.at_most is not None and number > _exact(check.at_most):
        return rejected(f"{value} is above {check.at_most:g}")
    return accepted(f"{value} is a number as wanted")


def _exact(number: float) -> Fraction:
    return Fraction(repr(number))


def _contains(check: Contains, text: str) -> CheckResult:
    wanted, where = (check.text.casefold(), text.casefold()) if check.ignore_case else (check.text, text)
    return accepted("the text is there") if wanted in where else rejected("the text is not there")


class BadSchema(Exception):
    """The JSON Schema is none, or refers to what is not in it."""


def _json_schema(check: JsonSchema, text: str) -> CheckResult:
    has_json, value = json_value(text)
    if not has_json:
        return rejected("the answer holds no JSON")
    try:
        error = _first_error(json.dumps(check.schema, sort_keys=True), value)
    except PatternTimeout:
        return abstained("a pattern of the schema took too long on this answer")
    except BadSchema as bad:
        return abstained(str(bad))
    except RecursionError:
        return abstained("the JSON is nested too deeply to check")
    return accepted("the JSON satisfies the schema") if error is None else rejected(error)


def _first_error(schema: str, value: Any) -> str | None:
    from referencing.exceptions import Unresolvable

    try:
        error = next(iter(_validator(schema).iter_errors(value)), None)
    except Unresolvable as missing:
        # Nothing is ever fetched: a schema that points elsewhere can't be used.
        raise BadSchema(f"the schema refers to what is not in it: {missing.ref}") from missing
    if error is None:
        return None
    return f"{error.json_path}: {error.message}"


@lru_cache(maxsize=64)
def _validator(schema: str) -> Any:
    """A compiled schema. Raises `BadSchema`."""
    import jsonschema
    import referencing

    content = json.loads(schema)
    base = jsonschema.validators.validator_for(content, default=jsonschema.Draft202012Validator)
    try:
        base.check_schema(content)
    except jsonschema.SchemaError as error:
        raise BadSchema(f"the schema is not valid: {error.message}") from error
    limited = jsonschema.validators.extend(base, {"pattern": _pattern})
    return limited(content, registry=referencing.Registry())


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[Any]:
    # jsonschema's own search has no time limit.
    import jsonschema

    try:
        if isinstance(value, str) and not found(pattern, value):
            yield jsonschema.ValidationError(f"does not match {pattern!r}")
    except InputError as error:
        raise BadSchema(f"the schema's pattern {pattern!r} is not valid") from error
