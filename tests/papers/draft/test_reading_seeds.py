"""Both text versions of the reference paper give the same four tables (../shared/seeds)."""

from __future__ import annotations

import pytest

from myocohort.papers.draft.document import Paragraph
from myocohort.papers.draft.reading import read_document

VERSIONS = ("000", "003")

# Zhao et al. 2020 (doi 10.1186/s13023-020-01431-7), Tables 1-4, typed from the paper.
GRIDS = {
    "Table 1": """
|Non-refractory group (27)|Non-refractory group (27)|Refractory group (13)|Refractory group (13)|P
|Total(n)|Proportion(%)|Total(n)|Proportion(%)|P
Clinical syndromes|||||
Gender(male: female)|5:22|18.5|6:7|46.2|0.067
Cervical flexion weakness|22|81.5|11|84.6|0.807
Severe myasthenia|9|33.3|8|61.5|0.091
Dysphagia|9|33.3|5|38.5|0.750
Dysmasesia|7|25.9|1|7.7|0.177
Myalgia|10|37.0|4|30.8|0.697
Amyotrophy|11|40.7|6|46.2|0.746
Weight lost|11|40.7|10|76.9|0.032
Auxiliary examination|||||
ILD|6|22.2|9|69.2|0.004
Elevated ESR|5|18.5|5|38.5|0.872
Elevated ANA|12|44.4|8|61.5|0.311
Combined with anti-Ro-52 antibody|7|25.9|5|38.5|0.418
Initial therapy|||||
GC|3|11.1|4|30.8|0.132
GC + IVIg + MTX|10|37.0|3|23.1|0.390
GC + MTX|6|22.2|1|7.7|0.269
GC + IVIg|5|18.5|3|23.1|0.744
GC + OI|4|14.8|5|38.5|0.098
OI + MTX|16|59.3|3|23.1|0.032
OI + IVIg|15|55.6|6|46.2|0.588""",
    "Table 2": """
Indicator|OR|95%CI|P
Gender(male)|19.57|1.49–256.53|0.024*
Severe muscle weakness|7.51|41.03–54.88|0.047*
With ILD|39.70|3.04–518.38|0.005*""",
    "Table 3": """
tMRI|Average change rates|Non-refractory group (16)|Refractory group (9)|P
Fatty infiltration|3 months|2.64|5.55|0.022*
Fatty infiltration|6 months|1.37|1.60|0.118
Fatty infiltration|12 months|0.77|0.59|0.305
Fatty infiltration|18 months|0.43|0.38|0.534
Fatty infiltration|24 months|0.14|0.17|0.176
Edema|3 months|3.69|2.17|0.240
Edema|6 months|2.80|2.56|0.206
Edema|12 months|1.18|1.17|0.627
Edema|18 months|0.99|0.70|0.431
Edema|24 months|0.64|0.60|0.386""",
    "Table 4": """
Positive cellular expression|Non-refractory group(19 cases)|Refractory group(10 cases)|P
BAFF|0.06 ± 0.03|0.06 ± 0.05|0.542
BAFF-R|0.27 ± 0.14|0.42 ± 0.23|0.036*
CD19|0.18 ± 0.08|0.36 ± 0.21|0.002*""",
}


def typed(label):
    """Return the grid of a table as it was typed from the paper."""
    return [line.split("|") for line in GRIDS[label].strip("\n").splitlines()]


def without_spaces(rows):
    """Return the rows without the spaces in their cells."""
    return [["".join(cell.split()) for cell in row] for row in rows]


@pytest.mark.parametrize("number", VERSIONS)
def test_every_cell_is_in_its_row_and_column(number, seed, tables):
    """All cells of Tables 1-4 are as in the paper, apart from spaces within labels."""
    document = read_document(seed(number))
    found = {table.label: table for table in tables(document)}
    assert list(found) == list(GRIDS)
    for label, table in found.items():
        grid = [*table.head, *table.rows]
        assert without_spaces(grid) == without_spaces(typed(label)), label
        values = 2 if label == "Table 3" else 1
        assert [list(row[values:]) for row in grid] == [row[values:] for row in typed(label)]
    assert document.unread == ()


@pytest.mark.parametrize("number", VERSIONS)
def test_captions_and_notes(number, seed, tables):
    """Captions that run over two lines are whole, and the notes are those under the table."""
    found = tables(read_document(seed(number)))
    assert found[1].caption == (
        "Binary logistic analysis of clinical indicators between refractory and"
        " non-refractory group"
    )
    assert found[1].notes[0] == "ILD Interstitial lung disease"
    assert "".join(found[1].notes[1].split()) == "*P<0.05"
    assert found[0].notes[0].startswith("ILD Interstitial lung disease, GC Glucocorticoid")
    assert len(found[2].notes) == 2
    assert len(found[3].notes) == 1


@pytest.mark.parametrize("number", VERSIONS)
@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("Abstract, Results", "being male (OR, 19.57; P < 0.001), severe muscle weakness"),
        ("Background", "subtype of a group of idiopathic inflammatory myopathies characterized"),
        ("Background", "often show more severe myasthenia symptoms and muscular atrophy"),
        ("Background", "early-onset disease, severe myasthenia, dysphagia, and muscular atrophy"),
        ("Methods, Muscle MRI", "semimembranosus, adductor magnus, sartorius, long adductor"),
        ("Methods, BAFF and BAFF-R measurement", "14 patients with ANM-SRP and four healthy"),
        ("Methods, BAFF and BAFF-R measurement", "The primary antibodies were IgG-specific"),
        ("Methods, Statistical analysis", "significance was accepted as p < 0.05."),
        ("Results", "with a loss-to-follow-up rate of 16.67%"),
        (
            "Results, Clinical refractory related factors: male, severe muscle weakness,"
            " concurrent ILD",
            "37.26 ± 18.06 and 50.77 ± 15.77 years old, respectively (P = 0.029)",
        ),
        (
            "Results, Pathological refractory-related factors: high expression of BAFF and"
            " BAFF-R in muscle",
            "10 of 29 patients (34.5%) with positive deposition in necrotic tissue",
        ),
        ("Discussion", "monitor disease activity and severity and was used for long-term follow"),
        ("Discussion", "expression than non-refractory patients, which suggests"),
        ("Conclusion", "The present study examined a multitude of clinical"),
    ],
)
def test_sentences_are_whole(number, section, sentence, seed):
    """Sentences that lines, pages, tables and figures cut are whole, under their headings."""
    document = read_document(seed(number))
    there = [block.text for block in document.blocks if getattr(block, "section", 0) == section]
    assert any(sentence in text for text in there), there


def test_an_interrupted_sentence_goes_on_in_the_text(seed):
    """A sentence that a figure, a table and a page cut is joined (pdftotext version)."""
    document = read_document(seed("003"))
    text = " ".join(block.text for block in document.blocks if isinstance(block, Paragraph))
    assert "There was no statistically significant difference in the expression of BAFF" in text
    assert "(R = 0.818, P < 0.001)" in text
    assert "lym- phocyte" not in text
    assert "myositis-specific autoantibodies" in text


def test_title_doi_and_legends(seed):
    """The title, the DOI and the legends of six figures are told from the text."""
    document = read_document(seed("000"))
    assert document.title.startswith("Factors associated with refractory autoimmune necrotizing")
    assert document.doi == "10.1186/s13023-020-01431-7"
    for number in VERSIONS:
        blocks = read_document(seed(number)).blocks
        legends = {getattr(block, "section", "") for block in blocks}
        assert {f"Fig. {figure}" for figure in range(1, 7)} <= legends
