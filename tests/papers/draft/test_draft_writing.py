"""A draft as text: what is written is what TOML reads, one line an entry."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.draft.document import Document, Table, Unread
from myocohort.papers.draft.drafting import draft_paper
from myocohort.papers.draft.writing import draft_toml, toml_value

VALUES = st.recursive(
    st.one_of(st.text(), st.booleans(), st.integers(-(2**63), 2**63 - 1)),
    lambda inside: st.one_of(
        st.lists(inside, max_size=4), st.dictionaries(st.text(), inside, max_size=4)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_any_value_is_read_as_it_was_written(value: object) -> None:
    """Quotes, backslashes, control characters and any key survive, on one line."""
    text = f"value = {toml_value(value)}"
    assert "\n" not in text
    assert tomllib.loads(text) == {"value": value}


def test_numbers_are_no_values_of_a_paper_file() -> None:
    """A float would lose printed digits, so it is refused."""
    with pytest.raises(TypeError, match="no value such as"):
        toml_value(0.5)


def test_the_text_of_a_draft() -> None:
    """A header says that it is a draft and what to look at; each entry stands on one line."""
    table = Table("Table 1", "x", (("", "A (n = 27)", "C"),), (("ILD", "6 (22.2)", "2 (8%)"),))
    draft = draft_paper(
        Document('On {braces} and "quotes"', "10.1/1", (table,), (Unread("p. 2", "3 x", "why"),))
    )
    text = draft_toml(draft)
    assert text.startswith("# A DRAFT")
    assert "No size was found for these groups: c, whole_sample" in text
    assert (
        '  { id = "table1.ild.a", place = "Table 1, ILD, A", variable = "ild", level = "yes", '
        'group = "a", n = "6", percent = "22.2" },\n'
    ) in text
    raw = tomllib.loads(text)
    assert (raw["title"], raw["doi"]) == ('On {braces} and "quotes"', "10.1/1")
    assert raw["not_understood"] == [{"place": "p. 2", "text": "3 x (why)"}]
    assert draft.not_understood == (("p. 2", "3 x (why)"),)
    assert (draft.counts["count"], draft.counts["size"], draft.counts["not_understood"]) == (
        2,
        1,
        1,
    )


def test_an_empty_paper_is_a_draft_too() -> None:
    """A document without anything gives a file that can be read."""
    raw = tomllib.loads(draft_toml(draft_paper(Document("", "", ()))))
    assert raw == {"title": "Untitled paper", "groups": {"whole_sample": {"label": "whole sample"}}}
