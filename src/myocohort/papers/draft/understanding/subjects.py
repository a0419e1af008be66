"""What a statistic of running text is about, in the words around it."""

from __future__ import annotations

import re

from myocohort.papers.draft.understanding.mentions import Mention
from myocohort.papers.draft.understanding.sentences import Statistic
from myocohort.papers.draft.understanding.tokens import normalised
from myocohort.papers.draft.understanding.words import naming_words


def subject_of(
    sentence: str,
    statistics: tuple[Statistic, ...],
    index: int,
    mentions: tuple[Mention, ...],
) -> str:
    """Return the words that name what a statistic is about, as well as can be told.

    Those before it in its clause; where there are none, those behind it. A mean of a second
    group goes by the name of the first.
    """
    plain = normalised(sentence)
    signs = list(plain)
    for mention in mentions:
        for place in range(mention.start, mention.end):
            signs[place] = " "
    for other in statistics:
        for place in range(other.start, other.end):
            signs[place] = "|"
    text = "".join(signs)
    statistic = statistics[index]
    if statistic.sort == "ratio":
        said = re.search(
            r"\b(?:for|of)\s+([^.;,()0-9]+?)\s+(?:was|is|of|=)",
            plain[statistic.start : statistic.end],
        )
        if said is not None and naming_words(said[1]):
            return " ".join(naming_words(said[1])[:5])
    before = text[: statistic.start]
    after = naming_words(re.split(r"[|;,.]", text[statistic.end :])[0])[:5]
    if statistic.sort == "count" and _begins_clause(plain, statistic) and after:
        return " ".join(after)
    clauses = [naming_words(clause) for clause in re.split(r"[,]", re.split(r"[|;]", before)[-1])]
    words = clauses[-1] if len(clauses[-1]) > 1 else [word for clause in clauses for word in clause]
    if words:
        return " ".join(words[-5:])
    same = [s for s in statistics[:index] if s.sort == statistic.sort]
    if same:
        return subject_of(sentence, statistics, statistics.index(same[-1]), mentions)
    inside = (
        naming_words(plain[statistic.start : statistic.end]) if statistic.sort == "count" else []
    )
    return " ".join(after or inside[:5])


def _begins_clause(plain: str, statistic: Statistic) -> bool:
    """Return whether a count opens its clause: "and 13 patients (32.5%) had ..."."""
    people = re.search(
        r"patients|cases|subjects|participants", plain[statistic.start : statistic.end]
    )
    opens = re.search(r"(?:^|[,;]|\b(?:and|while|whereas|but|then))\s*$", plain[: statistic.start])
    return bool(people and opens)
