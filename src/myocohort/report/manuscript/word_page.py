"""What every Word document here looks like: styles by name, A4, page numbers, direction of text."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from myocohort.report.archive import dated
from myocohort.report.wording import clean

FONT = "Times New Roman"
NOTE_STYLE, LEFT_OUT_STYLE = "Record Note", "Left Out"
TABLE_STYLE, CELL_STYLE, HEAD_STYLE = "Journal Table", "Table Text", "Table Head"
SECTION_STYLE, FOOTNOTE_STYLE, FIGURE_STYLE = "Table Section", "Table Note", "Figure"

_LANGUAGE = "en-GB"
_INK, _RULE, _SHADE = RGBColor(0x1B, 0x20, 0x27), "1B2027", "FFF5D9"
_LONGEST_PROPERTY = 255  # characters that a document property can have
_WORD_2013 = "15"  # the last layout that Word knows; below it a document opens as an old one
_MARGIN = Cm(2)
_A4 = (Cm(21), Cm(29.7))
# Name, style that it is based on, size in points, bold, italic, space before and after in points.
_STYLES = (
    (NOTE_STYLE, "Normal", 10, False, False, 6, 10),
    (LEFT_OUT_STYLE, "Normal", 11, False, True, 0, 6),
    (CELL_STYLE, "Normal", 8.5, False, False, 1, 1),
    (HEAD_STYLE, CELL_STYLE, 8.5, True, False, 2, 2),
    (SECTION_STYLE, CELL_STYLE, 8.5, True, False, 4, 1),
    (FOOTNOTE_STYLE, "Normal", 8.5, False, False, 0, 2),
    (FIGURE_STYLE, "Normal", 11, False, False, 6, 6),
)
# Those of the library's template.
_CHANGED = (
    ("Title", 18, True, False, 0, 6),
    ("Subtitle", 11, False, True, 0, 6),
    ("Heading 1", 14, True, False, 14, 4),
    ("Heading 2", 12, True, False, 10, 2),
    ("Caption", 10, True, False, 6, 4),
    ("List Number", 10, False, False, 0, 3),
    ("List Bullet", 10, False, False, 0, 3),
    ("Header", 8.5, False, True, 0, 0),
    ("Footer", 8.5, False, False, 0, 0),
)
# Marks that turn the direction of all that follows; a text may not reach beyond itself.
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = ("R", "AL")
_LEFT_TO_RIGHT = ("L",)
_LEFT_TO_RIGHT_MARK = "\N{LEFT-TO-RIGHT MARK}"  # keeps a bracket with what it stands around
# What Word wants behind it among a paragraph's properties.
_BEHIND_BIDI = ("w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing",
                "w:mirrorIndents", "w:jc", "w:outlineLvl", "w:rPr", "w:sectPr")  # fmt: skip
_OPENING = "([{“"


def new_document(title: str, subject: str, made: datetime) -> WordDocument:
    """Return an empty document with the styles, and properties that name no person or machine."""
    document = Document()
    _drop_template_s_own(document)
    properties = document.core_properties
    properties.title = safe(title)[:_LONGEST_PROPERTY]
    properties.subject = safe(subject)[:_LONGEST_PROPERTY]
    properties.author = properties.last_modified_by = "Myocohort"
    properties.comments = ""
    properties.language = _LANGUAGE.split("-")[0]
    properties.created = properties.modified = made
    properties.revision = 1
    _set_language(document)
    for name, size, bold, italic, before, after in _CHANGED:
        _set_style(document.styles[name], size, bold, italic, before, after)
    normal = document.styles["Normal"]
    _set_style(normal, 11, False, False, 0, 6)
    for name, base, size, bold, italic, before, after in _STYLES:
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles[base]
        _set_style(style, size, bold, italic, before, after)
    _frame(document.styles[NOTE_STYLE].element)
    for name in ("Caption", "Heading 1", "Heading 2", HEAD_STYLE, SECTION_STYLE):
        document.styles[name].paragraph_format.keep_with_next = True
    table = document.styles.add_style(TABLE_STYLE, WD_STYLE_TYPE.TABLE)
    table.base_style = document.styles["Table Grid"]
    _table_lines(table.element)
    _set_page(document.sections[0], landscape=False)
    return document


def document_bytes(document: WordDocument, made: datetime) -> bytes:
    """Return the document with one date in it, the same bytes for the same content."""
    buffer = io.BytesIO()
    document.save(buffer)
    return dated(buffer.getvalue(), made)


def safe(text: object) -> str:
    """Return text that XML can hold, on one line, which cannot turn what stands beside it."""
    return re.sub(r"[\t\n]+", " ", _DIRECTION.sub("", clean(text)))


def styled(paragraph: Paragraph, style: str) -> Paragraph:
    """Give a paragraph a style of this module by name.

    Its id is its name without spaces; the library would look through all styles for each cell.
    """
    paragraph._p.style = style.replace(" ", "")
    return paragraph


def put(paragraph: Paragraph, text: object, *, bold: bool | None = None) -> Paragraph:
    """Add text to a paragraph, in the direction of its script.

    A text that begins from right to left sets the paragraph so, as browsers do with
    `dir="auto"`; pieces of it in the other direction are runs of their own.
    """
    text = safe(text)
    if _direction(text) == "rtl" and not paragraph.text:
        properties = paragraph._p.get_or_add_pPr()
        properties.insert_element_before(OxmlElement("w:bidi"), *_BEHIND_BIDI)
    around = _LEFT_TO_RIGHT_MARK if runs_from_right(paragraph) else ""
    for piece, rtl in _pieces(text):
        core = piece.strip(" ")
        run = paragraph.add_run(piece if rtl else piece.replace(core, f"{around}{core}{around}", 1))
        run.bold = bold
        if rtl:
            run.font.rtl = True
    return paragraph


def runs_from_right(paragraph: Paragraph) -> bool:
    """Return whether a paragraph's own direction is from right to left."""
    properties = paragraph._p.pPr
    return properties is not None and properties.find(qn("w:bidi")) is not None


