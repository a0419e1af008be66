"""JATS XML, the format of PubMed Central: title, abstract, sections, tables with their feet."""

from __future__ import annotations

import html.entities
import re
from xml.etree.ElementTree import Element, ParseError  # parsed by defusedxml only

from defusedxml import ElementTree as Defused  # type: ignore[import-untyped]
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]

from myocohort.errors import PaperFileError, Problem
from myocohort.papers.draft.collector import Collector, table_caption
from myocohort.papers.draft.document import Document, Paragraph, Unread
from myocohort.papers.draft.grid import spread
from myocohort.papers.draft.tree import children_of, inline, local, table_rows

__all__ = ["read"]

_PREDEFINED = frozenset(("amp", "lt", "gt", "quot", "apos"))
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_TABLES = ("table-wrap", "table-wrap-group")
_PARAGRAPHS = ("p", "disp-quote", "verse-group", "boxed-text", "statement")
_LISTS = ("list", "def-list")


def read(text: str) -> Document:
    """Read an article in JATS.

    Parameters
    ----------
    text
        The XML, with or without a document type. Nothing that it points to is fetched.

    Raises
    ------
    PaperFileError
        When the text is no XML, declares entities of its own, or has no article in it.
    """
    root = _parse(text)
    article = next((element for element in root.iter() if local(element) == "article"), None)
    if article is None:
        raise PaperFileError(
            [
                Problem(
                    rule="an XML file of a paper is JATS, the format of PubMed Central, with an "
                    "article element",
                    value=f"<{local(root)}>",
                    next_step="Take the XML from PubMed Central, or the paper as HTML or text.",
                )
            ]
        )
    collector = Collector()
    for element in article:
        name = local(element)
        if name == "front":
            _front(element, collector)
        elif name == "body":
            _content(element, (), collector)
        elif name == "floats-group":
            collector.set_section()
            _content(element, (), collector)
        elif name == "back":
            _back(element, collector)
    return collector.document()


def _parse(text: str) -> Element:
    """Parse with the named characters of HTML, which the JATS document type also has, put in."""

    def character(match: re.Match[str]) -> str:
        known = html.entities.html5.get(match[1] + ";")
        if match[1] in _PREDEFINED or known is None:
            return match[0]
        return "".join(f"&#{ord(sign)};" for sign in known)

    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    try:
        root = Defused.fromstring(_NAMED.sub(character, text), forbid_dtd=False)
    except DefusedXmlException:
        raise PaperFileError(
            [
                Problem(
                    rule="an XML file of a paper declares no entities and fetches nothing",
                    next_step="Take the file from PubMed Central again, or delete the "
                    "declarations in its DOCTYPE.",
                )
            ]
        ) from None
    except (ParseError, ValueError) as error:
        raise PaperFileError(
            [
                Problem(
                    rule="the file is well-formed XML",
                    value=str(error),
                    next_step="Take the file again; a download may have been cut off.",
                )
            ]
        ) from None
    assert isinstance(root, Element)
    return root


def _front(front: Element, collector: Collector) -> None:
    for element in front.iter():
        name = local(element)
        if name == "article-id" and element.get("pub-id-type") == "doi" and not collector.doi:
            collector.doi = (element.text or "").strip()
        elif name == "article-title" and not collector.title:
            collector.title = inline(element)
        elif name == "abstract":
            kind = element.get("abstract-type") or ""
            section = "Abstract" if not kind else f"Abstract ({kind})"
            _content(element, (section,), collector)
        elif name == "kwd-group":
            words = [inline(word) for word in children_of(element, "kwd")]
            collector.paragraph(", ".join(words), "Keywords")


def _back(back: Element, collector: Collector) -> None:
    for element in back.iter():
        name = local(element)
        if name in _TABLES[:1]:
            collector.set_section("Appendix")
            _table(element, collector)
        elif name == "ref":
            collector.paragraph(inline(element), "References")
        elif name == "ack":
            collector.paragraph(inline(element), "Acknowledgements")


def _content(element: Element, sections: tuple[str, ...], collector: Collector) -> None:
    """Go through the blocks of a section."""
    collector.set_section(*sections)
    for child in element:
        name = local(child)
        if name == "sec":
            title = next((inline(title) for title in children_of(child, "title")), "")
            _content(child, (*sections, title) if title else sections, collector)
            collector.set_section(*sections)
        elif name in ("table-wrap-group", "fig-group", "app", "app-group"):
            _content(child, sections, collector)
        elif name == "table-wrap":
            _table(child, collector)
        elif name == "fig":
            _figure(child, collector)
        elif name in _LISTS:
            for item in child:
                _paragraph(item, sections, collector)
        elif name in _PARAGRAPHS:
            _paragraph(child, sections, collector)


def _paragraph(element: Element, sections: tuple[str, ...], collector: Collector) -> None:
    """Add a paragraph; the tables and figures in it come after it."""
    floats = []
    for parent in list(element.iter()):
        for child in list(children_of(parent, "table-wrap", "fig", "table-wrap-group")):
            floats.append(child)
            place = list(parent).index(child)
            parent.remove(child)
            if child.tail:
                if place:
                    parent[place - 1].tail = (parent[place - 1].tail or "") + child.tail
                else:
                    parent.text = (parent.text or "") + child.tail
    text = inline(element)
    if text:
        collector.blocks.append(Paragraph(", ".join(sections), text))
    for child in floats:
        for part in [child] if local(child) != "table-wrap-group" else list(child):
            if local(part) == "table-wrap":
                _table(part, collector)
            elif local(part) == "fig":
                _figure(part, collector)


def _figure(element: Element, collector: Collector) -> None:
    label = next((inline(label) for label in children_of(element, "label")), "Figure")
    for caption in children_of(element, "caption"):
        collector.paragraph(inline(caption), label)


def _table(wrap: Element, collector: Collector) -> None:
    """Add a table; one that is only a picture is listed as unread."""
    label = next((inline(label) for label in children_of(wrap, "label")), "").rstrip(".:")
    caption = next((inline(caption) for caption in children_of(wrap, "caption")), "")
    if not label:
        label, caption = table_caption(caption) or ("", caption)
    elif (known := table_caption(label)) is not None:
        label = known[0]
    notes = [
        inline(note) for foot in children_of(wrap, "table-wrap-foot") for note in _notes_of(foot)
    ]
    tables = [element for element in wrap.iter() if local(element) == "table"]
    place = label or collector.place()
    if not tables:
        why = "the table is a picture; its numbers must be typed in by hand"
        collector.unread.append(Unread(place, caption, why))
        return
    for table in tables:
        rows, head = table_rows(table)
        grid, unread = spread(rows, place)
        collector.unread += unread
        if any(local(element) == "inline-graphic" for element in table.iter()):
            why = "a cell holds a picture in place of text"
            collector.unread.append(Unread(place, caption, why))
        collector.table(grid, head, label, caption, notes)


def _notes_of(foot: Element) -> list[Element]:
    notes: list[Element] = []
    for child in foot:
        name = local(child)
        if name == "fn-group":
            notes += list(children_of(child, "fn"))
        elif name in ("fn", "p", "attrib"):
            notes.append(child)
    return notes
