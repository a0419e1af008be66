"""How numbers are printed; nothing is rounded anywhere else.

One rule: a float is rounded from the shortest decimal text that stands for it (its `repr`),
and halves go away from zero. So 0.125 becomes 0.13, and 1.005 becomes 1.01, as a person with
pencil and paper would write them, although the nearest float to 1.005 lies below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any

from myocohort.papers.printed import parse

Number = int | float | str | None
"""A number of results.json: infinity is the text "inf" or "-inf", and None is absent."""

MISSING = "–"
INFINITY = "∞"
_MINUS = "\N{MINUS SIGN}"
_NO_BREAK = "\N{NO-BREAK SPACE}"
_MOST_DECIMALS = 3
_FIRST_SCIENTIFIC = 1_000_000
# Wide enough for every float; the default of 28 digits is not.
_HALF_UP = Context(prec=400, rounding=ROUND_HALF_UP)


def fixed_text(value: Number, decimals: int) -> str:
    """Print a number with so many decimals.

    Parameters
    ----------
    value
        Finite, infinite or None, which is printed as a dash.
    decimals
        Digits behind the point.
    """
    if value is None:
        return MISSING
    if isinstance(value, str):
        return INFINITY if value == "inf" else _MINUS + INFINITY
    rounded = _rounded(value, decimals)
    return (_MINUS if rounded < 0 else "") + f"{rounded.copy_abs():f}"


def p_text(p: Number) -> str:
    """Print a p value with three decimals, never as 0 and never as 1.

    Below 0.001 it is "<0.001"; what would be rounded to 1.000 is ">0.999".
    """
    if p is None or isinstance(p, str):
        return MISSING
    if p < 0.001:
        return "<0.001"
    text = fixed_text(p, 3)
    return ">0.999" if text == "1.000" else text


def p_equation(p: Number) -> str:
    """Print a p value with its relation, for sentences: "p = 0.024", "p < 0.001".

    The spaces do not break, so that a line never ends within it.
    """
    return p_relation(p_text(p))


def p_relation(text: str) -> str:
    """Put "p =" before a p value as `p_text` prints it, or "p <"; see `p_equation`."""
    if text == MISSING:
        return "p not computed"
    relation, number = (text[0], text[1:]) if text[0] in "<>" else ("=", text)
    return _NO_BREAK.join(("p", relation, number))


def n_equals(n: int) -> str:
    """Print a number of patients as "n = 13"; a line never ends within it."""
    return _NO_BREAK.join(("n", "=", str(n)))


def ratio_text(ratio: Number) -> str:
    """Print an odds ratio or its limit with two decimals.

    A positive ratio is never printed as 0.00 but as "<0.01"; one of a million or more is
    printed in powers of ten; an infinite one as infinity, and a limit of exactly 0 as 0.
    """
    if ratio is None or isinstance(ratio, str):
        return fixed_text(ratio, 2)
    if ratio == 0:
        return "0"
    if ratio >= _FIRST_SCIENTIFIC:
        with localcontext(_HALF_UP):
            digits, exponent = f"{Decimal(repr(ratio)):.2e}".split("e")
        return f"{digits} × 10^{int(exponent)}"
    text = fixed_text(ratio, 2)
    return "<0.01" if text == "0.00" else text


def interval_text(interval: Mapping[str, Any] | None) -> str:
    """Print the two limits of an odds ratio's interval, or a dash when there is none."""
    if interval is None:
        return MISSING
    return f"{ratio_text(interval['low'])}–{ratio_text(interval['high'])}"


def percent_text(percent: Number) -> str:
    """Print a percentage with one decimal, without its sign.

    Some is never printed as none, nor almost all as all: "<0.1" and ">99.9".
    """
    text = fixed_text(percent, 1)
    if isinstance(percent, str) or percent is None:
        return text
    if text == "0.0" and percent > 0:
        return "<0.1"
    if text == "100.0" and percent < 100:
        return ">99.9"
    return text


def decimals_for(values: Iterable[Number]) -> int:
    """Return how many decimals means and SDs of one row are printed with.

    The largest of the values gets three significant digits, with no more than three
    decimals; all values of a row share them, so that they can be compared.

    Parameters
    ----------
    values
        Means and SDs of all groups of the row.
    """
    sizes = [abs(value) for value in values if isinstance(value, int | float)]
    largest = max(sizes, default=0)
    if largest == 0:
        return 1
    before_the_point = Decimal(repr(largest)).adjusted() + 1
    return min(max(3 - before_the_point, 0), _MOST_DECIMALS)


def plain_text(value: Number, decimals: int = _MOST_DECIMALS) -> str:
    """Print a number with at most so many decimals, without zeros at the end."""
    text = fixed_text(value, decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def like_printed(value: Number, printed: str) -> str:
    """Print a computed number with as many decimals as a publication prints.

    Parameters
    ----------
    value
        A text that is not a number, such as "2 of 13", is returned as it is.
    printed
        The published number; without one to be read, up to three decimals are printed.
    """
    if isinstance(value, str) and value not in ("inf", "-inf"):
        return value
    try:
        decimals = parse(printed.strip().rstrip("*")).decimals
    except ValueError:
        return plain_text(value)
    text = fixed_text(value, decimals)
    if isinstance(value, int | float) and value > 0 and not text.strip("0."):
        return "<" + text[:-1] + "1"
    return text


def _rounded(value: int | float, decimals: int) -> Decimal:
    """Round the decimal text of a number, halves away from zero; -0 becomes 0."""
    unit = Decimal(1).scaleb(-decimals)
    rounded = Decimal(repr(value)).quantize(unit, context=_HALF_UP)
    return rounded if rounded else rounded.copy_abs()
