"""Names of people are kept out of everything that is said or stored."""

from __future__ import annotations

import re
from collections.abc import Iterable


class People:
    """Words that name the patients of a folder, collected to be struck out of file names.

    Files and folders are often called after the patient. What the headers tell of a person
    (name, number, date of birth) is remembered here while a folder is read, and never leaves.
    """

    def __init__(self) -> None:
        self._words: set[str] = set()

    def learn(self, texts: Iterable[str]) -> None:
        """Remember the words of names, numbers and dates (YYYYMMDD) of people."""
        for text in texts:
            whole = text.strip()
            parts = [whole, *re.split(r"[\^=,;\s\\_]+", whole)]
            parts += re.findall(r"\d{5,}", whole)  # a number is told from the letters before it
            if re.fullmatch(r"\d{8}", whole):
                year, month, day = whole[:4], whole[4:6], whole[6:]
                parts += [f"{year}-{month}-{day}", f"{day}.{month}.{year}", f"{day}{month}{year}"]
                parts += [f"{month}-{day}-{year}", f"{day}-{month}-{year}"]
            self._words.update(part.lower() for part in parts if len(part) > 1)

    def strike(self, text: str) -> str:
        """Return the text without these words; short ones are struck where they stand alone."""
        for word in sorted(self._words, key=len, reverse=True):
            pattern = re.escape(word)
            if len(word) < 4:
                pattern = rf"(?<![a-z0-9]){pattern}(?![a-z0-9])"
            text = re.sub(pattern, "***", text, flags=re.IGNORECASE)
        return text
