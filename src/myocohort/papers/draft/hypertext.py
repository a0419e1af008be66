"""HTML into a tree of elements, and a table element into a table."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element  # a data structure here; nothing is parsed by it

from lxml import etree  # type: ignore[import-untyped]

from myocohort.papers.draft.collector import Collector, table_caption
from myocohort.papers.draft.grid import spread
from myocohort.papers.draft.tree import children_of, inline, table_rows

__all__ = ["SKIPPED", "add_table", "append_text", "parse"]

SKIPPED = frozenset((
    "script", "style", "noscript", "template", "svg", "nav", "button", "form", "iframe",
    "object",
))  # fmt: skip
"""Elements that hold nothing of the paper."""


def parse(text: str) -> Element:
    """Return the tree of an HTML text, whatever its mistakes; scripts and comments left out.

    End tags that HTML allows to leave out are put in. Nothing is fetched.
    """
    root = Element("html")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    if not text.strip():
        return root
    # Without huge_tree, what is nested deeply would be left out without a word.
    parser = etree.HTMLParser(
        no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    found = etree.fromstring(text, parser)
    if found is None:
        return root
    waiting = [(root, iter([found]))]
    while waiting:
        element, rest = waiting[-1]
        node = next(rest, None)
        if node is None:
            waiting.pop()
            continue
        if not isinstance(node.tag, str) or node.tag in SKIPPED:
            append_text(element, node.tail)
            continue
        child = Element(node.tag, dict(node.attrib))
        child.text, child.tail = node.text, node.tail
        element.append(child)
        waiting.append((child, iter(node)))
    return root


def append_text(element: Element, text: str | None) -> None:
    """Add text at an element's end."""
    if len(element):
        element[-1].tail = (element[-1].tail or "") + (text or "")
    else:
        element.text = (element.text or "") + (text or "")


def add_table(table: Element, collector: Collector) -> None:
    """Add a table element with its caption."""
    label = caption = ""
    for element in children_of(table, "caption"):
        text = inline(element)
        label, caption = table_caption(text) or ("", text)
    rows, head = table_rows(table)
    grid, unread = spread(rows, label or collector.place())
    collector.unread += unread
    notes: list[str] = []
    while len(grid) > 1 and len(rows[-1]) == 1 and rows[-1][0].across > 1 and len(grid[-1]) > 2:
        notes.insert(0, next((cell for cell in grid.pop() if cell), ""))
        rows.pop()
    collector.table(grid, head, label, caption, notes)
