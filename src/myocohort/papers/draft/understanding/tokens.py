"""Numbers as journals print them, found in running text and in cells."""

from __future__ import annotations

import re

NUMBER = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
WHOLE = r"(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?![0-9]|[.,][0-9])"
SIGNED = rf"(?:(?:(?<=[\s(\[=<>;,])|^)[-–]\s?)?{NUMBER}"
RELATION = r"(?:<=|>=|[<>≤≥])"
PLUS_MINUS = r"\s*(?:±|\+\s?/\s?-|\+-)\s*"

# Every sign becomes one sign, so that places in the text stay what they are.
_SAME_LENGTH = str.maketrans(
    {
        "·": ".",
        "∙": ".",
        "−": "-",
        "‐": "-",
        "‑": "-",
        "－": "-",
        "：": ":",
        "（": "(",
        "）": ")",
        "＜": "<",
        "＞": ">",
        "＝": "=",
        "⩽": "≤",
        "⩾": "≥",
        "\u00a0": " ",
        "\u2002": " ",
        "\u2003": " ",
        "\u2007": " ",
        "\u2009": " ",
        "\u200a": " ",
        "\u202f": " ",
        "\t": " ",
        "\n": " ",
        "’": "'",
        "‘": "'",
    }
)
_TOKEN = re.compile(r"[0-9]+(?:[.,·∙][0-9]+)*|[.·∙][0-9]+")
_DECIMAL_COMMA = re.compile(r"(?<![0-9,])[0-9]+,[0-9]{1,2}(?![0-9,])|(?<![0-9,])0,[0-9]+(?![0-9,])")


def normalised(text: str) -> str:
    """Return the text with one spelling of minus, points and spaces, and of the same length.

    A point in the middle of the line becomes a decimal point, any minus a hyphen; the en dash
    stays, because it also stands between two limits.
    """
    return text.translate(_SAME_LENGTH)


def as_number(text: str) -> str:
    """Return a printed number in the form of a paper file: no separators, spaces or dashes.

    >>> as_number("< 0.001"), as_number("–0.4"), as_number("1,234")
    ('<0.001', '-0.4', '1234')
    """
    return re.sub(r"\s", "", normalised(text)).replace(",", "").replace("–", "-").lstrip("=")


def number_tokens(text: str) -> tuple[str, ...]:
    """Return every run of digits in a text, with the points and commas within it."""
    return tuple(_TOKEN.findall(text))


def with_points(cells: tuple[str, ...]) -> bool:
    """Return whether a table writes decimals with points (False: with commas throughout)."""
    text = "\n".join(cells)
    return bool(re.search(r"[0-9][.·][0-9]", text)) or len(_DECIMAL_COMMA.findall(text)) < 3


def comma_to_point(text: str) -> str:
    """Return a cell of a table with decimal commas, with points in their place."""
    return _DECIMAL_COMMA.sub(lambda match: match[0].replace(",", "."), text)
