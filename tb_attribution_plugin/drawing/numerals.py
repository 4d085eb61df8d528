"""Numbers for reading, written as on the page (frontend/src/math/numerals.ts)."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

MINUS = "\u2212"


def numeral(value: float, digits: int = 3) -> str:
    """`digits` significant ones, a real minus sign, no trailing zeros lost."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf" if value > 0 else f"{MINUS}inf"
    size = abs(value)
    if size == 0:
        text = "0"
    elif size >= 1e5 or size < 1e-3:
        rounded = _significant(size, digits)
        exponent = rounded.adjusted()
        text = f"{rounded.scaleb(-exponent):f}e{exponent}".replace("-", MINUS)
    elif size >= min(1000, 10 ** (digits - 1)):
        text = str(math.floor(size + 0.5))
    else:
        text = f"{_significant(size, digits):f}"
    return MINUS + text if value < 0 else text


def signed(value: float, digits: int = 3) -> str:
    """With a sign, as scores that support (+) or speak against are written."""
    return f"+{numeral(value, digits)}" if value > 0 else numeral(value, digits)


def percent(share: float) -> str:
    """ "2%", "0.4%", "<0.1%"."""
    value = share * 100
    if not math.isfinite(value):
        return numeral(value)
    if 0 < value < 0.1:
        return "<0.1%"
    if 0 < value < 10:
        return f"{_significant(value, 1 if value < 1 else 2):f}".removesuffix(".0") + "%"
    return f"{math.floor(value + 0.5)}%"


def probability(p: float) -> str:
    """ ".81", "1.0", "<.01"; "?" of what is none."""
    if not 0 <= p <= 1:
        return "?"
    if 0 < p < 0.005:
        return "<.01"
    if 0.995 <= p < 1:
        return ">.99"
    text = str(Decimal(p).quantize(Decimal("0.01"), ROUND_HALF_UP))
    return text.removeprefix("0") if text.startswith("0.") else text


def _significant(size: float, digits: int) -> Decimal:
    """Rounded to so many digits; halves go up, as in the browser."""
    exact = Decimal(size)
    found = exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), ROUND_HALF_UP)
    if found.adjusted() > exact.adjusted():  # 9.996 became 10.00
        found = found.quantize(Decimal(1).scaleb(found.adjusted() - digits + 1))
    return found
