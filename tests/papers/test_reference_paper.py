"""The reference study's paper file against rows typed anew from the paper's Tables 1 to 4."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from myocohort.papers.paperfile import Cited, Paper, Setting, load_paper

PAPER = Path(__file__).parents[2] / "studies" / "anm_srp_2020" / "paper.toml"

TABLE_1 = """
(27) (13)
Gender(male: female) 5:22 18.5 6:7 46.2 0.067
Cervical flexion weakness 22 81.5 11 84.6 0.807
Severe myasthenia 9 33.3 8 61.5 0.091
Dysphagia 9 33.3 5 38.5 0.750
Dysmasesia 7 25.9 1 7.7 0.177
Myalgia 10 37.0 4 30.8 0.697
Amyotrophy 11 40.7 6 46.2 0.746
Weight lost 11 40.7 10 76.9 0.032
ILD 6 22.2 9 69.2 0.004
Elevated ESR 5 18.5 5 38.5 0.872
Elevated ANA 12 44.4 8 61.5 0.311
Combined with anti-Ro antibody 7 25.9 5 38.5 0.418
GC 3 11.1 4 30.8 0.132
GC + IVIg + MTX 10 37.0 3 23.1 0.390
GC + MTX 6 22.2 1 7.7 0.269
GC + IVIg 5 18.5 3 23.1 0.744
GC + OI 4 14.8 5 38.5 0.098
OI + MTX 16 59.3 3 23.1 0.032
OI + IVIg 15 55.6 6 46.2 0.588
"""
TABLE_2 = """
95
19.57 1.49 256.53 0.024
7.51 41.03 54.88 0.047
39.70 3.04 518.38 0.005
<0.05
"""
TABLE_3 = """
16 9
3 2.64 5.55 0.022
6 1.37 1.60 0.118
12 0.77 0.59 0.305
18 0.43 0.38 0.534
24 0.14 0.17 0.176
3 3.69 2.17 0.240
6 2.80 2.56 0.206
12 1.18 1.17 0.627
18 0.99 0.70 0.431
24 0.64 0.60 0.386
<0.05
"""
TABLE_4 = """
19 10
0.06 0.03 0.06 0.05 0.542
0.27 0.14 0.42 0.23 0.036
0.18 0.08 0.36 0.21 0.002
<0.05
"""


def typed(table: str) -> Counter[str]:
    """Return the numbers of a table typed as in the paper."""
    words = table.replace(":", " ").replace("(", " ").replace(")", " ").split()
    return Counter(word for word in words if word.lstrip("<").replace(".", "").isdigit())


@pytest.fixture(scope="module")
def paper() -> Paper:
    """Return the reference study's paper file."""
    return load_paper(PAPER)


@pytest.mark.parametrize(
    ("name", "table"),
    [("Table 1", TABLE_1), ("Table 2", TABLE_2), ("Table 3", TABLE_3), ("Table 4", TABLE_4)],
)
def test_each_table_is_complete_and_as_printed(paper: Paper, name: str, table: str) -> None:
    """Every number of the table is in the paper file, as often as printed, and no other."""
    found = Counter(number.text for number in paper.numbers() if number.place.startswith(name))
    assert found == typed(table)


def test_all_parts_of_the_paper_are_covered(paper: Paper) -> None:
    """Abstract, background, methods, results, legends and discussion each have their numbers."""
    parts = Counter(number.place.split(",")[0] for number in paper.numbers())
    assert parts == {
        "Abstract": 13,
        "Background": 3,
        "Methods": 63,
        "Results": 154,
        "Table 1": 99,
        "Table 2": 14,
        "Table 3": 43,
        "Table 4": 18,
        "Discussion": 9,
        "Fig. 2": 1,
        "Fig. 3": 1,
        "Fig. 4": 1,
        "Fig. 5": 2,
    }


def test_ids_are_unique(paper: Paper) -> None:
    """Each entry and each printed number has an id of its own."""
    ids = [number.id for number in paper.numbers()]
    entries = [entry.id for entry in paper.entries()]
    assert len(set(ids)) == len(ids)
    assert len(set(entries)) == len(entries)


def test_more_than_two_hundred_numbers_are_results(paper: Paper) -> None:
    """Without settings and other studies' numbers at least 200 are left to be recomputed."""
    results = [n for n in paper.numbers() if not isinstance(n.entry, Setting | Cited)]
    assert len(results) >= 200


def test_the_misprint_stands_as_printed(paper: Paper) -> None:
    """The lower limit of severe weakness is 41.03 in Table 2 and in the text."""
    places = [number.place for number in paper.numbers() if number.text == "41.03"]
    assert len(places) == 2
