"""Footnotes of a table: each text stands once, under the letter of its first use."""

from __future__ import annotations

from collections.abc import Iterable


class Notes:
    """Collects the footnotes of one table while its cells are written."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def mark(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Return the letters for some notes, new ones where a text is new; empty texts drop."""
        return tuple(
            self._letters.setdefault(text, _letter(len(self._letters))) for text in texts if text
        )

    @property
    def listed(self) -> tuple[tuple[str, str], ...]:
        """Letter and text of every note, in the order of first use."""
        return tuple((letter, text) for text, letter in self._letters.items())


def _letter(index: int) -> str:
    """Count a, b, ..., z, aa, ab, ..."""
    letter = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letter = chr(ord("a") + rest) + letter
    return letter
