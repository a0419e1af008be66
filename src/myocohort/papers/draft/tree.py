"""Elements of HTML and JATS, which share their tables: plain text, rows and cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element  # a data structure here; nothing is parsed by it

from myocohort.papers.draft.characters import (
    cell_text,
    clean,
    formula,
    lowered,
    raised,
    without_formulas,
)
from myocohort.papers.draft.grid import Cell

__all__ = ["children_of", "inline", "local", "table_rows"]

_DROPPED = frozenset((
    "script", "style", "noscript", "template", "svg", "button", "input", "select", "textarea",
    "object", "iframe", "head", "annotation", "annotation-xml", "inline-graphic", "graphic",
    "media",
))  # fmt: skip
_SPACED = frozenset((
    "br", "break", "p", "div", "li", "td", "th", "tr", "title", "list-item", "def", "term",
))  # fmt: skip
_NOTE_LINKS = frozenset(("table-fn", "fn"))


def local(element: Element) -> str:
    """Return an element's name in small letters, without its namespace; "" for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def children_of(element: Element, *names: str) -> Iterator[Element]:
    """Yield the children that have one of these names."""
    return (child for child in element if local(child) in names)


def inline(element: Element) -> str:
    """Return an element's text on one line; raised and lowered text kept apart from digits."""
    return cell_text(without_formulas(clean(_text(element))))


def _text(element: Element, before: str = "") -> str:
    name = local(element)
    if name in ("mfrac", "msup", "msub", "msubsup"):
        return _mathematics(element, name)
    if name == "tex-math":
        return _tex(element.text or "")
    text = element.text or ""
    choices = list(element) if name == "alternatives" else []
    if any(local(child) == "math" for child in choices):
        choices = [child for child in choices if local(child) == "math"]
    for child in choices or element:
        kind = local(child)
        if kind == "sup" or (
            kind == "xref"
            and child.get("ref-type") in _NOTE_LINKS
            and not any(local(inner) == "sup" for inner in child.iter())
        ):
            text += raised(before + text, " ".join(clean(_text(child)).split()))
        elif kind == "sub":
            text += lowered(before + text, " ".join(clean(_text(child)).split()))
        elif kind and kind not in _DROPPED:
            space = " " if kind in _SPACED else ""
            text += space + _text(child, before + text) + space
        text += child.tail or ""
    return " ".join(text.split()) if name in ("math", "inline-formula") else text


def _mathematics(element: Element, name: str) -> str:
    parts = ["".join(_text(child).split()) for child in element]
    if len(parts) < 2:
        return "".join(parts)
    if name == "mfrac":
        return "/".join(parts)
    text = parts[0]
    if name in ("msub", "msubsup"):
        text += lowered(text, parts[1])
    return text + raised(text, parts[-1]) if name != "msub" else text


def _tex(source: str) -> str:
    document = re.search(r"\\begin\{document\}(.*)\\end\{document\}", source, re.DOTALL)
    inner = (document[1] if document else source).strip()
    return formula(inner.strip("$").removeprefix("\\(").removesuffix("\\)"))


def table_rows(table: Element) -> tuple[list[list[Cell]], int | None]:
    """Return a table's rows and how many of them are its head (None where it does not say).

    The rows of an inner table are not the table's own; its text stands in its cell.
    """
    heads: list[list[Cell]] = []
    bodies: list[list[Cell]] = []
    feet: list[list[Cell]] = []
    all_head: list[bool] = []
    for part, row in _rows(table):
        cells = list(children_of(row, "td", "th"))
        if part == "tfoot":
            feet.append([_cell(cell) for cell in cells])
        elif part == "thead":
            heads.append([_cell(cell) for cell in cells])
        else:
            bodies.append([_cell(cell) for cell in cells])
            all_head.append(bool(cells) and all(local(cell) == "th" for cell in cells))
    leading = next((i for i, only in enumerate(all_head) if not only), len(all_head))
    head: int | None = len(heads) or leading or None
    if head == len(heads) + len(bodies) + len(feet):
        head = None
    return heads + bodies + feet, head


def _rows(table: Element) -> Iterator[tuple[str, Element]]:
    for child in table:
        name = local(child)
        if name == "tr":
            yield "tbody", child
        elif name in ("thead", "tbody", "tfoot"):
            for row in children_of(child, "tr"):
                yield name, row


def _cell(element: Element) -> Cell:
    return Cell(
        inline(element), _count(element.get("colspan"), 1), _count(element.get("rowspan"), 0)
    )


def _count(text: str | None, least: int) -> int:
    """Return a span; what is no number counts as one, as browsers read it."""
    if text is None or not re.fullmatch(r"\s*[0-9]{1,9}\s*", text):
        return 1
    return max(least, int(text))
