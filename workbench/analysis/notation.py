"""Answers as people and models write them → plain text: Unicode forms, Markdown, LaTeX, brackets and quotes."""

from __future__ import annotations

import re
import unicodedata

_VULGAR_AFTER_DIGIT = re.compile(r"(?<=\d)(?=[\u00bc-\u00be\u2150-\u215e])")
_SUPERSCRIPTS = re.compile(r"[\u2070\u00b9\u00b2\u00b3\u2074-\u207b]+")
_SYMBOLS = str.maketrans(
    {
        "\u2044": "/",
        "\u2212": "-",
        "\u2010": "-",
        "\u2011": "-",
        "\u2013": "-",
        "\u2014": " ",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u00d7": "*",
        "\u00b7": "*",
        "\u22c5": "*",
        "\u00f7": "/",
        "\u2248": "~",
        "\u2264": "<=",
        "\u2265": ">=",
        "\u03c0": "pi",
        "\u221e": "infinity",
        "\u00ba": "\u00b0",
    }
)
_ROOT = re.compile("\u221a" + r"\s*(\w+(?:\.\d+)?)")

_LATEX_SIMPLE = (
    (re.compile(r"\\(?:left|right|big|Big|bigg|displaystyle|limits|mathstrut)(?![a-zA-Z])"), ""),
    (re.compile(r"\\[,;:!>]|\\(?:quad|qquad|thinspace|hspace)(?![a-zA-Z])|~|\\(?= )"), " "),
    (re.compile(r"\\(?:d|t|c)frac(?![a-zA-Z])"), r"\\frac"),
    (re.compile(r"\\(?:cdot|times)(?![a-zA-Z])"), "*"),
    (re.compile(r"\\div(?![a-zA-Z])"), "/"),
    (re.compile(r"\\(?:leq|le)(?![a-zA-Z])"), "<="),
    (re.compile(r"\\(?:geq|ge)(?![a-zA-Z])"), ">="),
    (re.compile(r"\^\s*(?:\\circ|\{\s*\\circ\s*\})"), "\u00b0"),
    (re.compile(r"\\degree(?:s)?(?![a-zA-Z])"), "\u00b0"),
    (re.compile(r"\\infty(?![a-zA-Z])"), "infinity"),
    (re.compile(r"\\([%$&#_])"), r"\1"),
    (re.compile(r"\\[()\[\]]"), ""),
    (re.compile(r"\\frac\s*(\w)\s*(\w)"), r"\\frac{\1}{\2}"),
    (re.compile(r"\\sqrt\s*(\w)"), r"\\sqrt{\1}"),
)
_WRAPPERS = re.compile(
    r"\\(?:text|mathrm|mathbf|mathit|mathsf|textbf|textit|textrm|emph|boxed|fbox|mbox|operatorname)\s*"
)
_COMMAND = re.compile(r"\\([a-zA-Z]+)")
_LONGEST_GROUP = 4_000
_MOST_BOXES = 20
_BOXED = re.compile(r"\\f?boxed\s*")

_EMPHASIS = re.compile(r"(\*\*\*|\*\*|___|__|`+|~~)")
_EMPHASIS_ONE = re.compile(r"(?<![\w*])([*_])(?=\S)([^*_\n]{1,400}?)(?<=\S)\1(?![\w*])")
_LINE_PREFIX = re.compile(r"^\s{0,8}(?:#{1,6}\s+|>\s*|[-*+\u2022]\s+)+")


def unicode_plain(text: str) -> str:
    """NFKC without its traps: `1½` stays 1 1/2 and `10²` becomes 10^2; dashes, quotes and operators in ASCII."""
    if text.isascii():
        return text
    text = _VULGAR_AFTER_DIGIT.sub(" ", text)
    text = _SUPERSCRIPTS.sub(lambda m: "^" + unicodedata.normalize("NFKC", m[0]), text)
    text = unicodedata.normalize("NFKC", text).translate(_SYMBOLS)
    return _ROOT.sub(r"sqrt(\1)", text)


def group_end(text: str, start: int) -> int | None:
    """Index after the brace that closes the `{` at `start`; None where there is none. `\\{` counts as text."""
    depth = 0
    position = start
    while position < min(len(text), start + _LONGEST_GROUP):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return None