def small(paragraph: Paragraph, text: str) -> None:
    """Add a line in small type."""
    paragraph.add_run().add_break()
    start = len(paragraph.runs)
    put(paragraph, text)
    for run in paragraph.runs[start:]:
        run.font.size = Pt(7.5)


def raised(paragraph: Paragraph, letters: tuple[str, ...]) -> None:
    """Add the letters of notes."""
    if letters:
        paragraph.add_run(",".join(letters)).font.superscript = True


def number_pages(document: WordDocument, top: str) -> None:
    """Put page numbers at the foot of every page, and a text, where there is one, at its head."""
    section = document.sections[0]
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot.add_run("Page ")
    _field(foot, "PAGE")
    foot.add_run(" of ")
    _field(foot, "NUMPAGES")
    if top:
        head = section.header.paragraphs[0]
        head.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        put(head, top)


def new_page(document: WordDocument, paragraph: Paragraph, *, landscape: bool) -> None:
    """Let a page begin with the document's last paragraph, turned where it is asked for."""
    if (document.sections[-1].orientation == WD_ORIENT.LANDSCAPE) == landscape:
        paragraph.paragraph_format.page_break_before = True
        return
    section = document.add_section(WD_SECTION.NEW_PAGE)
    _set_page(section, landscape=landscape)
    end = document.paragraphs[-1].paragraph_format  # of the section before; not to need a page
    end.space_after, end.line_spacing = Pt(0), Pt(1)
    document.element.body.remove(paragraph._p)
    section._sectPr.addprevious(paragraph._p)


def describe(run: Run, name: str, text: str) -> None:
    """Give a picture its text alternative, and a name that says nothing of its file."""
    for element in run._r.iter(qn("wp:docPr"), qn("pic:cNvPr")):
        element.set("descr", text)
        element.set("name", name)


