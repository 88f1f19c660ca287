"""Answer keys: text → the short answer in it (`extract`), and when two answers are the same (`equal`, `canonical`).

Kinds: auto, text, final, boxed, number, choice, code, json:<path>, regex:<re>, model:<name>. The last one needs a call
and is the engine's to resolve: `parse_kind(kind).needs_model` says so.

Text may be hostile and huge: of more than `MAX_TEXT` characters only the last are read, since answers stand at the
end, and a user's regular expression stops after `REGEX_SECONDS`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal, TypeAlias, cast, get_args

from msgspec import Struct

from workbench.analysis import choices as choice_letters
from workbench.analysis import quantities
from workbench.analysis.canonical import SHORT, canonical, digest, equal, is_digest, quantity
from workbench.analysis.notation import last_boxed, latex_plain, markdown_plain, plain, unicode_plain
from workbench.analysis.patterns import PatternTimeout, compile_pattern, last_match
from workbench.errors import InputError

__all__ = [
    "MAX_TEXT",
    "Key",
    "Kind",
    "canonical",
    "code_block",
    "equal",
    "extract",
    "is_digest",
    "json_value",
    "parse_kind",
]

MAX_TEXT = 400_000
"""Most characters of a text that are read, counted from its end."""

_KEPT = 8_000
"""Characters of the longest text whose key is remembered."""

KindName: TypeAlias = Literal["auto", "text", "final", "boxed", "number", "choice", "code", "json", "regex", "model"]
_WITH_ARGUMENT = {"json": "path", "regex": "re", "model": "name"}


class Key(Struct, frozen=True):
    """The answer in a text. `value` is None where there is none: the candidate abstains.

    `rule` names what found it (boxed, final, choice, number, text, code, json, regex); empty where nothing did.
    """

    value: str | None
    rule: str = ""


class Kind(Struct, frozen=True):
    """A way to read answers, parsed. `argument` is the path, pattern or model of those that take one."""

    name: KindName
    argument: str = ""

    @property
    def needs_model(self) -> bool:
        """Whether a model must read the answer first (a costed call, which the engine makes)."""
        return self.name == "model"


@lru_cache(maxsize=256)
def parse_kind(kind: str) -> Kind:
    """`json:a.b` → Kind("json", "a.b"). Raises `InputError` for an unknown kind, a missing argument, a bad pattern."""
    name, colon, argument = kind.strip().partition(":")
    known = ", ".join(f"{k}:<{_WITH_ARGUMENT[k]}>" if k in _WITH_ARGUMENT else k for k in get_args(KindName))
    if name not in get_args(KindName):
        raise InputError(f"there is no answer kind {kind!r}", where="extract", hint=f"Kinds: {known}.")
    if name in _WITH_ARGUMENT and not argument:
        raise InputError(f"{name!r} needs an argument", where="extract", hint=f"Write {name}:<{_WITH_ARGUMENT[name]}>.")
    if name not in _WITH_ARGUMENT and colon:
        raise InputError(f"{name!r} takes no argument", where="extract", hint=f"Kinds: {known}.")
    if name == "regex":
        compile_pattern(argument)
    return Kind(cast(KindName, name), argument)


def extract(text: str, kind: str = "auto", *, choices: Sequence[str] = (), numeric: bool = False) -> Key:
    """The answer key of a text.

    `choices`: the task's options (labels such as A, B, or the options' own words); `numeric`: the answer is a number.
    Raises `InputError` for a bad kind, and for model:<name>, which needs a call first.
    """
    read = _kept if len(text) <= _KEPT else _read
    return read(text, kind, tuple(choices), numeric)


def _read(text: str, kind: str, choices: tuple[str, ...], numeric: bool) -> Key:
    parsed = parse_kind(kind)
    if parsed.needs_model:
        raise InputError(
            "needs a model to read the answer first", where=f"extract {kind}", hint="Use another kind here."
        )
    answer = without_thinking(text[-MAX_TEXT:])
    value, rule = _auto(answer, choices, numeric) if parsed.name == "auto" else _one(answer, parsed, choices)
    return Key(value, rule) if value is not None else Key(None)


_kept = lru_cache(maxsize=1024)(_read)
"""The same answer is read by its run, by each vote above it and by each what-if that meets it again."""


def without_thinking(text: str) -> str:
    """The text without `<think>…</think>`; an unclosed block is all thinking, as is what a stray end closes."""
    if "think" not in text:
        return text
    _, end, after = text.rpartition("</think>")
    if end:
        text = after
    before, start, _ = text.partition("<think>")
    return before if start else text


def _auto(text: str, choices: Sequence[str], numeric: bool) -> tuple[str | None, str]:
    for rule, read in (("boxed", _boxed), ("final", final_line)):
        if (value := read(text)) is not None:
            return _fitted(value, choices, numeric), rule
    if choices and (value := choice_letters.find(text, choices)) is not None:
        return value, "choice"
    if numeric and (value := last_number(text)) is not None:
        return value, "number"
    return whole(text), "text"


def _fitted(value: str, choices: Sequence[str], numeric: bool) -> str:
    """A stated answer in the form that the task asks for, where it has that form."""
    if choices:
        return choice_letters.label(value, choices) or value
    if numeric and quantity(value) is None:
        return last_number(value) or value
    return value


def _one(text: str, kind: Kind, choices: Sequence[str]) -> tuple[str | None, str]:
    match kind.name:
        case "final":
            value = final_line(text)
        case "boxed":
            value = _boxed(text)
        case "number":
            value = _number(text)
        case "choice":
            value = _choice(text, choices)
        case "code":
            value = _code(text)
        case "json":
            value = _json(text, kind.argument)
        case "regex":
            value = _regex(text, kind.argument)
        case _:
            value = whole(text)
    return value, kind.name


def _said(text: str) -> str | None:
    """A short answer for people to read, or a digest of a long one; None where it says nothing."""
    text = " ".join(text.split())
    if not canonical(text):
        return None
    return text if len(text) <= SHORT else canonical(text)


def whole(text: str) -> str | None:
    """All of the text as one key."""
    return _said(plain(text)) if len(text) <= SHORT * 4 else canonical(text) or None


def _boxed(text: str) -> str | None:
    inside = last_boxed(text)
    return None if inside is None else _said(inside)


_ANSWER_LINE = re.compile(
    r"^(?:(?:so|thus|therefore|hence),?\s+)?(?:the\s+|my\s+)?(?:(?:final|correct|short)\s+)*(?:answer|verdict)"
    r"(?:\s+is)?\s*[:=]\s*(?P<said>.*)$",
    re.IGNORECASE,
)
_ANSWER_HEADING = re.compile(r"^(?:the\s+)?final\s+answer\s*:?$|^answer\s*:$", re.IGNORECASE)
_ANSWER_INLINE = re.compile(
    r"\b(?:final\s+answer\s*:|(?:the|my|final|correct)\s+answer\s+is:?)\s*(?P<said>\S[^\n]*)", re.IGNORECASE
)
_HASHES = re.compile(r"^#{4}\s+(?P<said>[^\n]*\d[^\n]*)$")
_EXPLANATION = re.compile(
    r",?\s+(?:because|since)\b|\.\s+(?=[A-Z])|[,;]\s+(?=[a-z])|\s+\((?=[a-z])|\s+[-–—]\s+(?=[A-Za-z])"
)


def final_line(text: str) -> str | None:
    """What the last "Final answer:" / "Answer:" line says, else the last "the answer is …". `#### 42` counts."""
    lines = text.splitlines()
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index][:2_000]
        if not any(word in line.casefold() for word in ("answer", "verdict", "####")):
            continue
        marked = _HASHES.match(line.strip())
        bare = markdown_plain(line).strip()
        found = marked or _ANSWER_LINE.match(bare)
        said = found["said"] if found else ""
        if (found and not said.strip()) or _ANSWER_HEADING.match(bare):
            said = next((after for after in lines[index + 1 : index + 4] if after.strip()), "")
        if said and (value := _stated(said)):
            return value
    for match in reversed(list(_ANSWER_INLINE.finditer(unicode_plain(text)))):
        if value := _stated(match["said"][:2_000]):
            return value
    return None


_RESULT = re.compile(r"[\d\s.,+\-*/^()%$€£=]*=|.*\b(?:is|are|equals|was|were)\b", re.DOTALL)


def _stated(said: str) -> str | None:
    """The answer in the rest of its line; a number loses the working before it and the reasons after it."""
    said = _boxed(said) or plain(said)
    inner = _ANSWER_LINE.match(said) or _ANSWER_INLINE.match(said)
    said = plain(inner["said"]) if inner else said
    if quantity(said) is None:
        tail = _EXPLANATION.search(said)
        heads = [said[: tail.start()]] if tail else []
        parts = [part for whole_ in (*heads, said) for part in (whole_, _after(_RESULT, whole_))]
        said = next((part for part in parts if quantity(part) is not None), said)
    return _said(plain(said))


def _after(pattern: re.Pattern[str], text: str) -> str:
    """What follows the pattern where the text begins with it: `17 + 5 = 22` → 22, `the speed is 80` → 80."""
    match = pattern.match(text)
    return text[match.end() :].strip() if match else ""


_NUMBERS = re.compile(
    rf"(?<![\w.])(?P<sign>(?<![\w)\]])[-+])?(?P<cur>[$€£¥₹])?(?P<number>{quantities.NUMBER})(?P<unit>\s?%)?"
)
_LIST_MARK = re.compile(r"^[ \t]*(?:\(?\d{1,3}[.)]|step[ \t]\d+[ \t]?[:.])(?=\s)", re.IGNORECASE | re.MULTILINE)
_MATH_SPAN = re.compile(r"\$(?=\S)([^$\n]{1,400})(?<=\S)\$(?!\d)")
_TAIL = 20_000


def last_number(text: str) -> str | None:
    """The last number of a text as it stands there (sign, currency and % kept); list marks are no numbers.

    Only the last 20 000 characters are searched.
    """
    last: str | None = None
    text = latex_plain(_MATH_SPAN.sub(r" \1 ", unicode_plain(text[-_TAIL:])))
    for match in _NUMBERS.finditer(_LIST_MARK.sub(" ", text)):
        if quantities.number(match["number"].casefold()) is not None:
            last = match[0].strip()
    return last.rstrip(".,") if last else None


def _number(text: str) -> str | None:
    for value in (_boxed(text), final_line(text)):
        if value is not None and quantity(value) is not None:
            return value
        if value is not None and (inside := last_number(value)) is not None:
            return inside
    return last_number(text)


def _choice(text: str, choices: Sequence[str]) -> str | None:
    for value in (_boxed(text), final_line(text)):
        if value is not None and (label := choice_letters.label(value, choices)):
            return label
    return choice_letters.find(text, choices)


_FENCE = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)")


def code_block(text: str) -> str | None:
    """The last closed fenced code block as it stands, else what follows an unclosed fence; None without a fence."""
    closed: str | None = None
    fence = ""
    block: list[str] = []
    for line in text.splitlines(keepends=True):
        match = _FENCE.fullmatch(line.rstrip()) if "```" in line or "~~~" in line else None
        if match and not fence:
            fence, block = match["fence"], []
        elif match and match["fence"].startswith(fence) and not match["info"]:
            closed, fence = "".join(block), ""
        elif fence:
            block.append(line)
    return "".join(block) if closed is None and fence else closed


def _code(text: str) -> str | None:
    code = code_block(text)
    if code is None:
        return None
    lines = [line.expandtabs(4).rstrip() for line in code.splitlines()]
    kept = [line for line in lines if line and not line.lstrip().startswith(("#", "//"))]
    indent = min((len(line) - len(line.lstrip()) for line in kept), default=0)
    return digest("\n".join(line[indent:] for line in kept)) if kept else None


_JSON_WORK = 4_000_000
_OPENING = re.compile(r"[{\[]")


def json_value(text: str) -> tuple[bool, Any]:
    """The last complete JSON object or array of a text (a whole text that is JSON counts): (found, value)."""
    for whole_text in (code_block(text), text):
        try:
            return True, json.loads(whole_text or "")
        except (ValueError, RecursionError):
            continue
    decoder = json.JSONDecoder()
    found, last, position, work = False, None, 0, _JSON_WORK
    while work > 0 and (start := _OPENING.search(text, position)):
        try:
            last, position = decoder.raw_decode(text, start.start())
            found, work = True, work - (position - start.start())
        except (ValueError, RecursionError) as error:
            # Text full of brackets is read again from each of them, and each error counts the lines before it.
            work -= getattr(error, "pos", start.end() + 2_000) - start.start() + 100 + start.start() // 20
            position = start.end()
    return found, last


def _json(text: str, path: str) -> str | None:
    found, value = json_value(text)
    for step in re.findall(r"[^.\[\]]+", path.removeprefix("$")) if found else ():
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and re.fullmatch(r"-?\d{1,9}", step) and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    if not found or value is None:
        return None
    return _said(value) if isinstance(value, str) else _said(json.dumps(value, sort_keys=True, ensure_ascii=False))


def _regex(text: str, pattern: str) -> str | None:
    try:
        found = last_match(pattern, text)
    except PatternTimeout:
        return None
    return None if found is None else _said(found)
