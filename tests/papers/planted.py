"""One slip of a finger planted in a made paper, and whether anybody could notice it.

`plant` changes one number; `detectable` decides by brute force, and without the package's
checks, whether the changed number can still come from any data beside the others. What it uses:

count, percentage
    Every whole number that the count and the percentage of each level leave possible; that
    levels make up the group and groups the whole; that a p has to come from some table of them
    by some procedure (`TABLE_TESTS`, t tests, analysis of variance and rank tests on the codes,
    N - 1, the Wald test of the odds ratio, z without pooling); the same percentage elsewhere.
mean, sd
    Whole sums and sums of squares for scores; the ends of the scale and the printed range; the
    mean and SD of the whole against its parts; a t test that is claimed.
p
    The procedures above for counts; Student's and Welch's t for means, where one is claimed; a
    printed statistic; what is said of its significance; the families' p below for models.
interval
    The estimate outside; two of the three numbers being those of the counts by one family, the
    third by none; no Wald interval although the other lines are, too precisely for chance; more
    lopsided than the profile of any log likelihood of a yes/no term.

All papers here round to the nearest, and a number stands for the closed half unit around it.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from made_statistics import TABLE_TESTS, fit_logistic, profile_limits, table_p, values_p
from scipy import stats

from myocohort.papers.paperfile import Paper

KINDS = ("count", "percentage", "interval", "p", "mean", "sd")
SLIPS = ("changed", "dropped", "doubled", "swapped")
Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Planted:
    """A paper with one slip.

    Parameters
    ----------
    raw
        The paper file with the slip in it.
    kind, slip
        One of `KINDS` and one of `SLIPS`.
    number
        Id of the changed number.
    before, after
        What was printed and what is.
    path
        Where it stands: key, place in the list, and for models the line; then the field.
    """

    raw: Raw
    kind: str
    slip: str
    number: str
    before: str
    after: str
    path: tuple[Any, ...]

    @property
    def paper(self) -> Paper:
        """The paper file, validated."""
        return Paper.model_validate(self.raw)


def plant(raw: Raw, rng: np.random.Generator, kind: str) -> Planted | None:
    """Return the paper with one slip in a number of a kind, or None where it cannot have it."""
    places = _places(raw)
    if not places[kind]:
        return None
    path, number = places[kind][int(rng.integers(len(places[kind])))]
    changed = copy.deepcopy(raw)
    entry = _entry(changed, path)
    before = entry[path[-1]]
    slip = str(rng.choice(SLIPS))
    options = sorted(set(_slips(before, slip, whole=kind == "count")))
    if not options:
        return None
    after = options[int(rng.integers(len(options)))]
    entry[path[-1]] = after
    return Planted(changed, kind, slip, number, before, after, path)


def _entry(raw: Raw, path: tuple[Any, ...]) -> Raw:
    entry = raw
    for step in path[:-1]:
        entry = entry[step]
    return entry


def _places(raw: Raw) -> dict[str, list[tuple[tuple[Any, ...], str]]]:
    """Return where each kind of number stands, with its id."""
    places: dict[str, list[tuple[tuple[Any, ...], str]]] = {kind: [] for kind in KINDS}
    for key, field, kind in (
        ("count", "n", "count"),
        ("count", "percent", "percentage"),
        ("mean", "mean", "mean"),
        ("mean", "sd", "sd"),
        ("p", "p", "p"),
    ):
        for i, entry in enumerate(raw[key]):
            if field in entry and entry[field][0] not in "<>":
                places[kind].append(((key, i, field), f"{entry['id']}.{field}"))
    for i, model in enumerate(raw["model"]):
        for j, line in enumerate(model["terms"]):
            for field in ("odds_ratio", "low", "high", "p"):
                if line[field][0] not in "<>":
                    kind = "p" if field == "p" else "interval"
                    number = f"{model['id']}.{line['term']}.{field}"
                    places[kind].append((("model", i, "terms", j, field), number))
    return places


def _slips(text: str, slip: str, *, whole: bool) -> Iterator[str]:
    """Yield what one slip makes of a number: other values that somebody would print."""
    for i, sign in enumerate(text):
        if not sign.isdigit():
            continue
        if slip == "changed":
            made = [text[:i] + digit + text[i + 1 :] for digit in "0123456789"]
        elif slip == "dropped":
            made = [text[:i] + text[i + 1 :]]
        elif slip == "doubled":
            made = [text[: i + 1] + sign + text[i + 1 :]]
        else:
            made = [text[:i] + text[i + 1] + sign + text[i + 2 :]] if text[i + 1 : i + 2] else []
        for other in made:
            number = other.lstrip("-")
            printable = number[:1].isdigit() and number[-1:].isdigit() and number.count(".") < 2
            odd = number[:1] == "0" and number[1:2].isdigit()
            fitting = printable and not odd and not (whole and "." in other)
            if fitting and float(other) != float(text):
                yield other


# What a printed number stands for


def ends(text: str) -> tuple[float, float]:
    """Return the ends of what a number stands for, with a hair's breadth for floats."""
    if text[0] == "<":
        return -math.inf, float(text[1:])
    if text[0] == ">":
        return float(text[1:]), math.inf
    half = 0.5 * 10.0 ** -len(text.partition(".")[2])
    value = float(text)
    return value - half - 1e-9 * (1 + abs(value)), value + half + 1e-9 * (1 + abs(value))


