"""The head of a table: what each column holds, and for which group."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from myocohort.papers.draft.understanding.cells import LONGEST_CELL, Piece, read_cell, read_p
from myocohort.papers.draft.understanding.labels import Hint, read_label
from myocohort.papers.draft.understanding.tokens import as_number, normalised
from myocohort.papers.entries import Measure

Role = Literal[
    "label",
    "group",
    "p",
    "estimate",
    "estimate_interval",
    "interval",
    "low",
    "high",
    "standard_error",
    "statistic",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class HeadGroup:
    """A group named in the head, with its size and the head row that prints it."""

    label: str
    size: Piece | None = None
    row: int = 0


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of a table holds.

    Parameters
    ----------
    index
        From the left, from 0.
    head
        Its head cells, top to bottom, each once.
    role
        What kind of column.
    group
        The group of the column's values.
    hint
        What the head says about the cells.
    measure
        Which ratio or coefficient an estimate column prints.
    model
        The heading that several columns of one model share ("Multivariate"), or "".
    """

    index: int
    head: str
    role: Role
    group: HeadGroup | None = None
    hint: Hint = ""
    measure: Measure | None = None
    model: str = ""


_FOOTMARK = re.compile(r"(?:[*†‡§¶#∗ᵃᵇᶜᵈᵉ¹³⁴]+|(?<![χΧX])²|\^[a-z0-9])+$|(?<=value)s?\s?[0-9a-d]$")
_P = re.compile(
    r"(?:(?:un)?adjusted\s+|corrected\s+|overall\s+)?p(?:\s*[-–]?\s*val(?:ue)?s?|\b)(?P<rest>.*)"
    r"|(?:sig\.?|significance)(?:\s*\(.*\))?",
    re.IGNORECASE,
)
_MEASURES: tuple[tuple[re.Pattern[str], Measure], ...] = (
    (re.compile(r"odds[- ]?ratio", re.IGNORECASE), "odds_ratio"),
    (re.compile(r"\b[acu]?ORs?\b|Exp\s*\(\s*[Bbβ]\s*\)"), "odds_ratio"),
    (re.compile(r"hazards?[- ]?ratio", re.IGNORECASE), "hazard_ratio"),
    (re.compile(r"\b[acu]?HRs?\b"), "hazard_ratio"),
    (re.compile(r"(?:risk|rate|prevalence)[- ]?ratio|relative risk", re.IGNORECASE), "risk_ratio"),
    (re.compile(r"\b(?:a|I)?(?:RR|PR)s?\b"), "risk_ratio"),
    (re.compile(r"regression coefficient|^coef|^estimates?\b", re.IGNORECASE), "coefficient"),
    (re.compile(r"^(?:B|b|β|[Bb]eta)(?:\s*[(\[].*|\s+coef.*)?$|^\w* ?β"), "coefficient"),
)  # fmt: skip
_CI = re.compile(r"\b(?:CIs?|confidence intervals?|CrI)\b|9[059]\s*%\s*CI", re.IGNORECASE)
_SE = re.compile(r"(?:SE|S\.E\.?|std\.? ?err(?:or)?\.?|standard errors?)\b", re.IGNORECASE)
_STATISTIC = re.compile(
    r"(?:[χΧX]\s?[2²]|chi[- ]?squared?|test statistics?|statistics?|statistical value|wald\b.*|"
    r"[tzuf](?:\s*/\s*[χΧXtzuf]\s?[2²]?)?|df|d\.f\.|degrees of freedom)"
    r"(?:[\s-]*(?:values?|statistics?|scores?))?",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:differences?|effect size|smd|standardi[sz]ed mean|cohen|auc|sensitivity|specificity|"
    r"vif|cut-?off|(?:reference|normal) (?:ranges?|values?|limits?)|units?|comments?|year|authors?|"
    r"country|study|studies)\b",
    re.IGNORECASE,
)
_PEOPLE = (
    r"(?:patients?|cases?|subjects?|participants?|persons?|people|individuals?|children|"
    r"controls?|samples?|pairs|eyes|women|men|observations?)"
)
_SIZE = r"(?P<n>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)"
_N_EQUALS = re.compile(
    rf"[\s,;:]*[(\[]?\s*(?:\bn\s*(?:=|:)\s*){_SIZE}\s*{_PEOPLE}?"
    r"\s*(?P<tail>[,;][^)\]]*(?=[)\]]))?[)\]]?",
    re.IGNORECASE,
)
_N_IN_BRACKETS = re.compile(rf"\s*[(\[]\s*{_SIZE}\s*{_PEOPLE}?\s*[)\]]", re.IGNORECASE)
_N_BEHIND = re.compile(rf"(?<![0-9])[,;:]\s*{_SIZE}\s*{_PEOPLE}?\s*$", re.IGNORECASE)
WHOLE_SAMPLE = re.compile(
    rf"(?:overall|totals?|all|whole|entire|values?|results?|data)(?:\s+(?:{_PEOPLE}|cohort|sample|population|group))*"
    rf"|study (?:{_PEOPLE}|cohort|sample|population)",
    re.IGNORECASE,
)
Stack = list[tuple[int, str]]  # head row and text of each head cell of a column, top to bottom


