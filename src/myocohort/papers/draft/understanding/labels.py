"""Words in heads and row labels: names for a paper file, and what they say about the cells."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from myocohort.papers.draft.understanding.tokens import normalised

Hint = Literal[
    "",
    "count_percent",
    "n",
    "percent",
    "mean_sd",
    "mean_se",
    "mean",
    "sd",
    "median_quartiles",
    "median_range",
    "median",
    "quartiles",
    "range",
]

_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "κ": "kappa",
    "λ": "lambda",
    "μ": "micro",
    "µ": "micro",
    "ρ": "rho",
    "χ": "chi",
    "≥": " from ",
    "≤": " to ",
    ">": " over ",
    "<": " under ",
    "%": " percent ",
}
_LONGEST_NAME = 40
_LONGEST_LABEL = 300  # signs; what is longer is prose


def slug(text: str, longest: int = _LONGEST_NAME) -> str:
    """Return a name of small letters, digits and underscores, cut after a whole word.

    >>> slug("Combined with anti-Ro-52 antibody"), slug("≥65 years"), slug("SRP−")
    ('combined_with_anti_ro_52_antibody', 'from_65_years', 'srp_negative')
    """
    for sign, word in _GREEK.items():
        text = text.replace(sign, word)
    text = unicodedata.normalize("NFKD", normalised(text))
    text = re.sub(r"(?<=\w)\++(?=$|[\s,;)])", " positive", text)
    text = re.sub(r"(?<=\w)-(?=$|[\s,;)])", " negative", text)
    plain = text.encode("ascii", "ignore").decode().lower()
    words = [word for word in re.split(r"[^a-z0-9]+", plain) if word]
    name = ""
    for word in words:
        longer = f"{name}_{word}" if name else word
        if name and len(longer) > longest:
            break
        name = longer[:longest]
    if not name:
        return "unnamed"
    return name if name[0].isalpha() else f"v_{name}"


_SD = r"(?:s\.?\s?d\.?|standard deviations?)"
_QUARTILES = r"(?:IQR|inter-?\s?quartile(?: range)?|quartiles?|Q1\W{1,4}Q3|P?25\w*\W{1,4}P?75\w*)"
_SE = r"(?:s\.?\s?e\.?(?:\s?m\.?)?|standard errors?(?: of the mean)?)"
_RANGE = r"(?:range|min(?:imum|\.)?\W{1,4}max(?:imum|\.)?)"
_PATIENTS = r"(?:n|no\.?|nr\.?|number|counts?|cases|frequency|patients)"
_SHARE = r"(?:proportion|percent(?:age)?|rate|share)"
_HINTS: tuple[tuple[Hint, str], ...] = (
    (
        "count_percent",
        r"[(\[]?\bn(?:o\.?)?\s*/\s*(?:n|total(?: n(?:o\.)?)?)\b[)\]]?"
        r"(?:\s*,?\s*[(\[]?\s*%\s*[)\]]?)?",
    ),
    ("count_percent", rf"\b{_PATIENTS}\s*[,/]?\s*[(\[]?\s*(?:%|percent(?:age)?\b)\s*[)\]]?"),
    ("count_percent", r"%\s*[(\[]\s*n\s*[)\]]"),
    (
        "mean_sd",
        rf"(?:mean|average)s?(?: values?)?\s*(?:±|\+/-|and|,|[(\[])?\s*(?:±\s*)?{_SD}\s*[)\]]?",
    ),
    (
        "mean_se",
        r"(?:mean|average)s?(?: values?)?\s*(?:±|\+/-|and|,|[(\[])?\s*(?:±\s*)?"
        rf"{_SE}(?![A-Za-z])\s*[)\]]?",
    ),
    ("mean_sd", r"x̄?\s*±\s*s(?:d)?\b"),
    ("median_quartiles", rf"median\s*(?:and|,|[(\[])?\s*{_QUARTILES}\s*[)\]]?"),
    ("median_range", rf"median\s*(?:and|,|[(\[])?\s*{_RANGE}\s*[)\]]?"),
    ("median_quartiles", r"\bM\s*\(\s*(?:P25|Q1|Q25|IQR|QR)[^)]*\)"),
    ("mean", r"\b(?:mean|average)\b"),
    ("median", r"\bmedian\b"),
    ("quartiles", rf"\b{_QUARTILES}"),
    ("range", rf"\b{_RANGE}\b"),
    ("sd", rf"(?:^|[,(]\s*){_SD}\s*[)]?$"),
    ("n", rf"^(?:total\s*)?[(\[]?\s*{_PATIENTS}\s*[)\]]?(?: of (?:patients|cases))?$"),
    ("percent", rf"^{_SHARE}?\s*[(\[]?\s*%\s*[)\]]?$|^{_SHARE}$|[,(]\s*%\s*\)?$"),
    ("n", r",\s*(?:n|no\.?)$|\(\s*(?:n|no\.?)\s*\)$"),
)
_COMPILED = tuple((hint, re.compile(pattern, re.IGNORECASE)) for hint, pattern in _HINTS)
# Said within a label these are part of the name ("mean arterial pressure", "heart rate").
_ONLY_AT_THE_END: tuple[Hint, ...] = ("mean", "median", "quartiles", "range")


@dataclass(frozen=True, slots=True)
class Label:
    """A label without the words that say what the cells hold.

    Parameters
    ----------
    text
        What is left of the label.
    hint
        What the label says about its cells.
    """

    text: str
    hint: Hint


def read_label(text: str) -> Label:
    """Take what a label says about its cells out of it.

    >>> read_label("Age, years, mean ± SD")
    Label(text='Age, years', hint='mean_sd')
    """
    plain = re.sub(r"\s+", " ", normalised(text)).strip()
    if len(plain) > _LONGEST_LABEL:
        return Label(plain, "")
    plain = re.sub(r"(?<=[A-Za-z)])(?:[*†‡§¶#∗ᵃᵇᶜᵈᵉ¹²³⁴]+|\^[a-z0-9])$", "", plain).strip()
    for hint, pattern in _COMPILED:
        match = pattern.search(plain)
        if match is None:
            continue
        before, after = plain[: match.start()], plain[match.end() :]
        if hint in _ONLY_AT_THE_END and not _apart(before, after):
            if hint in ("mean", "median") and not before.strip():
                return Label(_trimmed(after) or plain, hint)
            continue
        return Label(_joined(before.rstrip(" ,;:-–"), after), hint)
    return Label(_trimmed(plain), "")


def _joined(before: str, after: str) -> str:
    """Join what stood around a hint; brackets that held nothing else go with it."""
    left, right = before.rstrip(" ,;:([-–"), after.lstrip(" ,;:")
    if before.rstrip(" ,;:-–")[-1:] in ("(", "[") and right[:1] in (")", "]"):
        right = right[1:]
    joint = "" if right[:1] in (")", "]") else " "
    return _trimmed(f"{left}{joint}{right}")


def _apart(before: str, after: str) -> bool:
    """Return whether a word stands behind a comma or in brackets, at the end of the label."""
    return not after.strip(" )]") and (not before.strip() or before.rstrip()[-1] in ",;:([-–")


def _trimmed(text: str) -> str:
    text = re.sub(r"[(\[]\s*[)\]]", "", text)
    text = re.sub(r"\s+", " ", text).strip(" ,;:")
    text = re.sub(r"^[-–]\s+|\s+[-–]$", "", text).strip(" ,;:")
    if text.count("(") > text.count(")"):
        text = text.rstrip("( ") if text.endswith("(") else text + ")"
    if text.count(")") > text.count("(") and text.endswith(")"):
        text = text[:-1].rstrip()
    return text


_UNITS = (
    r"(?:years?|yrs?|y|months?|mo|weeks?|days?|hours?|h|min|kg|g|cm|mm|m|kg/m2|kg/m²|"
    r"(?:m?m|k|m|u|iu|ng|pg|mg|g|µ?mol|mmol|u)?/?(?:l|dl|ml)|u/l|iu/l|mg/dl|g/dl|mmol/l|mm/h|"
    r"mmhg|bpm|points?|score|x\s?10\S*)"
)
_UNIT_AT_END = re.compile(rf"(?:\s*[(\[]\s*{_UNITS}\s*[)\]]|\s*,\s*{_UNITS})$", re.IGNORECASE)
_MEASURED = re.compile(
    r"\b(?:age|bmi|body mass|weight|height|duration|score|level|time|years?|months?|weeks?|"
    r"days?|pressure|rate|concentration|volume|index|titer|titre|ck|crp|esr|creatine)\b",
    re.IGNORECASE,
)


def without_unit(text: str) -> str:
    """Return a label without a unit at its end: "Age (years)" becomes "Age"."""
    return _UNIT_AT_END.sub("", text).strip() or text


def measured(text: str) -> bool:
    """Return whether a label sounds like something with a unit rather than a finding."""
    plain = normalised(text).strip()
    return bool(_UNIT_AT_END.search(plain)) or bool(_MEASURED.search(plain))


_TWO_LEVELS = re.compile(
    r"^(?P<name>[^(\[:,]*?)\s*[(\[,:]\s*(?P<one>[A-Za-z][\w +-]*?)\s*(?:[:/]|vs\.?|versus)\s*"
    r"(?P<two>[A-Za-z][\w +-]*?)\s*[)\]]?$"
)
_BARE_LEVELS = re.compile(r"^(?P<one>[A-Za-z]\w*)\s*[:/]\s*(?P<two>[A-Za-z]\w*)$")
_ONE_LEVEL = re.compile(
    r"^(?P<name>sex|gender)\s*[(\[,:=-]\s*(?P<level>males?|females?|m|f|men|women)\s*[)\]]?$|"
    r"^(?P<name2>[^(\[]+?)\s*[(\[=:]\s*(?P<level2>yes|no|present|positive|absent|negative)\s*[)\]]?$",
    re.IGNORECASE,
)


def two_levels(text: str) -> tuple[str, str, str] | None:
    """Return name and both levels of "Gender(male: female)", or None where it has not two.

    >>> two_levels("Gender(male: female)"), two_levels("M/F")
    (('Gender', 'male', 'female'), ('sex', 'M', 'F'))
    """
    plain = normalised(text).strip()
    match = _TWO_LEVELS.match(plain)
    if match and match["name"]:
        return match["name"], match["one"], match["two"]
    bare = _BARE_LEVELS.match(plain)
    if bare:
        sexes = {"m", "f", "male", "female", "males", "females", "men", "women"}
        name = "sex" if {bare["one"].lower(), bare["two"].lower()} <= sexes else plain
        return name, bare["one"], bare["two"]
    return None


def one_level(text: str) -> tuple[str, str] | None:
    """Return name and level of "Gender (male)" or "ILD (yes)", or None."""
    match = _ONE_LEVEL.match(normalised(text).strip())
    if match is None:
        return None
    return (match["name"] or match["name2"]).strip(), (match["level"] or match["level2"]).lower()


_MISSING_ROW = re.compile(
    r"^\W*(?:missing(?: data| values?)?|unknown|not (?:available|reported|known|done)|n/?a)\W*"
    r"(?:,?\s*n\s*(?:\(%\))?)?$",
    re.IGNORECASE,
)


def says_missing(text: str) -> bool:
    """Return whether a row counts the patients without a value."""
    return bool(_MISSING_ROW.match(normalised(text)))


_TIME = r"[0-9]+\s*(?:months?|weeks?|days?|years?|hours?|h|min)"
_TIME_AT_END = re.compile(rf"^(?P<before>.*[A-Za-z)])\s*[,:]?\s+(?P<time>{_TIME})$", re.IGNORECASE)
_NEEDS_THE_TIME = re.compile(
    r"\b(?:per|every|each|than|over|under|after|within|at|in|for|to|from|until|of|by|and|or)$", re.I
)
_ONLY_TIME = re.compile(rf"^{_TIME}$", re.IGNORECASE)


def only_time(text: str) -> bool:
    """Return whether a label is only a time: "6 months"."""
    return bool(_ONLY_TIME.match(text.strip()))


def time_at_end(text: str) -> tuple[str, str] | None:
    """Return name and time of "Fatty infiltration 3 months", or None."""
    match = _TIME_AT_END.match(text.strip())
    if match is None or _NEEDS_THE_TIME.search(match["before"]):
        return None
    return match["before"].strip(), match["time"]


def carried(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Write a carried-down first part into labels that are only a time.

    A text version that has lost its columns reads "Fatty infiltration 3 months", "6 months",
    "12months": the later ones belong to fatty infiltration as well.
    """
    result, before = [], ""
    for label in labels:
        parted = time_at_end(label)
        if parted is not None:
            before = parted[0]
            result.append(label)
        elif before and only_time(label):
            result.append(f"{before}, {label.strip()}")
        else:
            before = ""
            result.append(label)
    return tuple(result)
