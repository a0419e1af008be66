"""Running text turned into entries: statistics with the words around them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from myocohort.papers.draft.document import Paragraph
from myocohort.papers.draft.understanding.claimed import Tests
from myocohort.papers.draft.understanding.collected import WHOLE, Collected, EntryKind, Line
from myocohort.papers.draft.understanding.labels import slug
from myocohort.papers.draft.understanding.mentions import Mention, groups_of, mentions_in
from myocohort.papers.draft.understanding.restated import Printed, printed_in_tables, restated
from myocohort.papers.draft.understanding.sentences import (
    Statistic,
    cites,
    numbers_left,
    sentences_of,
    statistics_in,
)
from myocohort.papers.draft.understanding.subjects import subjects_of
from myocohort.papers.draft.understanding.tokens import normalised
from myocohort.papers.draft.understanding.words import naming_words

_LEFT_OUT = re.compile(
    r"^(?:references?|bibliography|acknowledg|funding|author|competing|conflict|publisher|"
    r"availability|ethic|consent|abbreviation|correspond|supplementary|keywords?|orcid)",
    re.IGNORECASE,
)
_LONGEST_SENTENCE = 2000  # signs; what is longer is a list or a table that was not recognised
_NAMELESS = "What this is about was not found in the sentence."
_NOT_RESULTS = re.compile(r"method|background|introduction|^fig|statistic", re.IGNORECASE)


def left_out(section: str) -> bool:
    """Return whether a section is not read: references, funding and the like."""
    return bool(_LEFT_OUT.match(section))


def read_paragraphs(paragraphs: Sequence[Paragraph], collected: Collected, tests: Tests) -> None:
    """Add what the sentences say to the draft, and list those that were not understood.

    References, funding and the like are left out. Sentences that cite other papers by number
    print other people's numbers as often as not: they are listed, not read.

    Parameters
    ----------
    paragraphs
        In the order of the paper.
    collected
        The draft with all tables in it; it grows.
    tests
        What Methods say about tests.
    """
    printed = printed_in_tables(collected)
    for paragraph in paragraphs:
        if left_out(paragraph.section):
            continue
        place = paragraph.section or "Text"
        for sentence in sentences_of(paragraph.text):
            statistics: tuple[Statistic, ...] = ()
            if len(sentence) <= _LONGEST_SENTENCE and not cites(sentence):
                statistics = statistics_in(sentence)
            if _NOT_RESULTS.search(paragraph.section):
                statistics = tuple(s for s in statistics if s.sort not in ("p", "percent"))
            understood = _read_sentence(sentence, place, statistics, printed, collected, tests)
            if numbers_left(sentence, understood):
                collected.puzzled(place, sentence)


def _read_sentence(
    sentence: str,
    place: str,
    statistics: tuple[Statistic, ...],
    printed: tuple[Printed, ...],
    collected: Collected,
    tests: Tests,
) -> tuple[Statistic, ...]:
    """Add the entries of one sentence; return the statistics that became entries."""
    mentions = mentions_in(sentence, collected)
    subjects = subjects_of(sentence, statistics, mentions)
    groups = groups_of(normalised(sentence), statistics, mentions)
    understood = []
    for index, statistic in enumerate(statistics):
        segment = _segment(sentence, statistics, index)
        group = groups.get(index)
        label = str(collected.groups[group]["label"]) if group else ""
        same = restated(statistic, segment, label, printed)
        if same:
            for name, of in same.items():
                collected.add(
                    "same",
                    f"text.{of.replace('=', '.')}",
                    place,
                    printed=statistic.pieces[name].text,
                    of=of,
                )
            understood.append(statistic)
            continue
        if _add(statistic, sentence, place, subjects[index], group, mentions, collected, tests):
            understood.append(statistic)
    return tuple(understood)


def _segment(sentence: str, statistics: tuple[Statistic, ...], index: int) -> str:
    """Return the words that a statistic stands among: from the last p value to the next."""
    ends = [s.end for s in statistics[:index] if "p" in s.pieces]
    starts = [s.end for s in statistics[index:] if "p" in s.pieces]
    return sentence[max(ends, default=0) : min(starts, default=len(sentence))]


def _add(
    statistic: Statistic,
    sentence: str,
    place: str,
    subject: str,
    group: str | None,
    mentions: tuple[Mention, ...],
    collected: Collected,
    tests: Tests,
) -> bool:
    """Add an entry for a statistic; False where it cannot be one."""
    values = {name: piece.text for name, piece in statistic.pieces.items()}
    if statistic.sort == "correlation":
        return _add_correlation(values, sentence, place, collected)
    if statistic.sort == "p":
        return _add_p(values, place, subject, mentions, sentence, collected, tests)
    name = slug(subject) if subject else "unnamed"
    key = group or collected.whole_sample()
    where = [] if key == WHOLE else [key]
    if statistic.sort == "levels" and statistic.levels is not None:
        one, two = statistic.levels
        pair = collected.variable(
            "sex" if {one.lower(), two.lower()} == {"male", "female"} else slug(f"{one} {two}"),
            f"{one} to {two}",
            (one, two),
        )
        for level, number in ((one, values["n"]), (two, values["n2"])):
            collected.add(
                "count",
                ".".join(["text", pair, slug(level), *where]),
                place,
                variable=pair,
                level=level,
                group=key,
                n=number,
            )
        return True
    if statistic.sort == "ratio":
        return _add_model(statistic, values, place, name, subject, collected, tests)
    name = _unlike(name, statistic, key, collected)
    collected.variable(name, subject or "unnamed")
    entry = ".".join(["text", name, *where])
    common: Line = {"variable": name, "group": key}
    remark = None if subject else _NAMELESS
    if statistic.sort in ("count", "percent"):
        if "n" in values and not values["n"].isdigit():
            return False
        line: Line = {"variable": name, "level": "yes", "group": key}
        line.update({part: values[part] for part in ("n", "of", "percent") if part in values})
        collected.add("count", entry, place, **line, remark=remark)
    elif statistic.sort == "mean":
        collected.add(
            "mean", entry, place, **common, mean=values["mean"], sd=values["sd"], remark=remark
        )
    else:
        _add_median(statistic, values, sentence, entry, place, common, collected)
    return True


def _unlike(name: str, statistic: Statistic, group: str, collected: Collected) -> str:
    """Return a name under which this group has no such number yet."""
    kind: EntryKind = "median"
    if statistic.sort in ("count", "percent"):
        kind = "count"
    elif statistic.sort == "mean":
        kind = "mean"
    free, number = name, 1
    while collected.has(kind, free, group):
        number += 1
        free = f"{name}_{number}"
    return free


def _add_median(
    statistic: Statistic,
    values: Mapping[str, str],
    sentence: str,
    entry: str,
    place: str,
    common: Line,
    collected: Collected,
) -> None:
    ranged = statistic.word == "range"
    if not statistic.word and re.search(r"\brange\b", sentence) and "quartile" not in sentence:
        ranged = True
    mean = bool(re.search(r"\bmean\b|\baverage\b", sentence[: statistic.start])) and ranged
    if mean:
        collected.add("mean", entry, place, **common, mean=values["median"])
    elif ranged:
        collected.add("median", entry, place, **common, median=values["median"])
    else:
        said = statistic.word == "quartiles" or re.search(r"IQR|quartile", sentence)
        doubt = "Read as median and quartiles: the sentence does not say whether it is a range."
        collected.add(
            "median",
            entry,
            place,
            **common,
            median=values["median"],
            q1=values["low"],
            q3=values["high"],
            remark=None if said else doubt,
        )
    if ranged:
        collected.add(
            "range", f"{entry}.range", place, **common, low=values["low"], high=values["high"]
        )


def _add_correlation(
    values: Mapping[str, str], sentence: str, place: str, collected: Collected
) -> bool:
    found = re.search(
        r"\b(?:between|of)\s+(?P<x>[^,;()]{2,60}?)\s+(?:and|with)\s+(?P<y>[^,;()=]{2,60}?)\s*[(,;]",
        normalised(sentence),
    )
    if found is None:
        return False
    x, y = " ".join(naming_words(found["x"])[-5:]), " ".join(naming_words(found["y"])[:5])
    if not x or not y or slug(x) == slug(y):
        return False
    collected.variable(slug(x), x)
    collected.variable(slug(y), y)
    collected.add(
        "correlation",
        f"text.{slug(x)}_{slug(y)}",
        place,
        x=slug(x),
        y=slug(y),
        group=collected.whole_sample(),
        r=values["r"],
        p=values.get("p"),
        claimed="spearman" if re.search("spearman", sentence, re.IGNORECASE) else None,
    )
    return True


def _add_p(
    values: Mapping[str, str],
    place: str,
    subject: str,
    mentions: tuple[Mention, ...],
    sentence: str,
    collected: Collected,
    tests: Tests,
) -> bool:
    """Add a p value that no table prints, where the sentence compares groups."""
    named = tuple(dict.fromkeys(mention.key for mention in mentions))
    if (
        len(named) < 2
        and collected.compared
        and re.search(r"\b(?:between|two|both|the)\b.{0,40}\bgroups\b", sentence, re.IGNORECASE)
    ):
        named = collected.compared[0]
    if len(named) < 2:
        return False
    label = _compared_subject(subject, sentence, mentions)
    if not label:
        return False
    name = collected.variable(slug(label), label)
    measured = bool(re.search("±|median", sentence)) or None
    collected.add(
        "p",
        f"text.{name}.p",
        place,
        variable=name,
        groups=list(named),
        p=values["p"],
        claimed=tests.for_row(measured, len(named), "median" in sentence),
    )
    return True


def _compared_subject(subject: str, sentence: str, mentions: tuple[Mention, ...]) -> str:
    first = min((mention.start for mention in mentions), default=0)
    words = naming_words(normalised(sentence)[:first])
    return subject or " ".join(words[-5:])


def _add_model(
    statistic: Statistic,
    values: Mapping[str, str],
    place: str,
    name: str,
    subject: str,
    collected: Collected,
    tests: Tests,
) -> bool:
    if statistic.measure is None:
        return False
    term: Line = {"term": name, statistic.measure: values["estimate"]}
    term.update({key: values[key] for key in ("low", "high", "p") if key in values})
    collected.variable(name, subject or "unnamed")
    collected.add(
        "model",
        f"text.{name}.{statistic.measure}",
        place,
        group=collected.whole_sample(),
        claimed=tests.model if statistic.measure == "odds_ratio" else None,
        level=statistic.level if statistic.level not in ("", "95") else None,
        terms=[term],
        remark=None if subject else _NAMELESS,
    )
    return True