def columns_of(head: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]) -> tuple[Column, ...]:
    """Say what each column holds.

    Parameters
    ----------
    head, rows
        The grid of a table, all rows equally wide.
    """
    width = len(rows[0]) if rows else (len(head[0]) if head else 0)
    head = [[cell if len(cell) <= LONGEST_CELL else "" for cell in row] for row in head]
    filled = [_spread(cells, line, head, rows) for line, cells in enumerate(head)]
    stacks = [
        _stack([(line, filled[line][index]) for line in range(len(head))]) for index in range(width)
    ]
    labels = _label_columns(stacks, rows, width)
    columns = []
    for index, stack in enumerate(stacks):
        if index < labels:
            columns.append(Column(index, " ".join(text for _, text in stack), "label"))
        else:
            columns.append(_classified(index, stack, [row[index] for row in rows]))
    if any(column.head == "A" for column in columns):  # then B is a group, no coefficient
        columns = [
            replace(c, role="group", group=HeadGroup("B"), measure=None) if c.head == "B" else c
            for c in columns
        ]
    return tuple(_with_lone_groups(columns))


def _spread(
    cells: Sequence[str], line: int, head: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]
) -> list[str]:
    """Write the head of a merged cell over every column that it covers.

    An empty cell belongs to the head on its left when a head stands below it, or when nothing
    stands below and the column has numbers, unless the cell on the left is one of p values.
    """
    filled = [re.sub(r"\s+", " ", cell).strip() for cell in cells]
    for index in range(2, len(filled)):
        left = filled[index - 1]
        above = any(row[index].strip() for row in head[:line])
        if filled[index] or not left or above or _is_p(left):
            continue
        below = any(row[index].strip() for row in head[line + 1 :])
        numbers = any(re.search(r"[0-9]", row[index]) for row in rows)
        lone = line == len(head) - 1 and numbers and _role(left)[0] == "unknown"
        if below or lone:
            filled[index] = left
    return filled


def _stack(cells: Stack) -> Stack:
    kept: Stack = []
    for line, text in cells:
        if text and text not in [other for _, other in kept]:
            kept.append((line, text))
    return kept


def _is_p(text: str) -> bool:
    match = _P.fullmatch(_FOOTMARK.sub("", normalised(text).strip()).strip())
    if match is None:
        return False
    rest = (match["rest"] or "").strip()
    said = r"[([0-9]|[-–]?\s*(?:for|between|vs|overall|total|global|all|trend|interaction|linear)\b"
    return not rest or bool(re.match(said, rest, re.IGNORECASE))


def _label_columns(stacks: list[Stack], rows: Sequence[Sequence[str]], width: int) -> int:
    """Return how many columns from the left name the rows: those that hold words, not numbers."""
    labels = 1
    while labels < width - 1:
        head = " ".join(text for _, text in stacks[labels])
        cells = [row[labels] for row in rows if row[labels].strip()]
        sized = any(
            group.size is not None
            for line, text in stacks[labels]
            if (group := _group(text, line)) is not None
        )
        if sized or not cells or _role(head)[0] != "unknown":
            break
        words = sum(_names_something(cell) for cell in cells)
        if 2 * words <= len(cells):
            break
        labels += 1
    return labels


def _names_something(cell: str) -> bool:
    if re.fullmatch(r"\s*[0-9]+\s*[A-Za-z]{3,}\s*", cell):  # a time, "3 months"
        return True
    words = bool(re.search(r"[A-Za-z]{2}", cell))
    return words and read_cell(cell).shape in ("words", "other")