def could_be(text: str, least: float, most: float | None = None) -> bool:
    """Return whether some value between two ends would be printed so."""
    low, high = ends(text)
    most = least if most is None else most
    return least <= high and low <= most


def detectable(planted: Planted) -> bool:
    """Return whether the changed number cannot come from any data beside the others."""
    raw, path = planted.raw, planted.path
    entry = _entry(raw, path)
    if planted.kind in ("count", "percentage"):
        return _restated_otherwise(raw, planted) or category_impossible(raw, entry["variable"])
    if planted.kind in ("mean", "sd"):
        return values_impossible(raw, entry["variable"])
    if path[0] == "model":
        model = raw["model"][path[1]]
        if planted.kind == "p":
            return model_p_impossible(raw, model, entry)
        return interval_impossible(raw, model, entry)
    if _statistic_impossible(entry) or _claim_impossible(raw, entry):
        return True
    if any(count["variable"] == entry["variable"] for count in raw["count"]):
        return category_impossible(raw, entry["variable"])
    return _t_impossible(raw, entry["variable"])


# Sizes


def size_of(raw: Raw, group: str) -> int:
    """Return how many patients a group has; a whole without a printed size is its parts."""
    sizes = {size["group"]: int(size["n"]) for size in raw["size"]}
    if group in sizes:
        return sizes[group]
    return sum(sizes[part] for part in raw["partitions"][0]["parts"])


def having(raw: Raw, variable: str, group: str) -> int:
    """Return how many patients of a group have a value."""
    for entry in raw["count"]:
        if (entry["variable"], entry["group"]) == (variable, group) and "of" in entry:
            return int(entry["of"])
    for entry in raw["mean"]:
        if (entry["variable"], entry["group"]) == (variable, group) and "n" in entry:
            return int(entry["n"])
    missing = [int(m["n"]) for m in raw["missing"]
               if (m["variable"], m["group"]) == (variable, group)]  # fmt: skip
    return size_of(raw, group) - sum(missing)


# Categories

Possible = dict[tuple[str, str], list[int]]


def possible_counts(raw: Raw, variable: str) -> Possible:
    """Return, for each group and level, the whole numbers that its entry leaves possible."""
    found: Possible = {}
    for entry in raw["count"]:
        if entry["variable"] != variable:
            continue
        total = having(raw, variable, entry["group"])
        counts = [int(entry["n"])] if "n" in entry else list(range(total + 1))
        found[entry["group"], entry["level"]] = [
            k for k in counts
            if k <= total
            and (total > 0 or "percent" not in entry)
            and ("percent" not in entry or could_be(entry["percent"], 100 * k / total))
        ]  # fmt: skip
    return found


def category_impossible(raw: Raw, variable: str) -> bool:
    """Return whether no patients have the printed counts, percentages and p of a category."""
    if variable == "outcome":
        possible = possible_counts(raw, variable)
        return any(size_of(raw, level) not in counts for (_, level), counts in possible.items())
    possible = possible_counts(raw, variable)
    if not all(possible.values()):
        return True
    levels = list(dict.fromkeys(level for _, level in possible))
    declared = raw["variables"].get(variable, {}).get("levels")
    groups = list(dict.fromkeys(group for group, _ in possible))
    rows: dict[str, list[tuple[int, ...]]] = {}
    for group in groups:
        total = having(raw, variable, group)
        rows[group] = [
            row for row in itertools.product(*(possible[group, level] for level in levels))
            if sum(row) == total or (sum(row) <= total and set(declared or ()) - set(levels))
            or (sum(row) <= total and declared is None and len(levels) == 1)
        ]  # fmt: skip
        if not rows[group] and (declared is not None or len(levels) > 1):
            return bool(declared)
    parts = raw["partitions"][0]["parts"]
    if not all(part in rows and rows[part] for part in parts):
        return False
    tables = list(itertools.islice(itertools.product(*(rows[part] for part in parts)), 300))
    if len(tables) == 300:
        return False
    if "all" in rows:
        tables = [t for t in tables if tuple(map(sum, zip(*t, strict=True))) in rows["all"]]
        if not tables:
            return True
    entry = next((p for p in raw["p"] if p["variable"] == variable), None)
    return entry is not None and _no_table_gives(raw, entry, tables, levels, declared)


