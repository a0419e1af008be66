"""Papers as lines of text: plain text, Markdown, and what lies between the two."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from myocohort.papers.draft.characters import clean, without_formulas
from myocohort.papers.draft.collector import Collector, table_caption
from myocohort.papers.draft.document import Document, Paragraph, Table
from myocohort.papers.draft.flattened import PAGE, notes_under, read_flattened
from myocohort.papers.draft.hypertext import add_table, parse
from myocohort.papers.draft.pipes import begins_pipes, begins_tabs, read_pipes, read_tabs
from myocohort.papers.draft.prose import (
    figure_legend,
    heading_lines,
    join_lines,
    section_heading,
    words_of,
)
from myocohort.papers.draft.tree import inline

__all__ = ["plain", "read_lines"]

_ATX = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*")
_UNDERLINE = re.compile(r" {0,3}(=+|-{3,})\s*")
_ITEM = re.compile(r"(?:[-•+]|[0-9]{1,3}[.)])\s+(?=\S)")
_IMAGE = re.compile(r"!\[[^\]]{0,500}\]\([^)]{0,2000}\)")
_LINK = re.compile(
    r"(?<!!)\[([^\[\]]{0,500})\]\((?:[^()\s]|\([^()]{0,200}\)){0,2000}(?:\s+\"[^\"]*\")?\)"
)
_ADDRESS = re.compile(r"<((?:https?://|mailto:)[^>\s]{1,2000})>")
_STRONG = re.compile(
    r"(?<!\*)\*\*(?=[^\s*])(.{0,300}?[^\s*]\*{0,3}?)\*\*(?!\*)|(?<!\w)__(?=\S)(.{1,300}?)(?<=\S)__(?!\w)"
)
_EMPHASIS = re.compile(
    r"(?<![\w*\\)])\*(?=[^\s*])([^*\n]{0,300}?[^\s*])\*(?![\w*])"
    r"|(?<!\w)_(?=\S)([^_]{0,300}?\S)_(?!\w)"
)
_CODE = re.compile(r"`([^`]{1,300})`")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~$])")
_TAGS = re.compile(
    r"</?(?:sup|sub|b|i|em|strong|u|br|span|p|a|font|small|tt|code|s|del|ins)\b[^<>]{0,300}>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#[0-9]+|#x[0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]+);")
_PAGE_NUMBER = re.compile(r"(?:Page\s)?[0-9]{1,4}(?:\s(?:of|/)\s[0-9]{1,4})?", re.IGNORECASE)
_PAGE_OF = re.compile(r"Page [0-9]+ of [0-9]+")
_JOURNAL = re.compile(r"et al\..{0,80}(?:19|20)[0-9]{2}")
_SENTENCE_END = re.compile(r"[.!?:][)\]”\"’']*$")


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Take Markdown's and HTML's marks and formulas out of a piece of text."""
    text = without_formulas(text)
    if _TAGS.search(text) or _ENTITY.search(text):
        text = inline(parse(text))
    text = _IMAGE.sub("", text)
    text = _LINK.sub(r"\1", text)
    text = _ADDRESS.sub(r"\1", text)
    for pattern in (_STRONG, _EMPHASIS):
        text = pattern.sub(lambda match: match[1] or match[2], text)
    return _ESCAPED.sub(r"\1", _CODE.sub(r"\1", text))


def read_lines(text: str) -> Document:
    """Read a paper from its lines.

    Parameters
    ----------
    text
        Plain text or Markdown. Tables may be Markdown's, HTML's, divided by tabs, or run
        together row by row under a line such as "Table 1 Clinical findings".
    """
    text = clean(text)
    raw = _lines_of(text)
    lines = [line if line == PAGE else line.strip(" ") for line in raw]
    return _Scanner(lines, raw, words_of(text)).read()


def _lines_of(text: str) -> list[str]:
    """Return the lines with their indents, without running heads.

    "" is an empty line, and `PAGE` begins a page.
    """
    raw = text.replace("\f", "\n\f\n").split("\n")
    full = [line for line in raw if line.strip()]
    indented = sum(line[0] == " " for line in full)
    lines: list[str] = []
    for line in raw:
        if line == "\f":
            lines.append(PAGE)
            continue
        stripped = line.strip(" ")
        if 0 < indented < 0.1 * len(full) and re.match(r" [^\t|]+$", line) and lines:
            # Converters put a form feed, or only a space, before the first line of a page.
            lines.append(PAGE)
        lines.append(line.rstrip(" ") if stripped.strip() else "")
    return _without_running_heads(lines)


