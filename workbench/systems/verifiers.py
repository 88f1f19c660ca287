"""Tests that need no model: structs that stand wherever a verifier may. What they accept is decided in analysis."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

Extract = Annotated[
    str,
    Meta(
        description="How text becomes an answer key: auto, text, final, boxed, number, choice, code, json:<path>, "
        "regex:<re> or model:<name> (a costed call)."
    ),
]


class Check(Struct, frozen=True, kw_only=True, tag_field="node", omit_defaults=True, forbid_unknown_fields=True):
    """Base of the tests that need no model; they stand wherever a verifier may."""

    runs_code: ClassVar[bool] = False


class Regex(Check, frozen=True, kw_only=True, tag="regex"):
    """Accepts where the pattern is found in the answer."""

    pattern: Annotated[str, Meta(min_length=1, description="Python regular expression.")]
    whole: Annotated[bool, Meta(description="The whole answer must match.")] = False


class Number(Check, frozen=True, kw_only=True, tag="number"):
    """Accepts where the answer key is a number, inside the bounds and equal to `equals` where given."""

    equals: Annotated[float | None, Meta(description="The number it must be.")] = None
    at_least: Annotated[float | None, Meta(description="Lower bound, included.")] = None
    at_most: Annotated[float | None, Meta(description="Upper bound, included.")] = None


class JsonSchema(Check, frozen=True, kw_only=True, tag="json-schema"):
    """Accepts where the answer holds JSON that satisfies the schema."""

    schema: Annotated[dict[str, Any], Meta(description="JSON Schema.")] = {}


class Contains(Check, frozen=True, kw_only=True, tag="contains"):
    """Accepts where the answer contains the text."""

    text: Annotated[str, Meta(min_length=1, description="The text to find.")]
    ignore_case: Annotated[bool, Meta(description="Upper and lower case are the same.")] = True


class Command(Check, frozen=True, kw_only=True, tag="command"):
    """Accepts where the command exits with 0; the answer comes on its standard input. Off until code is allowed."""

    runs_code: ClassVar[bool] = True

    run: Annotated[tuple[str, ...], Meta(min_length=1, description="Program and arguments; no shell.")]
    seconds: Annotated[float, Meta(gt=0, description="Time limit, seconds.")] = 10.0
    memory_mb: Annotated[int, Meta(ge=16, description="Memory limit, MB.")] = 512


class PythonTests(Check, frozen=True, kw_only=True, tag="python-tests"):
    """Accepts where the answer's code passes the tests. Off until code is allowed."""

    runs_code: ClassVar[bool] = True

    tests: Annotated[str, Meta(description="Python code run after the answer's own; empty takes the task's tests.")] = (
        ""
    )
    seconds: Annotated[float, Meta(gt=0, description="Time limit, seconds.")] = 10.0
    memory_mb: Annotated[int, Meta(ge=16, description="Memory limit, MB.")] = 512


class Agreement(Check, frozen=True, kw_only=True, tag="agreement"):
    """Accepts where the largest cluster of the branch's equal answers holds at least this share."""

    at_least: Annotated[float, Meta(ge=0, le=1, description="Least share of the largest cluster.")] = 0.6
    extract: Extract = "auto"
