"""What every reader of a paper's text gives, whatever the format: paragraphs and tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text, its lines joined and hyphens at line ends taken out.

    Parameters
    ----------
    section
        The heading it stands under ("Abstract", "Results, Imaging"); empty where there is none.
    text
        Plain text: no markup, no formula signs, Unicode as printed (±, –, ≤).
    """

    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table as a full grid: a merged cell is repeated in every place that it covers.

    Parameters
    ----------
    label
        "Table 1".
    caption
        The heading over it, without the label.
    head, rows
        Cells from left to right as plain text, every row equally wide. A row that only names
        a section has its text in the first cell and the rest empty, also where that cell was
        merged over the columns of values. A label that holds for the rows below it ("Edema"
        before "3 months", "6 months") is repeated in each. Head rows come first and are as
        wide as the others. Raised digits and letters have a "^" before them ("0.022^a",
        "10^3"); raised signs have none ("0.022*").
    notes
        Lines under the table.
    """

    label: str
    caption: str
    head: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A piece of the file that could not be put into a table or paragraph, with the reason."""

    place: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Document:
    """A paper's text in the order of the file.

    Parameters
    ----------
    title, doi
        Empty where the file does not say.
    blocks
        Paragraphs and tables.
    unread
        What a person must look at: ragged rows, cells that could not be placed.
    """

    title: str
    doi: str
    blocks: tuple[Paragraph | Table, ...]
    unread: tuple[Unread, ...] = ()
