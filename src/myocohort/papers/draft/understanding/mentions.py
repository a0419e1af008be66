"""The groups that a sentence names, and which of its statistics are about which."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from myocohort.papers.draft.understanding.collected import WHOLE, Collected
from myocohort.papers.draft.understanding.sentences import Statistic
from myocohort.papers.draft.understanding.tokens import normalised

_GROUPED = ("mean", "count", "percent", "median")


@dataclass(frozen=True, slots=True)
class Mention:
    """A group named in a sentence."""

    key: str
    start: int
    end: int
    placed: bool  # "in the refractory group", not "(the refractory group)"


def mentions_in(sentence: str, collected: Collected) -> tuple[Mention, ...]:
    """Find the groups that a sentence names; of two groups of one name, the first declared."""
    plain = normalised(sentence)
    found: list[Mention] = []
    labels: dict[str, str] = {}
    for key, group in collected.groups.items():
        bare = re.sub(r"\s*\([^()]*[Tt]able[^()]*\)$", "", str(group["label"]))
        if not key.endswith(WHOLE) and len(bare) > 2:
            labels.setdefault(bare.lower(), key)
    for label in sorted(labels, key=len, reverse=True):
        short = re.sub(r"\s+(?:group|groups|patients)$", "", label)
        wanted = rf"{re.escape(short)}\s+(?:groups?|patients|cases|controls)"
        if short == label:
            wanted = rf"(?:{wanted}|{re.escape(label)})"
        for match in re.finditer(rf"(?<![\w-])(?:{wanted})(?![\w-])", plain, re.IGNORECASE):
            if any(m.start < match.end() and match.start() < m.end for m in found):
                continue
            before = plain[: match.start()]
            placed = re.search(
                r"\b(?:in|for|of|among|within|and|than|with|vs\.?|versus)\s+(?:the\s+)?$",
                before,
                re.I,
            )
            found.append(Mention(labels[label], *match.span(), placed is not None))
    return tuple(sorted(found, key=lambda mention: mention.start))


def groups_of(
    plain: str, statistics: tuple[Statistic, ...], mentions: tuple[Mention, ...]
) -> Mapping[int, str]:
    """Say which statistic is about which group, where the sentence is clear about it.

    "In the first group (40.0%)": the group right before it.

    "0.27 for the first group and 0.42 for the second": the group that follows each.
    "In the first group and the second group 0.27 and 0.42, respectively": in their order.
    "In the second group ... 34.8%": the only group there is.
    """
    grouped = [index for index, s in enumerate(statistics) if s.sort in _GROUPED]
    placed = [mention for mention in mentions if mention.placed]
    before = [m for m in placed if grouped and m.end <= statistics[grouped[0]].start]
    if len(before) > 1 and len(before) == len(grouped) == len(placed):
        return {i: m.key for i, m in zip(grouped, before, strict=True)}
    found: dict[int, str] = {}
    for index in grouped:
        beside = [m for m in placed if m.end <= statistics[index].start]
        if beside and re.fullmatch(
            r"\s*(?:[(,:=]|was|were|is|\(?n\s*=)?\s*",
            plain[beside[-1].end : statistics[index].start],
        ):
            found[index] = beside[-1].key
    if found:
        return found
    for position, index in enumerate(grouped):
        start = statistics[index].end
        following = grouped[position + 1 :]
        end = statistics[following[0]].start if following else start + 80
        after = [m for m in placed if start <= m.start < end]
        if after and after[0].start - start < 60:
            found[index] = after[0].key
    if len(found) == len(grouped):
        return found
    if not found and len(mentions) == 1 and placed and len(grouped) == 1 and before:
        return {grouped[0]: before[0].key}
    return found