def _field(paragraph: Paragraph, name: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _drop_template_s_own(document: WordDocument) -> None:
    """Take out the picture of the template's first page, and the program it was made with."""
    relationships = document.part.package.rels
    for key, relationship in list(relationships.items()):
        if relationship.reltype.endswith(("/metadata/thumbnail", "/extended-properties")):
            del relationships[key]
    for setting in document.settings.element.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), _WORD_2013)


def _set_page(section: Section, *, landscape: bool) -> None:
    width, height = reversed(_A4) if landscape else _A4
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = width, height
    section.left_margin = section.right_margin = _MARGIN
    section.top_margin = section.bottom_margin = _MARGIN
    section.header_distance = section.footer_distance = Cm(1)


def _set_style(
    style: ParagraphStyle, size: float, bold: bool, italic: bool, before: float, after: float
) -> None:
    style.font.size = Pt(size)
    style.font.bold, style.font.italic = bold, italic
    style.font.cs_bold, style.font.cs_italic = bold, italic  # of scripts such as Arabic
    style.font.color.rgb = _INK
    style.font.name = FONT
    properties = style.element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    for name in ("cs", "eastAsia"):
        fonts.set(qn(f"w:{name}"), FONT)
    complex_size = OxmlElement("w:szCs")
    complex_size.set(qn("w:val"), str(round(2 * size)))
    for old in properties.findall(qn("w:szCs")):
        properties.remove(old)
    properties.find(qn("w:sz")).addnext(complex_size)
    for name in ("w:spacing", "w:kern"):
        for old in properties.findall(qn(name)):
            properties.remove(old)
    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.space_after = Pt(after)
    style.paragraph_format.line_spacing = 1.0 if size < 11 else 1.15
    if style.name == "Title":  # the template draws a line under it
        borders = style.element.get_or_add_pPr().find(qn("w:pBdr"))
        if borders is not None:
            borders.getparent().remove(borders)


def _set_language(document: WordDocument) -> None:
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), _LANGUAGE)


def _frame(style: BaseOxmlElement) -> None:
    """Put a line around a paragraph, and a pale ground behind it."""
    properties = style.get_or_add_pPr()
    borders = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        borders.append(_line(side, "4", "4"))
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
        shade.set(qn(f"w:{name}"), value)
    place = properties.find(qn("w:spacing"))
    place.addprevious(borders)
    place.addprevious(shade)


def _table_lines(style: BaseOxmlElement) -> None:
    """Keep of the grid the line above and the one below, as journals print tables."""
    properties = style.find(qn("w:tblPr"))
    if properties is None:
        properties = OxmlElement("w:tblPr")
        style.append(properties)
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(_line(side, "8" if side in ("top", "bottom") else "", "0"))
    properties.append(borders)
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "60")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties.append(margins)


def _line(side: str, size: str, space: str) -> BaseOxmlElement:
    line = OxmlElement(f"w:{side}")
    values = {"val": "single", "sz": size, "space": space, "color": _RULE}
    for name, value in (values if size else {"val": "nil"}).items():
        line.set(qn(f"w:{name}"), value)
    return line


def underline_cell(properties: BaseOxmlElement, side: str = "bottom") -> None:
    """Draw a thin line at one side of a cell, given its properties element."""
    borders = OxmlElement("w:tcBorders")
    borders.append(_line(side, "4", "0"))
    properties.append(borders)


def _direction(text: str) -> str:
    """Return the direction of the first letter that has one."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in _RIGHT_TO_LEFT:
            return "rtl"
        if kind in _LEFT_TO_RIGHT:
            return "ltr"
    return "ltr"


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Cut a text where its direction changes; what has none stays with what is before it."""
    piece, rtl = "", _direction(text) == "rtl"
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        turned = kind in _RIGHT_TO_LEFT if kind in (*_RIGHT_TO_LEFT, *_LEFT_TO_RIGHT) else rtl
        if turned != rtl and piece:
            kept = piece.rstrip(_OPENING)
            yield kept, rtl
            piece = piece[len(kept) :]
        rtl = turned
        piece += letter
    if piece:
        yield piece, rtl
