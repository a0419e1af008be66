"""Cells of tables in the styles of journals: which numbers, in which arrangement."""

from __future__ import annotations

import pytest

from myocohort.papers.draft.understanding.cells import read_cell, read_p
from myocohort.papers.draft.understanding.meaning import Around, meaning_of


@pytest.mark.parametrize(
    ("text", "shape", "numbers"),
    [
        ("22", "number", ["22"]),
        ("18.5%", "number", ["18.5"]),
        ("<0.001", "number", ["<0.001"]),
        ("−0·4", "number", ["-0.4"]),
        ("1,234", "number", ["1234"]),
        ("22 (81.5)", "pair", ["22", "81.5"]),
        ("22(81.5%)", "pair", ["22", "81.5"]),
        ("22, 81.5%", "pair", ["22", "81.5"]),
        ("81.5% (22)", "pair", ["81.5", "22"]),
        ("22/27 (81.5)", "share", ["22", "27", "81.5"]),
        ("22 of 27", "share", ["22", "27"]),
        ("81.5% (22/27)", "share", ["81.5", "22", "27"]),
        ("5:22", "ratio", ["5", "22"]),
        ("5 : 22 (18.5)", "ratio", ["5", "22", "18.5"]),
        ("0.06 ± 0.03", "plus_minus", ["0.06", "0.03"]),
        ("0.06±0.03", "plus_minus", ["0.06", "0.03"]),
        ("37.3 +/- 18.1 years", "plus_minus", ["37.3", "18.1"]),
        ("37.3 ± 18.1 (n = 20)", "plus_minus", ["37.3", "18.1", "20"]),
        ("37.3 ± 18.1 (12–70)", "plus_minus", ["37.3", "18.1", "12", "70"]),
        ("6 (4, 18)", "triple", ["6", "4", "18"]),
        ("6 [4-18]", "triple", ["6", "4", "18"]),
        ("6 (4–18)", "triple", ["6", "4", "18"]),
        ("6 (IQR 4 to 18) months", "triple", ["6", "4", "18"]),
        ("−2·6 (−16·0 to 10·8)", "triple", ["-2.6", "-16.0", "10.8"]),
        ("1,200 (640, 2,310)", "triple", ["1200", "640", "2310"]),
        ("1.49–256.53", "interval", ["1.49", "256.53"]),
        ("(0.2, 3.9)", "interval", ["0.2", "3.9"]),
        ("[-0.3, 0.5]", "interval", ["-0.3", "0.5"]),
        ("Reference", "words", []),
        ("NS", "words", []),
        ("–", "blank", []),
        ("", "blank", []),
        ("between 3 and 4 weeks", "other", []),
    ],
)
def test_arrangements_of_a_cell(text: str, shape: str, numbers: list[str]) -> None:
    """Each style gives its arrangement, and its numbers from left to right."""
    cell = read_cell(text)
    assert cell.shape == shape
    assert [piece.text for piece in cell.pieces.values()] == numbers


@pytest.mark.parametrize("text", ["22 (81.5%)*", "0.06 ± 0.03^a", "1,200 (640, 2,310)†", "5:22"])
def test_pieces_stand_where_the_cell_prints_them(text: str) -> None:
    """The places of the numbers cut them out of the cell as printed."""
    for piece in read_cell(text).pieces.values():
        assert text[piece.start : piece.end].replace(",", "") == piece.text


@pytest.mark.parametrize(
    ("text", "p", "marks"),
    [
        ("0.022*", "0.022", "*"),
        ("<0.001", "<0.001", ""),
        ("< 0.001**", "<0.001", "**"),
        ("p = .03", ".03", ""),
        ("P<0·05", "<0.05", ""),
        (">0.9", ">0.9", ""),
        ("0.67 a", "0.67", "a"),
        ("0.012b", "0.012", "b"),
        ("≤0.01^a", "≤0.01", "^a"),
        ("NS", None, ""),
        ("", None, ""),
    ],
)
def test_p_values_of_a_cell(text: str, p: str | None, marks: str) -> None:
    """A p value is read with its inequality, and the signs behind it are footnote marks."""
    piece, found = read_p(text)
    assert (piece.text if piece else None, found) == (p, marks)


def around(**known: object) -> Around:
    """Return surroundings that say nothing but what is given."""
    nothing = {"column": "", "row": "", "table": frozenset(), "label": "Thing", "size": None}
    return Around(**{**nothing, **known})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "known", "kind", "names"),
    [
        ("22 (81.5)", {"row": "count_percent"}, "count", ["n", "percent"]),
        ("22 (81.5%)", {}, "count", ["n", "percent"]),
        ("22 (81.5)", {"size": 27, "shares": True}, "count", ["n", "percent"]),
        ("45 (12)", {"size": 40}, "mean", ["mean", "sd"]),
        ("37 (18)", {"row": "mean_sd"}, "mean", ["mean", "sd"]),
        ("37.3 (18.1)", {}, "mean", ["mean", "sd"]),
        ("37.3 (18.1)", {"table": frozenset({"median_quartiles"})}, "nothing", []),
        ("12 (5)", {"size": 40}, "nothing", []),
        ("18.5", {"column": "percent"}, "count", ["percent"]),
        ("18.5%", {}, "count", ["percent"]),
        ("2.64", {}, "mean", ["mean"]),
        ("22", {"column": "n"}, "n", ["n"]),
        ("22", {"size": 27}, "n", ["n"]),
        ("45", {"size": 27}, "nothing", []),
        ("45", {"label": "Age, years"}, "nothing", []),
        ("45", {"row": "median"}, "median", ["median"]),
        ("<5", {"size": 27}, "nothing", []),
        ("120/80", {}, "nothing", []),
        ("6 (4, 18)", {"row": "median_range"}, "median", ["median", "low", "high"]),
        ("6 (4, 18)", {"column": "median_quartiles"}, "median", ["median", "q1", "q3"]),
        ("6 (range 4–18)", {}, "median", ["median", "low", "high"]),
        ("1.2 (0.9–1.5)", {"confidence": True}, "nothing", []),
        ("1.2 (0.9–1.5)", {"row": "mean"}, "nothing", []),
        ("4–18", {"row": "range"}, "range", ["low", "high"]),
        ("4–18", {}, "nothing", []),
    ],
)
def test_what_a_cell_means(
    text: str, known: dict[str, object], kind: str, names: list[str]
) -> None:
    """What surrounds a cell decides; where it does not, nothing is said."""
    meaning = meaning_of(read_cell(text), around(**known))
    assert (meaning.kind, list(meaning.pieces)) == (kind, names)


def test_a_doubtful_median_says_so() -> None:
    """A triple of which nobody says what it is is read as quartiles, with a remark."""
    assert "range" in meaning_of(read_cell("6 (4, 18)"), around()).remark