def _no_table_gives(
    raw: Raw,
    entry: Raw,
    tables: list[tuple[tuple[int, ...], ...]],
    levels: list[str],
    declared: list[str] | None,
) -> bool:
    if declared is None and len(levels) == 1:
        return False  # how many levels there are is not known
    for table in tables:
        counts = np.array(table)
        totals = [having(raw, entry["variable"], part) for part in entry["groups"]]
        rest = np.array(totals) - counts.sum(axis=1)
        if declared is not None and len(declared) - len(levels) > 1 and rest.any():
            return False  # the rest may be of several levels
        if declared is not None and set(declared) - set(levels):
            place = min(i for i, level in enumerate(declared) if level not in levels)
            counts = np.insert(counts, place, rest, axis=1)
        for p in every_p(counts, entry.get("claimed")):
            if could_be(entry["p"], p) or could_be(entry["p"], p / 2):  # of one side
                return False
    return True


def every_p(counts: Any, claimed: str | None) -> Iterator[float]:
    """Yield the p of a table by every procedure that somebody may use on it."""
    for test in TABLE_TESTS:
        if test == "boschloo" and claimed not in (None, "boschloo"):
            continue
        p = table_p(test, counts)
        if p is not None:
            yield p
    used = counts[:, counts.sum(axis=0) > 0]
    if used.shape[1] < 2:
        yield 1.0
        return
    n = counts.sum()
    found = stats.chi2_contingency(used, correction=False)
    yield float(stats.chi2.sf(found.statistic * (n - 1) / n, found.dof))
    codes = [np.repeat(np.arange(counts.shape[1]), row).astype(float) for row in counts]
    for test in ("student_t", "welch_t", "anova", "mann_whitney", "mann_whitney_corrected",
                 "kruskal_wallis"):  # fmt: skip
        result = values_p(test, codes)
        if result is not None:
            yield result[0]
    pooled = np.concatenate(codes)
    groups = np.repeat(np.arange(len(codes)), counts.sum(axis=1))
    r = np.corrcoef(pooled, groups)[0, 1]
    yield float(stats.chi2.sf(n * r**2, 1))  # Cochran and Armitage
    if used.shape == (2, 2) and (used > 0).all():
        (a, b), (c, d) = used.tolist()
        z = math.log(a * d / (b * c)) / math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        yield float(2 * stats.norm.sf(abs(z)))
        shares = a / (a + b), c / (c + d)
        spread = shares[0] * (1 - shares[0]) / (a + b) + shares[1] * (1 - shares[1]) / (c + d)
        yield float(2 * stats.norm.sf(abs(shares[0] - shares[1]) / math.sqrt(spread)))


def _restated_otherwise(raw: Raw, planted: Planted) -> bool:
    return any(
        same["of"] == planted.number and not could_be(same["printed"], *ends(planted.after))
        for same in raw["same"]
    )


def _statistic_impossible(entry: Raw) -> bool:
    """Return whether the p is not that of the printed statistic."""
    if "statistic" not in entry:
        return False
    low, high = ends(entry["statistic"])
    numbers = [float(part) for part in entry["df"].split(",")]
    if len(numbers) == 2:
        law: Callable[[float], float] = lambda x: float(stats.f.sf(max(x, 0), *numbers))  # noqa: E731
    elif entry.get("claimed") == "student_t":
        law = lambda x: float(2 * stats.t.sf(max(x, 0), numbers[0]))  # noqa: E731
        low, high = (low, high) if float(entry["statistic"]) >= 0 else (-high, -low)
    elif any(entry.get("claimed") == name for name in ("pearson_chi_square",)):
        law = lambda x: float(stats.chi2.sf(max(x, 0), numbers[0]))  # noqa: E731
    else:
        return False
    return not could_be(entry["p"], law(high), law(low))