def last_boxed(text: str) -> str | None:
    """What stands in the last closed `\\boxed{…}`, nested braces included; `\\boxed 7` gives 7. None without one."""
    for match in reversed(list(_BOXED.finditer(text))[-_MOST_BOXES:]):
        start = match.end()
        if start < len(text) and text[start] == "{":
            end = group_end(text, start)
            if end is not None and text[start + 1 : end - 1].strip():
                return text[start + 1 : end - 1].strip()
        elif bare := re.match(r"[\w.]+", text[start : start + 40]):
            return bare[0]
    return None


def latex_plain(text: str) -> str:
    """LaTeX → plain text: `\\frac{1}{2}` is 1/2, `\\text{km}` is km, `x^{2}` is x^2; other commands stay as names."""
    if not any(mark in text for mark in "\\${"):
        return text
    if len(text) > 2 and text[0] == text[-1] == "$":
        text = text.strip("$")
    for pattern, replacement in _LATEX_SIMPLE:
        text = pattern.sub(replacement, text)
    text = _WRAPPERS.sub("", text)
    text = _fractions(text)
    text = _braces(text)
    return _COMMAND.sub(r"\1", text)


def _fractions(text: str) -> str:
    # Innermost last: rewriting from the right means the arguments of each \frac are already plain.
    for _ in range(64):
        start = text.rfind("\\frac")
        if start < 0:
            return text
        rest = text[start + 5 :].lstrip()
        top_end = group_end(rest, 0) if rest.startswith("{") else None
        below = rest[top_end:].lstrip() if top_end else ""
        bottom_end = group_end(below, 0) if below.startswith("{") else None
        if top_end is None or bottom_end is None:
            text = text[:start] + "frac" + text[start + 5 :]
            continue
        top, bottom = _term(rest[1 : top_end - 1]), _term(below[1 : bottom_end - 1])
        lead = text[:start]
        gap = " " if lead[-1:].isdigit() else ""
        text = f"{lead}{gap}{top}/{bottom}{below[bottom_end:]}"
    return text


def _term(text: str) -> str:
    text = text.strip()
    return text if re.fullmatch(r"-?\\?[\w.]+(?:\{[^{}]*\})?", text) else f"({text})"


def _braces(text: str) -> str:
    for _ in range(64):
        replaced = re.sub(
            r"(\\sqrt|\^|_)?\{([^{}]*)\}",
            lambda m: (m[1] or "") + _argument(m[1], m[2]),
            text.replace("\\{", "(").replace("\\}", ")"),
        )
        if replaced == text:
            return text
        text = replaced
    return text


def _argument(command: str | None, inside: str) -> str:
    if command == "\\sqrt":
        return f"({inside.strip()})"
    return _term(inside) if command else inside


def markdown_plain(text: str) -> str:
    """Without emphasis, code ticks, and the marks that open a heading, quotation or list item on its first line."""
    text = _LINE_PREFIX.sub("", text)
    text = _EMPHASIS.sub("", text)
    return _EMPHASIS_ONE.sub(r"\2", text)


_END_MARKS = ".,;:!? \t\n\r\u3002"
_PAIRS = {"(": ")", "[": "]", "<": ">", '"': '"', "'": "'", "{": "}"}


def unwrap(text: str) -> str:
    """Without space and punctuation at its ends, and brackets or quotes around the whole (`<1>`, `(5)`, `"x"`)."""
    while True:
        before = text
        text = text.strip().rstrip(_END_MARKS).lstrip(":=~ ")
        closing = _PAIRS.get(text[:1])
        inside = text[1:-1]
        if closing and len(text) > 2 and text[-1] == closing and not _interrupted(text[0], closing, inside):
            text = inside
        if text == before:
            return text


def _interrupted(opening: str, closing: str, inside: str) -> bool:
    # "(1, 2)" is a pair and "(a)(b)" a product: their brackets mean something.
    return opening in inside or closing in inside or (opening in "([" and "," in inside)


def plain(text: str) -> str:
    """An answer's plain text: Unicode, Markdown and LaTeX resolved, unwrapped. Case and words stay."""
    return unwrap(latex_plain(markdown_plain(unicode_plain(text))))
