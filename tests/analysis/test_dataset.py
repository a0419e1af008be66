"""Any file as a data set."""

from __future__ import annotations

import pytest

from myocohort.analysis.data_files.dataset import categories, read_dataset
from myocohort.errors import InputError


@pytest.mark.parametrize(
    ("cells", "rule"),
    [("1,5;2,5;10,5", "decimal points"), ("2020-01-02;2020-03-04;2021-05-06", "holds dates")],
)
def test_numbers_and_dates_in_disguise_are_no_categories(tmp_path, cells, rule):
    """Decimal commas and dates are refused instead of becoming indicators of each value."""
    path = tmp_path / "data.csv"
    rows = [f"{value};{i % 2}" for i, value in enumerate(cells.split(";"))]
    path.write_text("x;y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=rule):
        categories(read_dataset(path), "x")


def test_one_word_is_one_category_however_it_is_spelt(tmp_path):
    """N/A is missing, Yes and y are yes, and 1.0 is 1."""
    path = tmp_path / "data.csv"
    path.write_text("a,b,c\nYes,Low,1\ny,low,1.0\nNo,LOW,2\nN/A,na,null\n", encoding="utf-8")
    data = read_dataset(path)
    assert categories(data, "a") == ["yes", "yes", "no", None]
    assert categories(data, "b") == ["Low", "Low", "Low", None]
    assert categories(data, "c") == ["1", "1", "2", None]