def _claim_impossible(raw: Raw, entry: Raw) -> bool:
    low, high = ends(entry["p"])
    for claim in raw["claim"]:
        if claim["of"] == f"{entry['id']}.p":
            return low > 0.05 if claim["significant"] else high < 0.05
    return False


# Values


def values_impossible(raw: Raw, variable: str) -> bool:
    """Return whether no values have the printed means, SDs, ranges and t test."""
    means = {entry["group"]: entry for entry in raw["mean"] if entry["variable"] == variable}
    scale = raw["variables"].get(variable)
    for group, entry in means.items():
        n = having(raw, variable, group)
        if scale is not None and _score_impossible(entry, n, scale):
            return True
        low, high = ends(entry["mean"])
        for printed in raw["range"]:
            if (printed["variable"], printed["group"]) == (variable, group):
                smallest, largest = ends(printed["low"])[0], ends(printed["high"])[1]
                if high < smallest or low > largest:
                    return True
                if _spread_impossible(entry, n, smallest, largest):
                    return True
    return _whole_impossible(raw, variable, means) or _t_impossible(raw, variable)


def _score_impossible(entry: Raw, n: int, scale: Raw) -> bool:
    """Return whether no n scores of the scale have the mean and SD."""
    low, high, units = int(scale["low"]), int(scale["high"]), n * scale["items"]
    m_low, m_high = ends(entry["mean"])
    sums = [s for s in range(math.ceil(m_low * units), math.floor(m_high * units) + 1)
            if low * units <= s <= high * units]  # fmt: skip
    if not sums or _spread_impossible(entry, n, low, high):
        return True
    if scale["items"] > 1:
        return False
    s_low, s_high = (max(end, 0.0) for end in ends(entry["sd"]))
    for total in sums:
        # squares of whole numbers are odd and even as the numbers are, and so are their sums
        fewest = total // n
        least = (n - total % n) * fewest**2 + (total % n) * (fewest + 1) ** 2
        for below in (n - 1, n):  # either may stand in the denominator of an SD
            first = math.ceil(below * s_low**2 + total**2 / n - 1e-6)
            last = math.floor(below * s_high**2 + total**2 / n + 1e-6)
            if any((q - total) % 2 == 0 for q in range(max(first, least), last + 1)):
                return False
    return True


def _spread_impossible(entry: Raw, n: int, low: float, high: float) -> bool:
    """Return whether the SD is too large for values between two ends with the mean."""
    m_low, m_high = (min(max(end, low), high) for end in ends(entry["mean"]))
    middle = min(max((low + high) / 2, m_low), m_high)
    largest = (middle - low) * (high - middle) * n / (n - 1)
    return max(ends(entry["sd"])[0], 0) ** 2 > largest * (1 + 1e-9)


def _whole_impossible(raw: Raw, variable: str, means: dict[str, Raw]) -> bool:
    """Return whether the whole's mean or SD is not that of its parts."""
    parts = [means[p] for p in raw["partitions"][0]["parts"] if p in means]
    if "all" not in means or len(parts) < len(raw["partitions"][0]["parts"]):
        return False
    sizes = np.array([having(raw, variable, part["group"]) for part in parts])
    limits = np.array([ends(part["mean"]) for part in parts])
    pooled = (sizes @ limits) / sizes.sum()
    if not could_be(means["all"]["mean"], *pooled):
        return True
    spreads = np.maximum([ends(part["sd"]) for part in parts], 0) ** 2
    between = [
        float(sizes @ (np.array(corner) - sizes @ np.array(corner) / sizes.sum()) ** 2)
        for corner in itertools.product(*limits)
    ]
    nearest = min(
        float(sizes @ (np.clip(point, limits[:, 0], limits[:, 1]) - point) ** 2)
        for point in np.linspace(limits.min(), limits.max(), 2001)
    )
    nearest *= 0.99  # the points are not dense
    for divisor in (1, 0):  # n - 1 or n in the denominators
        within = (sizes - divisor) @ spreads
        total = sizes.sum() - divisor
        least, most = (within[0] + nearest) / total, (within[1] + max(between)) / total
        if could_be(means["all"]["sd"], math.sqrt(least), math.sqrt(most)):
            return False
    return True