def _without_running_heads(lines: list[str]) -> list[str]:
    """Take out page numbers and the lines that are repeated at the edges of pages."""
    pages = [index for index, line in enumerate(lines) if line == PAGE]
    edges: set[int] = set()
    for page in pages:
        for step in (-1, 1):
            place, found = page + step, 0
            while 0 <= place < len(lines) and found < 2 and lines[place] != PAGE:
                if lines[place]:
                    edges.add(place)
                    found += 1
                place += step
    masked = Counter(_without_page(lines[index]) for index in edges)

    def heads(index: int) -> bool:
        line = lines[index].strip()
        alone = not (index and lines[index - 1] not in ("", PAGE))
        if _PAGE_OF.fullmatch(line):
            return True
        beside = [text.strip() for text in lines[max(0, index - 2) : index + 3]]
        if _JOURNAL.search(line) and any(map(_PAGE_OF.fullmatch, beside)):
            return True
        if index not in edges:
            return False
        if _PAGE_NUMBER.fullmatch(line) and alone:
            return True
        return len(line) > 5 and masked[_without_page(line)] >= 3 and "\t" not in line

    return [line for index, line in enumerate(lines) if line in ("", PAGE) or not heads(index)]


def _without_page(line: str) -> str:
    """Return a line without the page number at its beginning or end."""
    return re.sub(r"^[0-9]+\s|\s(?:Page )?[0-9]+(?: of [0-9]+)?$", "", line.strip())


