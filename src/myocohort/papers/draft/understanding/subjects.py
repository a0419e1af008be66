"""What a statistic of running text is about, in the words around it."""

from __future__ import annotations

import re

from myocohort.papers.draft.understanding.mentions import Mention
from myocohort.papers.draft.understanding.sentences import Statistic
from myocohort.papers.draft.understanding.tokens import normalised
from myocohort.papers.draft.understanding.words import naming_words


def subjects_of(
    sentence: str, statistics: tuple[Statistic, ...], mentions: tuple[Mention, ...]
) -> tuple[str, ...]:
    """Return the words that name what each statistic is about, as well as can be told.

    Those before it in its clause; where there are none, those of the statistic of its sort
    before it (a mean of a second group goes by the name of the first), or those behind it.
    """
    plain = normalised(sentence)
    signs = list(plain)
    for mention in mentions:
        signs[mention.start : mention.end] = " " * (mention.end - mention.start)
    for statistic in statistics:
        signs[statistic.start : statistic.end] = "|" * (statistic.end - statistic.start)
    text = "".join(signs)
    last: dict[str, str] = {}
    found = []
    for statistic in statistics:
        subject = _subject(statistic, plain, text, last.get(statistic.sort, ""))
        last[statistic.sort] = subject
        found.append(subject)
    return tuple(found)


def _subject(statistic: Statistic, plain: str, text: str, last: str) -> str:
    """Name one statistic; `text` is the sentence with groups and statistics blotted out."""
    inside = plain[statistic.start : statistic.end]
    if statistic.sort == "ratio":
        said = re.search(r"\b(?:for|of)\s+([^.;,()0-9]+?)\s+(?:was|is|of|=)", inside)
        if said is not None and naming_words(said[1]):
            return " ".join(naming_words(said[1])[:5])
    after = naming_words(re.split(r"[|;,.]", text[statistic.end :], maxsplit=1)[0])[:5]
    if statistic.sort == "count" and _begins_clause(plain, statistic) and after:
        return " ".join(after)
    clause = re.split(r"[|;]", text[: statistic.start])[-1]
    parts = [naming_words(part) for part in clause.split(",")]
    words = parts[-1] if len(parts[-1]) > 1 else [word for part in parts for word in part]
    if words or last:
        return " ".join(words[-5:]) or last
    return " ".join(after or (naming_words(inside)[:5] if statistic.sort == "count" else []))


def _begins_clause(plain: str, statistic: Statistic) -> bool:
    """Return whether a count opens its clause: "and 13 patients (32.5%) had ..."."""
    people = re.search(
        r"patients|cases|subjects|participants", plain[statistic.start : statistic.end]
    )
    opens = re.search(r"(?:^|[,;]|\b(?:and|while|whereas|but|then))\s*$", plain[: statistic.start])
    return bool(people and opens)