def _t_impossible(raw: Raw, variable: str) -> bool:
    """Return whether a claimed t test cannot give the p from means and SDs."""
    entry = next((p for p in raw["p"] if p["variable"] == variable), None)
    if entry is None or entry.get("claimed") not in ("student_t", "welch_t"):
        return False
    means = {m["group"]: m for m in raw["mean"] if m["variable"] == variable}
    if any(group not in means for group in entry["groups"]):
        return False
    one, two = (means[group] for group in entry["groups"])
    n1, n2 = (having(raw, variable, group) for group in entry["groups"])
    (a1, a2), (b1, b2) = ends(one["mean"]), ends(two["mean"])
    gaps = [max(a1 - b2, b1 - a2, 0.0), max(a2 - b1, b2 - a1)]
    for equal in (True, False):
        found = []
        for gap, s1, s2 in itertools.product(gaps, ends(one["sd"]), ends(two["sd"])):
            s1, s2 = max(s1, 1e-12), max(s2, 1e-12)
            found.append(stats.ttest_ind_from_stats(gap, s1, n1, 0, s2, n2, equal).pvalue)
        for sides in (1, 2):  # of a two-sided test, or of one side
            if could_be(entry["p"], min(found) * 0.999 / sides, max(found) * 1.001 / sides):
                return False
    return True


# Models


@dataclass(frozen=True, slots=True)
class _Wald:
    """What Wald's arithmetic says about a line."""

    fits: bool  # some values behind the numbers are a Wald interval
    p_fits: bool  # and some of them have the printed p
    chance: float  # how often another family would look so
    p_chance: float


def interval_impossible(raw: Raw, model: Raw, line: Raw) -> bool:
    """Return whether estimate and limits cannot be of one analysis like the paper's others."""
    estimate, low, high = (ends(line[name]) for name in ("odds_ratio", "low", "high"))
    if low[0] > estimate[1] or estimate[0] > high[1]:
        return True
    if _wald(model, line).fits:
        return False
    if _against_counts(raw, model, line):
        return True
    others = [_wald(m, other) for m, other in _alike(raw, model, line)]
    chance = math.prod(o.chance for o in others) if all(o.fits for o in others) else 1.0
    if chance <= 1e-3:
        return True
    return (model.get("claimed") == "ml" or chance <= 0.1) and _too_lopsided(raw, model, line)


def _too_lopsided(raw: Raw, model: Raw, line: Raw) -> bool:
    """Return whether no profile likelihood of a yes/no term has such limits.

    The slowest and the quickest fall of a log likelihood whose third derivative is at most S
    times its second are followed in small steps from the estimate to the limits: at both it
    must be able to reach one depth.
    """
    columns = {count["variable"] for count in raw["count"]}
    if line["term"] not in columns:
        return False
    spread = 1.0 if all(term["term"] in columns for term in model["terms"]) else 2.0
    (e1, e2), (l1, l2), (u1, u2) = (
        [math.log(max(end, 1e-12)) for end in ends(line[name])]
        for name in ("odds_ratio", "low", "high")
    )
    for short, long in ((e2 - l1, u1 - e2), (u2 - e1, e1 - l2)):
        if long > short and _fall(long, -spread) > _fall(short, spread):
            return True
    return False


def _fall(distance: float, rate: float) -> float:
    """Return the fall over a distance when the curvature changes by exp(rate x) on the way."""
    x = np.linspace(0, min(max(distance, 0), 100), 4001)
    slope = np.concatenate([[0], np.cumsum(np.diff(x) * np.exp(rate * (x[1:] + x[:-1]) / 2))])
    return float((np.diff(x) * (slope[1:] + slope[:-1]) / 2).sum())


def model_p_impossible(raw: Raw, model: Raw, line: Raw) -> bool:
    """Return whether the p is not Wald's although the other lines print Wald's p."""
    own = _wald(model, line)
    if not own.fits or own.p_fits:
        return False
    others = [_wald(m, other) for m, other in _alike(raw, model, line)]
    return (
        all(o.fits and o.p_fits for o in others) and math.prod(o.p_chance for o in others) <= 1e-3
    )


def _alike(raw: Raw, model: Raw, line: Raw) -> list[tuple[Raw, Raw]]:
    """Return the other lines of the model, and of all models fitted by maximum likelihood."""
    return [
        (other, term)
        for other in raw["model"]
        if other is model or other.get("claimed") == model.get("claimed") == "ml"
        for term in other["terms"]
        if term is not line
    ]