class _Scanner:
    """Goes through the lines once, block by block."""

    def __init__(self, lines: Sequence[str], raw: Sequence[str], words: frozenset[str]) -> None:
        self.lines = lines
        self.raw = raw
        self.words = words
        self.out = Collector(words)
        self.at = 0
        self.has_sections = any(section_heading(self._heading_text(line)) for line in lines)

    def read(self) -> Document:
        while self.at < len(self.lines):
            if self.lines[self.at] in ("", PAGE):
                self.at += 1
            elif not (self._table() or self._caption() or self._marked_heading()):
                self._block()
        if not self.out.title:
            self._find_title()
        return self.out.document()

    def _heading_text(self, line: str) -> str:
        """Return a line as a heading's text, or "" where it cannot be one."""
        atx = _ATX.fullmatch(line)
        text = plain(atx[2] if atx else line).strip() if len(line) < 160 else ""
        return text if text[:1].isupper() or text[:1].isdigit() else ""

    def _begins_table(self, index: int) -> bool:
        return (
            re.match(r"\s*(?:<html>\s*<body>\s*)?<table\b", self.lines[index], re.I) is not None
            or begins_pipes(self.lines, index)
            or begins_tabs(self.lines, index)
        )

    def _stops(self, line: str) -> bool:
        """Return whether a line begins something that is no table row or running text."""
        if _ATX.fullmatch(line) or "\t" in line or line.lstrip().lower().startswith("<table"):
            return True
        text = self._heading_text(line) or plain(line)
        return bool(
            table_caption(text) or figure_legend(text) or section_heading(self._heading_text(line))
        )

    def _table(self) -> bool:
        """Read a table whose cells are marked, with the notes under it."""
        index, lines, label = self.at, self.lines, self.out.place()
        if not self._begins_table(index):
            return False
        if begins_pipes(lines, index):
            grid, head, self.at, unread = read_pipes(lines, index, label, plain)
        elif begins_tabs(lines, index):
            grid, head, self.at, unread = read_tabs(lines, index, label, plain)
        else:
            self._html_tables()
            self._notes()
            return True
        self.out.unread += unread
        self.out.table(grid, head)
        self._notes()
        return True

    def _html_tables(self) -> None:
        """Read the HTML tables from this line to the one where the last is closed."""
        start, depth = self.at, 0
        while self.at < len(self.lines):
            line = self.lines[self.at].lower()
            depth += line.count("<table") - line.count("</table")
            self.at += 1
            if depth <= 0:
                break
        tree = parse("\n".join(self.lines[start : self.at]).replace(PAGE, ""))
        for table in tree.iter("table"):
            add_table(table, self.out)

    def _notes(self) -> None:
        last = self.out.blocks[-1] if self.out.blocks else None
        if not isinstance(last, Table):
            return
        plain_lines = [
            line if line in ("", PAGE) else plain(line)
            for line in self.lines[self.at : self.at + 60]
        ]
        notes, end = notes_under(plain_lines, 0, self._stops)
        if notes:
            self.out.blocks[-1] = Table(
                last.label, last.caption, last.head, last.rows, (*last.notes, *notes)
            )
            self.at += end

    def _caption(self) -> bool:
        """Read a table's heading and, where its cells are not marked, the lines of its rows."""
        line = self.lines[self.at]
        atx = _ATX.fullmatch(line)
        found = table_caption(plain(atx[2] if atx else line))
        if found is None:
            return False
        self.out.settle()
        label, caption = found
        index = self.at + 1
        if not caption:
            ahead = self._next(index)
            if ahead is not None and ahead - index <= 1 and self._is_caption(ahead):
                caption = plain(self.lines[ahead])
                index = ahead + 1
        while index < len(self.lines) and self.lines[index] not in ("", PAGE):
            text = self.lines[index]
            if self._begins_table(index) or self._stops(text) or not re.match("[a-z(]", text):
                break
            caption = join_lines([caption, plain(text)], self.words)
            index += 1
        self.out.pending = (label, caption)
        ahead = self._next(index)
        self.at = index
        if ahead is None or self._begins_table(ahead):
            return True
        last = self.out.blocks[-1] if self.out.blocks else None
        if isinstance(last, Table) and not last.label:
            self.out.settle()
            return True
        window = [
            text if text in ("", PAGE) else plain(text) for text in self.lines[index : index + 1500]
        ]
        read = read_flattened(
            label, caption, window, 0, self._stops, self.raw[index : index + 1500]
        )
        if read.table is None:
            if read.unread:
                self.out.pending = None
                self.out.unread += read.unread
                self.at = index + read.end
            self.out.settle()
            return True
        self.out.pending = None
        self.out.blocks.append(read.table)
        self.out.unread += read.unread
        self.at = index + read.end
        return True

    def _is_caption(self, index: int) -> bool:
        """Return whether a line can be the heading of a table that stands under its label."""
        line = self.lines[index]
        return not self._begins_table(index) and not self._stops(line) and len(line) <= 300

    def _next(self, index: int) -> int | None:
        """Return the place of the next line that is not empty."""
        places = range(index, len(self.lines))
        return next((place for place in places if self.lines[place] not in ("", PAGE)), None)

    def _marked_heading(self) -> bool:
        """Read a heading that Markdown marks, or the name of a main section on its own line."""
        line = self.lines[self.at]
        atx = _ATX.fullmatch(line)
        under = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else ""
        if atx:
            self.out.heading(plain(atx[2]), len(atx[1]))
            self.at += 1
        elif _UNDERLINE.fullmatch(under) and len(line) <= 200 and "|" not in line:
            self.out.heading(plain(line), 1 if under.strip()[0] == "=" else 2)
            self.at += 2
        elif section_heading(self._heading_text(line)):
            self.out.heading(self._heading_text(line))
            self.at += 1
        else:
            return False
        return True

    def _block(self) -> None:
        """Read the lines up to the next empty one as heading, legend and paragraphs."""
        start = self.at
        before = ""
        while self.at < len(self.lines) and self.lines[self.at] not in ("", PAGE):
            line = self.lines[self.at]
            begins = self.at > start and (
                self._begins_table(self.at)
                or _ATX.fullmatch(line)
                or (_SENTENCE_END.search(before) and self._stops(line))
            )
            if begins:
                break
            before = plain(line)
            self.at += 1
        lines = self.lines[start : self.at]
        # Emphasis may run over a line end; hyphens must be judged line by line.
        text = [part.strip() for part in plain("\n".join(lines)).split("\n") if part.strip()]
        if not text:
            return
        legend = figure_legend(text[0])
        if legend:
            self.out.paragraph(join_lines(text, self.words), legend)
            return
        count = heading_lines(text) if self.out.in_section and not self._goes_on() else 0
        if count:
            self.out.heading(join_lines(text[:count], self.words))
        for paragraph in _paragraphs(text[count:]):
            item = _ITEM.match(paragraph[0])
            paragraph[0] = paragraph[0][item.end() :] if item else paragraph[0]
            self.out.paragraph(join_lines(paragraph, self.words), joins=not item)

    def _goes_on(self) -> bool:
        """Return whether the paragraph before was cut within a word or a list."""
        for block in reversed(self.out.blocks):
            if isinstance(block, Paragraph) and block.section == self.out.section:
                return block.text.endswith(("-", ",", "–"))
        return False

    def _find_title(self) -> None:
        """Take the first line of some length before the first section as the title."""
        if not self.has_sections:
            return
        for index, block in enumerate(self.out.blocks):
            if isinstance(block, Table) or block.section:
                return
            words = block.text.split()
            if 5 <= len(words) <= 40 and not re.search(r"@|https?:|©|et al|[.,;:]$", block.text):
                self.out.title = block.text
                del self.out.blocks[index]
                return


def _paragraphs(lines: Sequence[str]) -> list[list[str]]:
    """Divide lines without empty ones between: at list items, and after a short last line."""
    if not lines:
        return []
    usual = sorted(map(len, lines))[len(lines) // 2]
    found: list[list[str]] = [[]]
    in_list = False
    for line in lines:
        item = _ITEM.match(line)
        current = found[-1]
        ended = bool(current) and bool(_SENTENCE_END.search(current[-1]))
        short = bool(current) and len(current[-1]) < 0.85 * usual and len(lines) > 2
        listed = bool(current) and bool(item) and in_list
        if current and (listed or (item and ended) or (ended and short and line[:1].isupper())):
            found.append([])
        in_list = bool(item) and (not found[-1] or in_list)
        found[-1].append(line)
    return found
