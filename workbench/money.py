"""Money as integers: 1 pico-dollar = 1e-12 $. Floats appear only on the way to a person's eye."""

from __future__ import annotations

from decimal import Decimal

PICO = 10**12


def to_usd(pico: int | None) -> float | None:
    """Pico-dollars → dollars, for display and JSON; None stays None."""
    return None if pico is None else pico / PICO


def from_usd(usd: float | str | Decimal) -> int:
    """Dollars → pico-dollars, rounded half up."""
    return int((Decimal(str(usd)) * PICO).to_integral_value(rounding="ROUND_HALF_UP"))


def per_million(usd: float | str | Decimal) -> int:
    """Dollars per million tokens → pico-dollars per token: 0.03 → 30 000."""
    return int((Decimal(str(usd)) * 10**6).to_integral_value(rounding="ROUND_HALF_UP"))


def show(pico: int | None, *, estimated: bool = False) -> str:
    """`$0.00231`, `~$0.00004`, `$0.00`, or `?` for unknown: three significant figures, at least two decimals."""
    if pico is None:
        return "?"
    mark = "~" if estimated else ""
    if pico == 0:
        return f"{mark}$0.00"
    usd = pico / PICO
    if usd >= 100:
        return f"{mark}${usd:,.2f}"
    digits = 2
    while digits < 12 and round(usd, digits) < 10 ** (2 - digits):
        digits += 1
    return f"{mark}${usd:.{digits}f}"