def _role(text: str) -> tuple[Role, Measure | None]:
    plain = _FOOTMARK.sub("", normalised(text).strip()).strip()
    if _N_EQUALS.search(plain) or _N_IN_BRACKETS.search(plain):
        return "unknown", None
    if _is_p(plain):
        return "p", None
    if _SE.match(plain):
        return "standard_error", None
    for pattern, measure in _MEASURES:
        if pattern.search(plain):
            return ("estimate_interval" if _CI.search(plain) else "estimate"), measure
    if _CI.search(plain):
        return "interval", None
    if re.fullmatch(r"lower(?: limit| bound)?|LCL|LL", plain, re.IGNORECASE):
        return "low", None
    if re.fullmatch(r"upper(?: limit| bound)?|UCL|UL", plain, re.IGNORECASE):
        return "high", None
    if _STATISTIC.fullmatch(plain):
        return "statistic", None
    return "unknown", None


def _group(text: str, line: int) -> HeadGroup | None:
    """Read the name and size of a group in a head cell; None where it can name none."""
    plain = _FOOTMARK.sub("", normalised(text).rstrip())
    size: Piece | None = None
    found = _N_EQUALS.search(plain) or _N_IN_BRACKETS.search(plain) or _N_BEHIND.search(plain)
    label = plain
    if found is not None:
        size = Piece(as_number(found["n"]), *found.span("n"))
        label = f"{plain[: found.start()].rstrip(' ,;:')} {plain[found.end() :].lstrip(' ,;:')}"
    said = read_label(label.strip())
    label = said.text or (label.strip() if size is not None and said.hint == "n" else "")
    label = re.sub(r"\(\s*\)|\[\s*\]", "", label).strip(" ,;:–*")
    if not label and size is None:
        return None
    return HeadGroup(label, size, line)


def _classified(index: int, stack: Stack, cells: Sequence[str]) -> Column:
    head = " ".join(text for _, text in stack)
    lowest = stack[-1][1] if stack else ""
    above = " ".join(text for _, text in stack[:-1])
    role, measure = _role(lowest)
    if role == "unknown" and above and not read_label(lowest).hint:
        upper, upper_measure = _role(above)
        if upper in ("p", "estimate", "estimate_interval"):
            role, measure = upper, upper_measure
    if role == "unknown" and _VERSUS.search(lowest) and _only_p_values(cells):
        role = "p"
    if role == "unknown" and _OTHER.search(lowest):
        return Column(index, head, "unknown")
    if role != "unknown":
        shared = above if above and _role(above)[0] == "unknown" else ""
        return Column(index, head, role, measure=measure, model=shared)
    hint: Hint = ""
    group: HeadGroup | None = None
    for line, text in stack:
        said = read_label(text)
        hint = said.hint or hint
        named = _group(text, line)
        if named is None or (said.hint and not said.text and named.size is None):
            continue
        if group is None:
            group = named
            continue
        label = ", ".join(part for part in (group.label, named.label) if part)
        own = named if named.size is not None else group
        group = HeadGroup(label, own.size, own.row)
    numeric = any(re.search(r"[0-9]", cell) for cell in cells)
    if group is None and not (hint and numeric):
        return Column(index, head, "unknown")
    return Column(index, head, "group", group=group, hint=hint)


_VERSUS = re.compile(r"\w\W+(?:vs\b\.?|versus\b)\W*\w", re.IGNORECASE)


def _only_p_values(cells: Sequence[str]) -> bool:
    """Return whether every cell with a number could be a p value: "A vs. B" says no more."""
    numbers = [cell for cell in cells if re.search(r"[0-9]", cell)]
    found = [read_p(cell)[0] for cell in numbers]
    return bool(found) and all(
        piece is not None and re.fullmatch(r"[<>]?(?:0?\.[0-9]+|1(?:\.0+)?|0)", piece.text)
        for piece in found
    )


def _with_lone_groups(columns: list[Column]) -> list[Column]:
    """Give columns that only say "n" or "%" to the group on their left, or to nobody.

    In a table with named groups a lone "N" column counts something else (patients with a
    value, say); in a table without any, such columns are those of the whole sample.
    """
    if not any(column.role == "group" and column.group is not None for column in columns):
        whole = HeadGroup("")
        return [replace(c, group=whole) if c.role == "group" else c for c in columns]
    result: list[Column] = []
    for column in columns:
        if column.role == "group" and column.group is None:
            left = result[-1] if result else None
            if left is not None and left.role == "group" and left.hint not in ("", column.hint):
                column = replace(column, group=left.group)
            else:
                column = replace(column, role="unknown")
        result.append(column)
    return result
