"""Whatever a paper prints: the draft can be read, and no number of a table is dropped."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from myocohort.papers.draft.document import Document, Paragraph, Table
from myocohort.papers.draft.drafting import Draft, draft_paper
from myocohort.papers.draft.writing import draft_toml
from myocohort.papers.paperfile import Paper, numbers_in

NUMBERS = st.one_of(
    st.integers(0, 400).map(str),
    st.decimals(-5, 400, places=1).map(str),
    st.decimals(0, 99, places=2).map(lambda d: str(d).replace(".", "·")),
    st.sampled_from(["1,234", "0.05", ".03", "1,500,000", "18,5"]),
)
CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "-",
            "NS",
            "Reference",
            "1 (ref)",
            "n/a",
            "<0.001",
            "0.022*",
            "P = 0.03",
            ">0.9",
            "3/4/5",
        ]
    ),
    NUMBERS,
    st.builds("{} ({})".format, NUMBERS, NUMBERS),
    st.builds("{} ({}%)".format, st.integers(0, 60), st.integers(0, 120)),
    st.builds("{} ± {}".format, NUMBERS, NUMBERS),
    st.builds("{} ({}, {})".format, NUMBERS, NUMBERS, NUMBERS),
    st.builds("{} [{}–{}]".format, NUMBERS, NUMBERS, NUMBERS),
    st.builds("{}/{}".format, st.integers(0, 60), st.integers(0, 60)),
    st.builds("{}:{} ({})".format, st.integers(0, 60), st.integers(0, 60), NUMBERS),
    st.builds("about {} or {}".format, NUMBERS, NUMBERS),
    st.text("0123456789 .,()[]%±–-/:;<>=*abn", max_size=14),
)
_HEADS = (
    "|Variable|P|p-value|OR|95% CI|OR (95% CI)|HR|SE|n (%)|%|Mean ± SD|"
    "Group A (n = 20)|Group B (13)|Overall, N = 33|Control|Total(n)|Median (IQR)|B|"
    "Exp(B)|Lower|Upper|χ2|Difference|Case, n=5|N|Before|After"
)
_LABELS = (
    "Age, years|Sex|  Male|  Female|Sex (male/female)|Gender(male: female)|"
    "ILD, n (%)|Missing|Unknown|Median (IQR)|N|3 months|Edema 3 months|Range|"
    "Follow-up, mean ± SD|No. of patients|≥65||Gender (male)"
)
_PHRASES = (
    "In the group A|and the group B|patients|(OR = 2.5, 95% CI 1.1–4.2; P = 0.02)|"
    "13 patients (32.5%)|32 of 37 patients (86.5%)|37.3 ± 18.1|6 (4, 18) months|"
    "(r = 0.818, P < 0.001)|between BAFF and CD19|P=.03|22.2%|nine patients|(20.5%)|"
    "HR, 1.2 (0.9 to 1.6)|ratio of male to female was 14:34|respectively.|[16]|"
    "Table 1.|in 2012|range 4–18|median|, 1,234 (5%)|weight loss"
)
HEADS = st.one_of(
    st.sampled_from(_HEADS.split("|")), st.text('abNn=() 0123456789%{}"\\', max_size=12)
)
LABELS = st.one_of(st.sampled_from(_LABELS.split("|")), st.text(max_size=10))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Make a table of any heads, labels and cells, its rows perhaps ragged."""
    width = draw(st.integers(1, 6))
    head = tuple(tuple(draw(HEADS) for _ in range(width)) for _ in range(draw(st.integers(0, 2))))
    rows = tuple(
        (
            draw(LABELS),
            *(draw(CELLS) for _ in range(width - 1 - draw(st.integers(0, 1)) * (width > 2))),
        )
        for _ in range(draw(st.integers(0, 5)))
    )
    caption = draw(
        st.sampled_from(["", "Characteristics (n = 40)", "Values are mean (SD)", "a {b}"])
    )
    notes = draw(st.sampled_from([(), ("*P<0.05",), ("a Fisher's exact test", "")]))
    return Table(draw(st.sampled_from(["Table 1", "Table S1", ""])), caption, head, rows, notes)


SENTENCES = st.lists(
    st.one_of(st.sampled_from(_PHRASES.split("|")), st.text(max_size=8)), max_size=12
).map(" ".join)


def readable(draft: Draft) -> Paper:
    """Read a draft as `load_paper` does, from its TOML."""
    raw = tomllib.loads(draft_toml(draft))
    assert raw == _plain(draft.paper)
    return Paper.model_validate(raw)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def digits(text: str) -> set[str]:
    """Return the runs of digits of a text, and numbers without their separators."""
    runs = set(re.findall(r"[0-9]+", text))
    return runs | {token.replace(",", "") for token in re.findall(r"[0-9]+(?:,[0-9]+)+", text)}


def lost(cell: str, kept: set[str]) -> list[str]:
    """Return the runs of digits of a cell that are in no kept number."""
    runs = re.findall(r"[0-9]+", re.sub(r"\^[a-z0-9]", "", cell))
    return [run for run in runs if not any(run in number for number in kept)]


@settings(max_examples=300)
@given(st.lists(tables(), max_size=3), SENTENCES)
def test_any_draft_can_be_read_and_its_tables_keep_their_numbers(
    made: list[Table], text: str
) -> None:
    """A draft is a valid paper file, and each number of a table's body is kept or listed."""
    draft = draft_paper(Document("A paper", "", (*made, Paragraph("Results", text))))
    paper = readable(draft)
    ids = {number.id for number in paper.numbers()}
    assert all(name in ids for table in paper.table for name in numbers_in(table))
    texts = [number.text for number in paper.numbers()]
    texts += [piece for _, piece in draft.not_understood]
    kept = {run for text in texts for run in digits(text)}
    for table in made:
        width = max((len(row) for row in (*table.head, *table.rows)), default=0)
        for row in table.rows:
            for cell in row[1:] if width > 1 else ():
                named = _in_head(cell, draft) or _names_rows(cell, draft)
                assert named or not lost(cell, kept), cell


def _in_head(cell: str, draft: Draft) -> bool:
    """A first row without numbers of its own may have been taken for the head."""
    return any(cell.strip() in line for table in draft.paper["table"] for line in table["head"])


def _names_rows(cell: str, draft: Draft) -> bool:
    """A second column of words names the rows: its numbers are part of labels."""
    return any(
        re.sub(r"\s+", " ", cell).strip() in row[1:3]
        for table in draft.paper["table"]
        for row in table["rows"]
        if len(row) > 2 and "{" not in row[1]
    )
