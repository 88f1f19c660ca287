"""Numbers with their units, exactly: `1,000` = `1000.0`, `0.5` = `1/2` = `½`, `$5` = `5 dollars`, `2×10^3` = `2000`."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from msgspec import Struct

MAX_LENGTH = 120
"""Longest text that is tried as a quantity, characters. Longer digit strings are compared as text."""

_GROUPED = r"\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d{1,3}(?:_\d{3})+"
_TIMES_TEN = r"e[+-]?\d{1,3}|\s?\*\s?10\^\(?[+-]?\d{1,3}\)?"
_DECIMAL = rf"(?:(?:{_GROUPED}|\d+)(?:\.\d*)?|\.\d+)(?:{_TIMES_TEN})?"
NUMBER = rf"(?:\d+\s{{1,3}}\d+\s?/\s?\d+|{_DECIMAL}(?:\s?/\s?{_DECIMAL})?)"
"""An unsigned number: grouped, decimal, scientific, a fraction or a mixed number."""

_CURRENCY = {"$": "$", "€": "€", "£": "£", "¥": "¥", "₹": "₹", "usd": "$", "us$": "$", "eur": "€", "gbp": "£"}
_SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_UNITS = {
    "dollar": "$", "usd": "$", "euro": "€", "eur": "€", "pound sterling": "£", "gbp": "£", "cent": "¢", "¢": "¢",
    "percent": "%", "/cent": "%", "pct": "%", "percentage": "%", "%": "%",
    "degree": "°", "deg": "°", "°": "°", "°c": "°c", "degree celsius": "°c", "°f": "°f", "degree fahrenheit": "°f",
    "kilometer": "km", "kilometre": "km", "km": "km", "meter": "m", "metre": "m", "m": "m", "centimeter": "cm",
    "centimetre": "cm", "cm": "cm", "millimeter": "mm", "millimetre": "mm", "mm": "mm", "mile": "mi", "mi": "mi",
    "inch": "in", "inche": "in", "in": "in", "foot": "ft", "feet": "ft", "ft": "ft", "yard": "yd",
    "kilogram": "kg", "kg": "kg", "gram": "g", "g": "g", "milligram": "mg", "mg": "mg", "lb": "lb", "pound": "lb",
    "liter": "l", "litre": "l", "l": "l", "milliliter": "ml", "millilitre": "ml", "ml": "ml",
    "hour": "h", "hr": "h", "h": "h", "minute": "min", "min": "min", "second": "s", "sec": "s", "s": "s", "ms": "ms",
    "millisecond": "ms", "day": "day", "week": "week", "month": "month", "year": "year", "yr": "year",
    "kmh": "km/h", "kph": "km/h", "km/hr": "km/h", "km/hour": "km/h", "kilometer/h": "km/h", "kilometre/h": "km/h",
    "kilometer/hour": "km/h", "kilometre/hour": "km/h", "km/h": "km/h", "mph": "mi/h",
    "mile/hour": "mi/h", "mi/h": "mi/h",
    "m/s": "m/s", "meter/second": "m/s", "metre/second": "m/s",
    "square meter": "m^2", "square metre": "m^2", "square centimeter": "cm^2", "square kilometer": "km^2",
    "cubic meter": "m^3", "cubic metre": "m^3", "cubic centimeter": "cm^3",
    "square foot": "ft^2", "square feet": "ft^2",
}  # fmt: skip
_NOT_UNITS = frozenset(
    {"or", "and", "plus", "minus", "to", "is", "are", "was", "of", "on", "at", "by", "if", "then", "but", "not"}
    | {"because", "since", "so", "as", "with", "from", "than", "when"}
)
_TRAILING = frozenset({"left", "remaining", "total", "altogether", "overall", "more"})
_PATTERN = re.compile(
    rf"(?:(?:about|approximately|approx\.?|around|roughly|exactly)\s+)?(?:[a-z]\s?=\s?)?(?P<sign>[+-]?)\s?"
    rf"(?P<currency>{'|'.join(re.escape(c) for c in _CURRENCY)})?\s?(?P<sign2>-?)(?P<number>{NUMBER})"
    rf"(?P<gap>[\s-]?)(?:(?P<scale>{'|'.join(_SCALES)})\b\s?)?(?P<unit>[^\W\d_%°$€£¥₹¢][^\d\n*=<>+()\[\]{{}}|,;:!?]*(?:\^[23])?|[%°$€£¥₹¢][cf]?)?"
)
_SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_WORDS = {word: n for n, word in enumerate(_SMALL + _TEENS)}
_TENS = {
    word: 10 * n
    for n, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), start=2)
}


class Quantity(Struct, frozen=True):
    """A number and its unit in canonical spelling; an empty unit is none."""

    number: Fraction
    unit: str = ""

    def __str__(self) -> str:
        return f"{show(self.number)} {self.unit}" if self.unit else show(self.number)

    def same(self, other: Quantity) -> bool:
        """Equal numbers whose units agree, or one has none; 50 % is 50 and 0.5 alike, 5 km is not 5 m."""
        if self.unit == other.unit:
            return self.number == other.number
        if self.unit and other.unit:
            return False
        with_unit, bare = (self, other) if self.unit else (other, self)
        if with_unit.number == bare.number:
            return True
        return with_unit.unit == "%" and with_unit.number == bare.number * 100


def show(number: Fraction) -> str:
    """Decimal where it ends (0.5), else a fraction (1/3)."""
    if number.denominator == 1:
        return str(number.numerator)
    rest = number.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    if rest != 1 or places > 30:
        return f"{number.numerator}/{number.denominator}"
    digits = str(abs(number.numerator) * 10**places // number.denominator).zfill(places + 1)
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def number(text: str) -> Fraction | None:
    """An unsigned number as `NUMBER` matches it → its exact value; None for a zero divisor or over-long digits."""
    if len(text) > MAX_LENGTH:
        return None
    mixed = re.fullmatch(r"(\d+)\s+(\d+)\s?/\s?(\d+)", text)
    if mixed and not re.fullmatch(_GROUPED, f"{mixed[1]} {mixed[2]}"):
        part = _over(Fraction(mixed[2]), Fraction(mixed[3]))
        return None if part is None else int(mixed[1]) + part
    top, slash, bottom = text.partition("/")
    return _over(_plain_number(top), _plain_number(bottom)) if slash else _plain_number(top)


def _over(top: Fraction, bottom: Fraction) -> Fraction | None:
    return top / bottom if bottom else None


def _plain_number(text: str) -> Fraction:
    text = re.sub(r"\s?\*\s?10\^\(?([+-]?\d+)\)?", r"e\1", text.strip())
    text = re.sub(r"(?<=\d)[, _](?=\d{3})", "", text)
    head, mark, exponent = text.partition("e")
    head = head.removesuffix(".") or "0"
    return Fraction(f"{head}e{exponent}" if mark else head)


def _spelled(text: str) -> Fraction | None:
    tens, _, ones = text.replace("-", " ").partition(" ")
    if not ones:
        value = _WORDS.get(tens, _TENS.get(tens))
        return None if value is None else Fraction(value)
    small = _WORDS.get(ones, 0)
    return Fraction(_TENS[tens] + small) if tens in _TENS and 1 <= small <= 9 else None


def _unit(text: str, gap: str) -> str | None:
    """Canonical spelling of a unit; None where the text is no unit."""
    words = re.sub(r"\s*(?:\bper\b|/)\s*", "/", text.strip().rstrip(".")).split()
    if not words:
        return ""
    while len(words) > 1 and words[-1] in _TRAILING:
        words = words[:-1]
    words = ["/".join(_singular(part) for part in word.split("/")) for word in words]
    joined = " ".join(words)
    if known := _UNITS.get(joined) or _CURRENCY.get(joined) or (joined if joined in _UNITS.values() else None):
        return known
    spaced = gap == " " and len(words) <= 3 and words[0] not in _NOT_UNITS and len(words[0]) > 1
    return joined if spaced and all(re.fullmatch(r"[^\W\d_][\w/^.'-]*", word) for word in words) else None


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def parse(text: str) -> Quantity | None:
    """Plain text that is one number, with or without a unit → the quantity; None for anything else."""
    return _parsed(text) if len(text) <= MAX_LENGTH else _parsed.__wrapped__(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Quantity | None:
    text = " ".join(text.casefold().split())
    if not text or len(text) > MAX_LENGTH:
        return None
    if (spelled := _spelled(text)) is not None:
        return Quantity(spelled)
    match = _PATTERN.fullmatch(text)
    value = number(match["number"]) if match else None
    if match is None or value is None:
        return None
    unit = _unit(match["unit"] or "", match["gap"] or (" " if match["scale"] else ""))
    currency = _CURRENCY[match["currency"]] if match["currency"] else ""
    if unit is None or (unit and currency and unit != currency):
        return None
    negative = (match["sign"] == "-") != (match["sign2"] == "-")
    value = value * _SCALES.get(match["scale"] or "", 1)
    return Quantity(-value if negative else value, unit or currency)
