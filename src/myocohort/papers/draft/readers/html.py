"""HTML: headings, paragraphs, and tables with their merged cells spread out."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element  # a data structure here; nothing is parsed by it

from myocohort.papers.draft.collector import Collector, table_caption
from myocohort.papers.draft.document import Document
from myocohort.papers.draft.hypertext import SKIPPED, add_table, append_text, parse
from myocohort.papers.draft.prose import figure_legend
from myocohort.papers.draft.tree import inline, local

__all__ = ["read"]

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset((
    "html", "body", "div", "section", "article", "main", "header", "footer", "aside",
    "figure", "figcaption", "p", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre",
    "table", "caption", "center", "details", "summary", "address", "fieldset", "tr", "td",
    "th", "tbody", "thead", "tfoot", "hr",
)) | frozenset(_HEADINGS)  # fmt: skip


def read(text: str) -> Document:
    """Read a paper's HTML page.

    Parameters
    ----------
    text
        The page's source.
    """
    root = parse(text)
    collector = Collector()
    for meta in root.iter("meta"):
        if meta.get("name", "").lower() in ("citation_doi", "dc.identifier", "prism.doi"):
            collector.doi = collector.doi or meta.get("content", "").removeprefix("doi:")
        if meta.get("name", "").lower() == "citation_title":
            collector.title = meta.get("content", "")
    _walk(root, collector)
    collector.settle()
    if not collector.title:
        collector.title = next((inline(title) for title in root.iter("title")), "")
    return collector.document()


def _walk(element: Element, collector: Collector) -> None:
    """Go through the blocks of an element; text between them is a paragraph of its own."""
    loose = Element("p")
    loose.text = element.text
    for child in element:
        name = local(child)
        if name in SKIPPED or name == "head":
            pass
        elif name in _BLOCKS or _has_blocks(child):
            collector.flowing(inline(loose))
            loose = Element("p")
            _block(child, name, collector)
            loose.text = child.tail
            continue
        else:
            loose.append(child)
            continue
        append_text(loose, child.tail)
    collector.flowing(inline(loose))


def _has_blocks(element: Element) -> bool:
    return any(local(inner) in _BLOCKS for inner in element.iter() if inner is not element)


def _block(element: Element, name: str, collector: Collector) -> None:
    if name == "table" and not any(True for _ in _inner_tables(element)):
        add_table(element, collector)
    elif name in _HEADINGS:
        text = inline(element)
        if table_caption(text):
            collector.flowing(text)
        elif text:
            collector.settle()
            collector.heading(text, _HEADINGS[name])
    elif _has_blocks(element):
        _walk(element, collector)
    else:
        text = inline(element)
        legend = figure_legend(text)
        if legend:
            collector.paragraph(text, legend)
        else:
            collector.flowing(text, joins=name not in ("li", "dt", "dd", "td", "th"))


def _inner_tables(table: Element) -> Iterator[Element]:
    return (inner for inner in table.iter("table") if inner is not table)
