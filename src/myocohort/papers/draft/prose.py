"""Lines of running text: words cut at line ends, paragraphs cut by tables, headings, notes."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

__all__ = [
    "continues",
    "figure_legend",
    "heading_lines",
    "is_note",
    "join_lines",
    "section_heading",
    "words_of",
]

_SECTIONS = re.compile(
    r"(?:[0-9]+(?:\.[0-9]+)*\.?\s+|[IVX]+\.\s+)?(?P<name>"
    r"abstract|summary|keywords?|key\s?words|background|introduction|objectives?|aims?"
    r"|(?:materials?|patients?|subjects|participants)?(?:\s?(?:and|&)\s?)?methods?"
    r"|methods and materials|study design and methods|experimental section"
    r"|results?|results and discussion|findings|discussion|conclusions?|limitations"
    r"|references|bibliography|literature cited|acknowledge?ments?|funding|abbreviations"
    r"|supplement(?:ary|al) (?:information|materials?|data)|supporting information"
    r"|authors?[’'] contributions?|author contributions?|competing interests?"
    r"|conflicts? of interests?|declarations?|ethic(?:s|al) (?:approval|statement).*"
    r"|consent for publication|availability of data.*|data availability.*|publisher[’']s note"
    r")\s*[:.]?",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(?P<label>(?:Supplementary )?Fig(?:ure|\.)?\s?S?[0-9]+[A-Za-z]?)[.:]?\s+\S")
_MARKED = re.compile(
    r"(?:[*†‡§¶#]+\s?\S|\^[a-z0-9*]\s?\S|[a-f]\)?\s[A-Z][a-z]|\([a-f]\)\s"
    r"|(?:Notes?|Abbreviations?|Footnotes?|Legend|Key)\b\s?[:.]"
    r"|(?:Data|Values|Numbers|Results|Figures) (?:are|is|were) (?:given|shown|expressed|presented"
    r"|reported|n\b|means?|medians?|number|no\.))|P(?:[ -]?values?)? ?(?:<|were|was|is|by|from)",
    re.IGNORECASE,
)
_SHORT = r"(?=[A-Za-z0-9+/–-]*[A-Z][A-Za-z0-9+/–-]*[A-Z])[A-Za-z0-9+/–-]{2,12}"
_EXPLAINED = re.compile(
    rf"{_SHORT}(?:\s?[,:=]\s?[A-Za-z]|\s[A-Z][a-z]+(?:\s[a-z]|[,;.]|\s?$|\s[A-Z]))"
)
_CLOSED = re.compile(r"[.!?:;][)\]”\"’']*(?:\^?\[?[0-9,–-]*\]?)$")
_ASIDE = re.compile(
    r"[*†‡§¶©#]|Correspondence|\(c\)|Department|Division|Institut|Full list|Received|Accepted"
    r"|Published|doi\b|https?:|E-?mail",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_KEEP_HYPHEN = frozenset((
    "non", "anti", "self", "high", "low", "long", "short", "well", "ill", "half", "all",
    "cross", "semi", "time", "two", "three", "four", "five", "six", "single", "double", "age",
))  # fmt: skip


def words_of(text: str) -> frozenset[str]:
    """Return the words and hyphenated words of a text, to judge words that are cut by it.

    Words at line ends that are cut themselves are left out.
    """
    whole = re.sub(r"\w{1,60}-[^\S\n]*\n\s*\S{0,60}", " ", text)
    plain = {word.lower() for word in _WORD.findall(whole)}
    joined = {word.lower() for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)+", whole)}
    return frozenset(plain | joined)


def join_lines(lines: Sequence[str], words: Collection[str]) -> str:
    """Return lines as one, with the hyphens taken out that only the line ends put in.

    Parameters
    ----------
    lines
        Lines without spaces at their ends.
    words
        The words of the whole text, see `words_of`. "rec-" + "ognition" is one word;
        "myositis-" + "specific" keeps its hyphen, because both are words of the text.
    """
    text = ""
    for line in lines:
        if not line:
            continue
        if not text:
            text = line
        elif re.search(r"[^\W_]-$", text[-2:]):
            text = text + line if _keeps_hyphen(text, line, words) else text[:-1] + line
        elif text.endswith("–") and text[-2:-1].strip():
            text += line
        else:
            text = f"{text} {line}"
    return text


def _keeps_hyphen(text: str, line: str, words: Collection[str]) -> bool:
    left = re.search(r"(\w+)-$", text[-60:])
    right = re.match(r"[^\W\d_]+", line)
    if left is None or right is None or not line[0].islower():
        return True  # "MHC-" + "I", "CD19-" + "3"
    before, after = left[1].lower(), right[0].lower()
    if any(sign.isdigit() for sign in before) or before.upper() == left[1]:
        return True  # "CD19-" + "positive", "COX-" + "negative"
    if before + after in words:
        return False
    if f"{before}-{after}" in words or before in _KEEP_HYPHEN:
        return True
    return len(before) > 3 and len(after) > 3 and before in words and after in words


def continues(before: str, after: str) -> bool:
    """Return whether a paragraph that was cut by a table, figure or page goes on in `after`."""
    if not before or _CLOSED.search(before[-60:]) or _ASIDE.match(before):
        return False
    before = before[-60:]
    if before.endswith(("-", "–")):
        return True
    if after[:1].islower():
        return True
    open_end = before.endswith((",", "(", "=", "<", ">", "±")) or bool(
        re.search(r"\b(?:of|and|or|the|a|an|in|to|with|for|by|was|were|than|from)$", before)
    )
    return open_end and (after[:1].isalnum() or after[:1] == "(")


def section_heading(line: str) -> str:
    """Return the name of a main section where the line is its heading, otherwise ""."""
    match = _SECTIONS.fullmatch(line.strip())
    return match["name"].strip().capitalize() if match and line[:1] != "(" else ""


def heading_lines(lines: Sequence[str]) -> int:
    """Return how many of a block's first lines are a heading below that of the main section.

    A heading begins with a capital, ends without a stop, is short, and the text under it
    begins with a capital or digit; its last line is visibly shorter than the text's lines.
    """
    if not lines or not re.match(r"[A-Z0-9(]", lines[0]) or _ASIDE.match(lines[0]):
        return 0
    usual = sorted(map(len, lines))[len(lines) // 2]
    for count in (1, 2):
        if len(lines) < count:
            break
        text = " ".join(lines[:count])
        if len(text) > 130 or len(text.split()) > 16 or re.search(r"[.!?,;–-]$|[.!?] [A-Z]", text):
            continue
        if count == 2 and not re.match(r"[a-z(]|[A-Z]+[A-Z0-9-]+\b", lines[1]):
            break
        if re.search(r"@|https?:|[<>=±]|\b(?:was|were|had|has|have|is|are)\b", text):
            continue
        if len(lines) == count:
            return count if re.match(r"[A-Z]|[0-9]+(\.[0-9]+)* [A-Z]", text) else 0
        begins = re.match(r"[A-Z]", lines[count])
        if begins and len(lines[count - 1]) <= 0.85 * usual:
            return count
    return 0


def figure_legend(line: str) -> str:
    """Return "Fig. 1" where the line begins the legend of a figure, otherwise ""."""
    match = _FIGURE.match(line)
    if match is None:
        return ""
    after = line[match.end("label") :]
    return match["label"] if re.match(r"[.:]|\s+(?![a-z(])", after) else ""


def is_note(text: str) -> bool:
    """Return whether a line under a table explains its marks or abbreviations."""
    return bool(_MARKED.match(text) or _EXPLAINED.match(text))
