"""Which tests a paper says it used: in its Methods, and in the notes under its tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from myocohort.papers.draft.understanding.tokens import normalised

_CATEGORICAL: tuple[tuple[str, str], ...] = (
    (
        "pearson_chi_square_corrected",
        r"(?:yates|continuity[- ]corrected).{0,30}(?:chi|[χX][²2])"
        r"|chi.{0,40}(?:yates|continuity correction)",
    ),
    ("pearson_chi_square", r"chi[- ]?squared?|[χΧX]\s?[²2]"),
    ("fisher_exact", r"fisher(?:'s)?(?:\W{0,3}\w*){0,2}\s+(?:exact|probability)|fisher's test"),
    ("", r"likelihood[- ]ratio|linear[- ]by[- ]linear|cochran[- –]+armitage|mantel"),
)
_VALUES: tuple[tuple[str, str], ...] = (
    ("mann_whitney", r"mann\W{0,3}whitney|rank[- ]sum"),
    ("kruskal_wallis", r"kruskal"),
    ("welch_t", r"welch|unequal variances?"),
    ("student_t", r"student|(?<!paired )(?<!paired-)(?<![A-Za-z])t[- ]?tests?\b"),
    ("", r"anova|analysis of variance"),
)  # fmt: skip
_MARK = re.compile(
    r"(?:^|[;.,]\s*)\s*(?:\^)?(?P<mark>[*†‡§¶#]+|[a-h](?=[\s:=)]))[\s:=)]*(?P<said>[^;]+)"
)


@dataclass(frozen=True, slots=True)
class Tests:
    """The tests that Methods name.

    Parameters
    ----------
    categorical, values
        Keys of TESTS for counts and for measured values, as named; "" for a test that this
        package has not.
    by_normality
        Whether the choice between two of `values` is said to hang on a normal distribution.
    model
        Which logistic regression is named, if any.
    """

    categorical: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    by_normality: bool = False
    model: Literal["ml", "firth", "exact"] | None = None

    def for_row(self, measured: bool | None, groups: int, median: bool = False) -> str | None:
        """Return the test claimed for a row, or None where the paper leaves a choice.

        Parameters
        ----------
        measured
            Whether the row has means or medians; None where that is unknown.
        groups
            How many groups are compared.
        median
            Whether it has medians.
        """
        if measured is None:
            return None
        if not measured:
            return self.categorical[0] or None if len(self.categorical) == 1 else None
        fitting = [
            name
            for name in self.values
            if (name == "kruskal_wallis" if groups > 2 else name not in ("kruskal_wallis", ""))
        ]
        if groups > 2 and "" in self.values:
            return "kruskal_wallis" if fitting and median and self.by_normality else None
        if len(fitting) == 1:
            return fitting[0]
        ranks = [name for name in fitting if name == "mann_whitney"]
        if len(fitting) == 2 and ranks and self.by_normality:
            return ranks[0] if median else next(n for n in fitting if n != "mann_whitney")
        return None


def claimed_tests(paragraphs: Iterable[tuple[str, str]]) -> Tests:
    """Read which tests a paper names.

    Parameters
    ----------
    paragraphs
        Section and text of each; only sections on methods or statistics are read, or all
        where no section has such a name.
    """
    listed = tuple(paragraphs)
    methods = [text for section, text in listed if re.search(r"method|statistic", section, re.I)]
    statistics = [text for section, text in listed if re.search(r"statistic", section, re.I)]
    text = normalised(" ".join(statistics or methods or [text for _, text in listed]))
    return Tests(
        _named(text, _CATEGORICAL),
        _named(text, _VALUES),
        bool(re.search(r"normal(?:ly|ity)|skewed|parametric|gaussian", text, re.IGNORECASE)),
        _model(text),
    )


def _named(text: str, names: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    found = []
    for key, pattern in names:
        match = re.search(pattern, text, re.IGNORECASE)
        if match is not None:
            found.append(key)
            if key == "pearson_chi_square_corrected":
                text = text.replace(match[0], " ")
    return tuple(found)


def _model(text: str) -> Literal["ml", "firth", "exact"] | None:
    if re.search(r"firth|penali[sz]ed", text, re.IGNORECASE):
        return "firth"
    if re.search(r"exact (?:conditional )?logistic", text, re.IGNORECASE):
        return "exact"
    return "ml" if re.search(r"logistic", text, re.IGNORECASE) else None


def marks_of_tests(notes: Iterable[str]) -> dict[str, str]:
    """Return which footnote mark stands for which test, as "a Fisher's exact test" says."""
    found: dict[str, str] = {}
    for note in notes:
        for match in _MARK.finditer(normalised(note)):
            keys = (*_named(match["said"], _CATEGORICAL), *_named(match["said"], _VALUES))
            if len(keys) == 1 and keys[0]:
                found[match["mark"]] = keys[0]
    return found
