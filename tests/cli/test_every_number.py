"""Every number that the reference study's documents print is a number of its results.json."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from parsed import Word

NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")
DECIMALS = range(6)
CITED = "370:1453-1457"  # pages of the STROBE statement, which is no result


@pytest.fixture(scope="module")
def folder(reference_study: Path) -> Path:
    """The results of the reference study."""
    return reference_study / "results"


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, Any]:
    """The content of results.json."""
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def leaves(value: Any) -> Iterator[Any]:
    """Yield every number and text, and the length of every list and mapping."""
    if isinstance(value, dict | list):
        yield len(value)
        for part in value.values() if isinstance(value, dict) else value:
            yield from leaves(part)
    elif value is not None and not isinstance(value, bool):
        yield value


def printed(value: float) -> Iterator[str]:
    """Yield what a number can be printed as, halves away from zero; a share as percentage too."""
    for number in (Decimal(repr(abs(value))), 100 * Decimal(repr(abs(value)))):
        for decimals in DECIMALS:
            unit = Decimal(1).scaleb(-decimals)
            text = format(number.quantize(unit, ROUND_HALF_UP), "f")
            yield text
            yield text.rstrip("0").rstrip(".") if "." in text else text
            if number >= 1000:
                yield format(Decimal(text), ",")


def known_numbers(results: dict[str, Any]) -> set[str]:
    """Return every text of a number that the results can be printed as."""
    known: set[str] = set()
    for leaf in leaves(results):
        if isinstance(leaf, str):
            known |= set(NUMBER.findall(leaf))
        else:
            known |= set(printed(leaf))
    return known


def page_text(content: str) -> str:
    """Return what the page says outside its drawings, whose axes have numbers of their own."""
    drawn = r'<(svg role="img"|style|script)\b.*?</(svg|style|script)>'
    body = re.sub(drawn, " ", content[content.index("<body") :], flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\N{NO-BREAK SPACE}", " ")


def test_page_and_word_print_nothing_else(folder: Path, results: dict[str, Any]) -> None:
    """Each number in text and tables is the rounding of one in results.json, or stands there."""
    known = known_numbers(results)
    page = page_text((folder / "report.html").read_text(encoding="utf-8"))
    word = Word((folder / "report.docx").read_bytes()).text
    for text, least in ((page, 15_000), (word, 5_000)):
        numbers = NUMBER.findall(text.replace(CITED, ""))
        assert len(numbers) > least
        assert [number for number in numbers if number not in known] == []


def test_the_workbook_holds_nothing_else(folder: Path, results: dict[str, Any]) -> None:
    """Each number of a cell is one of results.json, to the digits that the format keeps."""

    def digits(value: float) -> float:
        return float(format(float(value), ".16g"))

    known = {
        digits(value)
        for leaf in leaves(results)
        if not isinstance(leaf, str)
        for value in (leaf, -leaf, 100 * leaf)
    }
    book = load_workbook(folder / "tables.xlsx", read_only=True)
    cells = [
        (sheet.title, value)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    book.close()
    assert len(cells) > 15_000
    assert [cell for cell in cells if digits(cell[1]) not in known] == []


def test_a_number_from_elsewhere_would_be_found(folder: Path, results: dict[str, Any]) -> None:
    """Against results that are 1.37 times as large, the documents have numbers too many."""

    def altered(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: altered(part) for name, part in value.items()}
        if isinstance(value, list):
            return [altered(part) for part in value]
        return value * 1.37 if isinstance(value, float) else value

    known = known_numbers({**altered(results), "scoreboard": None, "methods": None})
    page = page_text((folder / "report.html").read_text(encoding="utf-8"))
    unknown = {number for number in NUMBER.findall(page) if number not in known}
    assert len(unknown) > 200