def _wald(model: Raw, line: Raw) -> _Wald:
    """Walk over a grid of lower and upper limits, each with the estimate in their middle."""
    (e1, e2), (l1, l2), (u1, u2) = (
        [math.log(max(end, 1e-12)) for end in ends(line[name])]
        for name in ("odds_ratio", "low", "high")
    )
    l1 = max(l1, 2 * e1 - u2)
    quantile = 1.959963984540054 if model["level"] == "95" else 1.6448536269514722
    arm, b = (u1 + u2 - l1 - l2) / 4, abs(e1 + e2) / 2
    width = (l2 - l1) + (u2 - u1) + 2 * (e2 - e1)
    size = 0.1 * arm * min(arm, b)
    chance = min(1.0, width / size) if size > 0 else 1.0
    if l1 > l2:
        return _Wald(False, False, chance, 1.0)
    low, high = np.meshgrid(np.linspace(l1, l2, 61), np.linspace(u1, u2, 61))
    # on the edges of the strip too, where the extremes of z may lie
    for total in (2 * e1, 2 * e2):
        for edge in (np.linspace(l1, l2, 61), total - np.linspace(u1, u2, 61)):
            low = np.append(low, edge)
            high = np.append(high, total - edge)
    slack = 1e-9
    inside = (
        (low >= l1 - slack) & (low <= l2 + slack) & (high >= u1 - slack) & (high <= u2 + slack)
        & (low + high >= 2 * e1 - slack) & (low + high <= 2 * e2 + slack) & (low <= high)
    )  # fmt: skip
    if not inside.any():
        return _Wald(False, False, chance, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = quantile * np.abs(low[inside] + high[inside]) / (high[inside] - low[inside])
    z = np.where(np.isnan(z), np.inf, z)
    signs = np.sign(low[inside] + high[inside])
    nearest = 0.0 if signs.min() < 0 < signs.max() else float(z.min())
    farthest = float(z.max())
    fits = could_be(
        line["p"], float(2 * stats.norm.sf(farthest)), float(2 * stats.norm.sf(nearest))
    )
    p_low, p_high = ends(line["p"])
    p_chance = 1.0
    if nearest > 0 and p_low > 0 and p_high < 1 and math.isfinite(farthest):
        printed = stats.norm.isf(p_low / 2) / stats.norm.isf(p_high / 2)
        room = 2 * (math.log(farthest / nearest) + math.log(printed))
        p_chance = min(1.0, room / (0.1 * max(abs(e1), abs(e2))))
    return _Wald(True, fits, chance, p_chance)


def _against_counts(raw: Raw, model: Raw, line: Raw) -> bool:
    """Return whether two numbers of a univariable line are those of the counts, the third not."""
    parts, variable = raw["partitions"][0]["parts"], line["term"]
    possible = possible_counts(raw, variable)
    if len(model["terms"]) > 1 or len(parts) > 2:
        return False
    if any(len(possible.get((part, "yes"), ())) != 1 for part in parts):
        return False
    cells = []
    for part in parts:
        k = possible[part, "yes"][0]
        cells += [k, having(raw, variable, part) - k]
    a, b, c, d = cells
    if min(cells) < 1:
        return False
    quantile = 1.959963984540054 if model["level"] == "95" else 1.6448536269514722
    y = np.repeat((1.0, 1.0, 0.0, 0.0), cells)
    X = np.column_stack([np.ones(len(y)), np.repeat((1.0, 0.0, 1.0, 0.0), cells)])
    fitted = fit_logistic(X, y)
    if fitted is None:
        return False
    log_or, se = math.log(a * d / (b * c)), math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    families = [(log_or, log_or - quantile * se, log_or + quantile * se)]
    limits = profile_limits(X, y, fitted, 1, quantile)
    if limits is not None:
        families.append((log_or, *limits))
    agreeing = [
        [could_be(line[name], math.exp(value)) for name, value in
         zip(("odds_ratio", "low", "high"), family, strict=True)]
        for family in families
    ]  # fmt: skip
    if any(map(all, agreeing)) or not any(sum(fits) == 2 for fits in agreeing):
        return False
    kept = next(fits for fits in agreeing if sum(fits) == 2)
    widths = [
        math.log(ends(line[name])[1] / max(ends(line[name])[0], 1e-12)) / 0.5
        for name, fits in zip(("odds_ratio", "low", "high"), kept, strict=True)
        if fits
    ]
    return math.prod(min(1.0, width) for width in widths) <= 1e-3
