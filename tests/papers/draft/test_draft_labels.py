"""Row labels and heads: names, and what they say about the cells."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.draft.understanding.labels import (
    carried,
    one_level,
    read_label,
    says_missing,
    slug,
    two_levels,
    without_unit,
)


@given(st.text())
def test_any_label_gives_a_name_for_a_column(text: str) -> None:
    """A name begins with a small letter and is of letters, digits and underscores."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*", slug(text))


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("GC + IVIg+MTX", "gc_ivig_mtx"),
        ("CD3⁺", "cd3_positive"),
        ("SRP−", "srp_negative"),
        ("≥65 years", "from_65_years"),
        ("6MWT", "v_6mwt"),
        ("β-blocker", "beta_blocker"),
        ("Ödem", "odem"),
        ("", "unnamed"),
        ("Mild-to-moderate connective tissue proliferation", "mild_to_moderate_connective_tissue"),
    ],
)
def test_names_of_labels(label: str, name: str) -> None:
    """Signs become words or gaps, and long names end after a whole word."""
    assert slug(label) == name


@pytest.mark.parametrize(
    ("label", "text", "hint"),
    [
        ("ILD, n (%)", "ILD", "count_percent"),
        ("Smoking [n (%)]", "Smoking", "count_percent"),
        ("Age, years, mean ± SD", "Age, years", "mean_sd"),
        ("Age (years, x̄ ± s)", "Age (years)", "mean_sd"),
        ("Mean (SD) age", "age", "mean_sd"),
        ("Median age", "age", "median"),
        ("Duration, months; median (IQR)", "Duration, months", "median_quartiles"),
        ("CK [M (P25, P75)]", "CK", "median_quartiles"),
        ("Follow-up, median (range)", "Follow-up", "median_range"),
        ("Median (Q1, Q3)", "", "median_quartiles"),
        ("Total(n)", "", "n"),
        ("No.", "", "n"),
        ("Proportion(%)", "", "percent"),
        ("%", "", "percent"),
        ("Heart rate", "Heart rate", ""),
        ("Gender(male: female)", "Gender(male: female)", ""),
        ("ILD*", "ILD", ""),
    ],
)
def test_what_a_label_says(label: str, text: str, hint: str) -> None:
    """What a label says about its cells is taken out of it."""
    said = read_label(label)
    assert (said.text, said.hint) == (text, hint)


@pytest.mark.parametrize(
    ("label", "levels"),
    [
        ("Gender(male: female)", ("Gender", "male", "female")),
        ("Sex (male/female)", ("Sex", "male", "female")),
        ("Sex, M/F", ("Sex", "M", "F")),
        ("Male/female", ("sex", "Male", "female")),
        ("Sex (male vs. female)", ("Sex", "male", "female")),
        ("Interstitial lung disease (ILD)", None),
        ("Age", None),
    ],
)
def test_two_levels_in_a_label(label: str, levels: tuple[str, str, str] | None) -> None:
    """A label can name both levels that its cells count."""
    assert two_levels(label) == levels


def test_one_level_in_a_label() -> None:
    """Only a sex, or yes and no, is taken for a level."""
    assert one_level("Gender(male)") == ("Gender", "male")
    assert one_level("ILD (yes)") == ("ILD", "yes")
    assert one_level("Interstitial lung disease (ILD)") is None


def test_units_and_missing_rows() -> None:
    """A unit is no part of a name; rows of missing values are known by their words."""
    assert [without_unit(text) for text in ("Age (years)", "CK, U/L", "BMI")] == [
        "Age",
        "CK",
        "BMI",
    ]
    assert says_missing("  Unknown")
    assert says_missing("Missing, n (%)")
    assert not says_missing("Missing teeth")


def test_a_lost_first_column_is_carried_down() -> None:
    """Where a row has only a time, the name is that of the rows above."""
    labels = ("Fatty infiltration 3 months", "6 months", "12months", "Edema 3months", "6 months")
    assert carried(labels) == (
        "Fatty infiltration 3 months",
        "Fatty infiltration, 6 months",
        "Fatty infiltration, 12months",
        "Edema 3months",
        "Edema, 6 months",
    )
    assert carried(("Age, per 10 years", "5 years")) == ("Age, per 10 years", "5 years")
