"""An article in JATS, with made numbers, as PubMed Central writes it."""

from __future__ import annotations

from myocohort.papers.draft.document import Paragraph

ARTICLE = r"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving DTD v1.3//EN"
 "JATS-archivearticle1-3.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:mml="http://www.w3.org/1998/Math/MathML" article-type="research-article">
<front><article-meta><article-id pub-id-type="pmid">1</article-id>
<article-id pub-id-type="doi">10.1000/made.1</article-id>
<title-group><article-title>A made trial of <italic>nothing</italic></article-title></title-group>
<abstract><sec><title>Results</title><p>Of 20 patients, 12 (60.0%) got better
(<italic>p</italic>&#x2009;&lt;&#x2009;0.05).</p></sec></abstract>
<kwd-group><kwd>made</kwd><kwd>trial</kwd></kwd-group></article-meta></front>
<body><sec><title>Methods</title><sec><title>Muscle MRI</title>
<p>Cells were 2&#160;&#215;&#160;10<sup>3</sup> and CD4<sup>+</sup>
[<xref ref-type="bibr" rid="r1">1</xref>], mean 3.1 &plusmn; 0&middot;5, rate
<inline-formula><alternatives><tex-math id="m1">\documentclass{a}\begin{document}$$a^{2}$$
\end{document}</tex-math><mml:math><mml:msup><mml:mi>a</mml:mi><mml:mn>2</mml:mn></mml:msup>
</mml:math></alternatives></inline-formula>.</p></sec></sec>
<sec><title>Results</title><p>See the table.
<table-wrap id="t1"><label>Table&#160;1.</label><caption><title>Made values</title></caption>
<alternatives><graphic xlink:href="t1.jpg"/><table><thead>
<tr><td rowspan="2">Variable</td><td colspan="2">Group A (<italic>n</italic> = 8)</td>
<td rowspan="2">P value</td></tr><tr><td>n</td><td>%</td></tr></thead><tbody>
<tr><td colspan="4">Signs</td></tr>
<tr><td>Fever</td><td>3</td><td>37.5</td><td rowspan="2">0.02<xref ref-type="table-fn"
 rid="f1"><sup>a</sup></xref></td></tr>
<tr><td>Pain</td><td>5</td><td>62.5</td></tr>
<tr><td>Cough</td><td>4</td></tr>
</tbody></table></alternatives>
<table-wrap-foot><fn id="f1"><label><sup>a</sup></label><p>Fisher&rsquo;s test</p></fn>
</table-wrap-foot></table-wrap> It goes on.</p>
<fig><label>Figure 1</label><caption><p>A curve.</p></caption><graphic xlink:href="f.jpg"/></fig>
</sec></body>
<back><ref-list><ref><mixed-citation>Nobody. 2020.</mixed-citation></ref></ref-list></back>
<floats-group><table-wrap><label>Table 2</label><caption><p>A picture</p></caption>
<graphic xlink:href="t2.jpg"/></table-wrap></floats-group></article>
"""


def test_title_doi_and_sections(written):
    """Title, DOI and sections come from their elements, named characters from HTML's list."""
    document = written(ARTICLE, "a.nxml")
    assert (document.title, document.doi) == ("A made trial of nothing", "10.1000/made.1")
    texts = [
        (block.section, block.text) for block in document.blocks if isinstance(block, Paragraph)
    ]
    assert texts == [
        ("Abstract, Results", "Of 20 patients, 12 (60.0%) got better (p < 0.05)."),
        ("Keywords", "made, trial"),
        (
            "Methods, Muscle MRI",
            "Cells were 2 × 10^3 and CD4⁺ [1], mean 3.1 ± 0.5, rate a^2.",
        ),
        ("Results", "See the table. It goes on."),
        ("Figure 1", "A curve."),
        ("References", "Nobody. 2020."),
    ]


def test_table_with_merged_cells_and_foot(written, tables):
    """Merged cells are repeated, the marker stays apart from the number, the foot is a note."""
    document = written(ARTICLE, "a.xml")
    (table,) = tables(document)
    assert (table.label, table.caption) == ("Table 1", "Made values")
    assert table.head == (
        ("Variable", "Group A (n = 8)", "Group A (n = 8)", "P value"),
        ("Variable", "n", "%", "P value"),
    )
    assert table.rows == (
        ("Signs", "", "", ""),
        ("Fever", "3", "37.5", "0.02^a"),
        ("Pain", "5", "62.5", "0.02^a"),
        ("Cough", "4", "", ""),
    )
    assert table.notes == ("^a Fisher’s test",)


def test_a_short_row_and_a_picture_are_listed(written):
    """A row that lacks cells and a table that is only a picture are for a person to look at."""
    listed = written(ARTICLE, "a.xml").unread
    assert [unread.place for unread in listed] == ["Table 1, row 6", "Table 2"]
    assert "picture" in listed[1].why


def test_an_article_within_a_namespace_and_a_wrapper(written):
    """Articles in a default namespace and in the answer of an archive are found."""
    document = written(
        "<OAI xmlns='urn:o'><article xmlns='urn:j'><front><article-title>Wrapped</article-title>"
        "</front><body><p>Text.</p></body></article></OAI>",
        "a.xml",
    )
    assert document.title == "Wrapped"
    assert document.blocks == (Paragraph("", "Text."),)
