"""Papers made from simulated patients: every number true, printed as journals print.

`make_paper(seed)` draws two or three groups of patients with categories, scores and
measurements, leaves values out at random and says so, computes what a paper's tables hold
(`made_statistics`, apart from the package), and prints it in one manner throughout: half-up,
half-even or as printf does; or, on request, with digits cut off or rounded twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from made_statistics import (
    Floats,
    fit_logistic,
    likelihood_ratio_p,
    profile_limits,
    table_p,
    values_p,
)
from numpy.typing import NDArray
from scipy import stats

from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import Rounding

MANNERS = ("half_up", "half_even", "printf")
QUANTILES = {"95": 1.959963984540054, "90": 1.6448536269514722}


@dataclass(frozen=True, slots=True)
class Printer:
    """How a paper prints numbers.

    Parameters
    ----------
    manner
        One of `MANNERS`.
    way
        To the nearest, with digits cut off, or twice.
    """

    manner: str
    way: Rounding

    def number(self, value: float | Fraction, decimals: int) -> str:
        """Print a number; exact fractions are rounded exactly, except by printf."""
        if self.way == "twice":
            value = Fraction(self._rounded(value, decimals + 1))
        return self._rounded(value, decimals)

    def p(self, p: float, decimals: int) -> str:
        """Print a p value; what would read as 0 becomes an inequality."""
        text = self.number(p, decimals)
        if float(text) == 0:
            return "<" + self.number(Fraction(1, 10**decimals), decimals)
        return text

    def _rounded(self, value: float | Fraction, decimals: int) -> str:
        if self.manner == "printf":
            if self.way == "truncated":
                return f"{math.trunc(float(value) * 10**decimals) / 10**decimals:.{decimals}f}"
            return f"{float(value):.{decimals}f}"
        scaled = abs(Fraction(value)) * 10**decimals
        if self.way == "truncated":
            units = math.floor(scaled)
        elif self.manner == "half_up":
            units = math.floor(scaled + Fraction(1, 2))
        else:
            units = round(scaled)
        digits = str(units).zfill(decimals + 1)
        text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
        return f"-{text}" if value < 0 and units else text


@dataclass(frozen=True, slots=True)
class MadePaper:
    """A made paper.

    Parameters
    ----------
    raw
        Its paper file, before validation.
    printer
        How its numbers are printed.
    intervals, p_values
        The families of its models' intervals ("wald", "profile") and p ("wald", "lrt").
    """

    raw: dict[str, Any]
    printer: Printer
    intervals: str
    p_values: str

    @property
    def paper(self) -> Paper:
        """The paper file, validated."""
        return Paper.model_validate(self.raw)


def make_paper(seed: int, way: Rounding = "nearest") -> MadePaper:
    """Return the paper of a seed."""
    return _Maker(np.random.default_rng([seed, 4]), way).make()


class _Maker:
    """Draws patients and fills the paper file with what is printed about them."""

    def __init__(self, rng: np.random.Generator, way: Rounding) -> None:
        self.rng = rng
        self.print = Printer(str(rng.choice(MANNERS)), way)
        n_groups = 2 if rng.random() < 0.75 else 3
        self.names = ("refractory", "other") if n_groups == 2 else ("mild", "moderate", "severe")
        self.sizes = rng.integers(10, 61, n_groups)
        self.group = np.repeat(np.arange(n_groups), self.sizes)
        self.severity = rng.normal(size=len(self.group)) + 0.5 * self.group
        self.percent_decimals = int(rng.integers(0, 3))
        self.p_decimals = int(rng.integers(2, 4))
        self.intervals, self.p_values = str(
            rng.choice(("wald wald", "profile lrt", "profile wald", "wald lrt"),
                       p=(0.7, 0.14, 0.1, 0.06))
        ).split()  # fmt: skip
        self.columns: dict[str, Floats] = {}  # categories as codes; NaN where missing
        self.levels: dict[str, tuple[str, ...]] = {}
        self.raw: dict[str, Any] = {
            "title": "A made paper",
            "missing_declared": True,
            "groups": {
                "all": {"label": "patients", "arm": "cohort"},
                **{n: {"label": f"{n} group", "arm": "cohort", "outcome": [n]} for n in self.names},
            },
            "partitions": [{"whole": "all", "parts": list(self.names)}],
            "variables": {},
            "size": [{"id": f"size.{n}", "place": "Table 1, heading", "group": n, "n": str(size)}
                     for n, size in zip(self.names, self.sizes, strict=True)],
        }  # fmt: skip
        for key in ("count", "missing", "mean", "median", "range", "p", "model", "correlation",
                    "same", "claim", "same_patients", "zeros"):  # fmt: skip
            self.raw[key] = []

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def make(self) -> MadePaper:
        """Draw everything, and print it."""
        rng = self.rng
        if self.chance(0.8):
            total = str(len(self.group))
            self.add("size", {"id": "size.all", "group": "all", "n": total}, place="Methods")
        if self.chance(0.4):
            self._outcome_shares()
        for j in range(int(rng.integers(4, 11))):
            self._category(f"c{j}", n_levels=int(rng.choice((2, 3, 4), p=(0.65, 0.2, 0.15))))
        for j in range(int(rng.integers(1, 4))):
            self._score(f"s{j}")
        for j in range(int(rng.integers(1, 4))):
            self._measurement(f"m{j}")
        if self.chance(0.25):
            self._expression()
        self._models()
        self._correlations()
        self._restated()
        return MadePaper(self.raw, self.print, self.intervals, self.p_values)

    def add(self, key: str, entry: dict[str, Any], place: str = "Table 1") -> None:
        self.raw[key].append({"place": place, **entry})

    def members(self, group: str) -> NDArray[np.bool_]:
        if group == "all":
            return np.ones(len(self.group), dtype=bool)
        return self.group == self.names.index(group)

    def groups_shown(self) -> tuple[str, ...]:
        """Return the groups of a row; "all" only where its size is known from the paper."""
        return (*self.names, "all") if self.chance(0.3) else self.names

    def leave_out(self, name: str, values: Floats, *, in_numbers: bool) -> bool:
        """Leave values out, say so, and return whether by a number beside each count or mean."""
        share = float(self.rng.uniform(0.03, 0.25)) if self.chance(0.3) else 0.0
        values[self.rng.random(len(values)) < share] = np.nan
        self.columns[name] = values
        beside = in_numbers and self.chance(0.5)
        if not beside:
            for group in (*self.names, "all"):
                n = int(np.isnan(values[self.members(group)]).sum())
                if n:
                    self.add("missing", {"id": f"missing.{name}.{group}", "variable": name,
                                         "group": group, "n": str(n)})  # fmt: skip
        return beside

    def _outcome_shares(self) -> None:
        total = len(self.group)
        for name, size in zip(self.names, self.sizes, strict=True):
            share = self.print.number(Fraction(100 * int(size), total), self.percent_decimals)
            self.add("count", {"id": f"outcome.{name}", "variable": "outcome", "level": name,
                               "group": "all", "n": str(size), "percent": share})  # fmt: skip
        if not any(size["group"] == "all" for size in self.raw["size"]):
            self.add("size", {"id": "size.all", "group": "all", "n": str(total)}, place="Methods")

    def _category(self, name: str, n_levels: int) -> None:
        rng = self.rng
        if n_levels == 2:
            self.levels[name] = ("no", "yes")
            cut = rng.normal(0.3, 0.8)
            weight = rng.choice((0.0, 0.7, -0.7, 1.5))
            values = (weight * self.severity + rng.normal(size=len(self.group)) > cut).astype(float)
        else:
            self.levels[name] = tuple(f"grade{level}" for level in range(n_levels))
            shift = rng.choice((0.0, 0.6)) * self.severity + rng.normal(size=len(self.group))
            cuts = np.sort(rng.normal(0.2, 0.8, n_levels - 1))
            values = np.searchsorted(cuts, shift).astype(float)
        beside = self.leave_out(name, values, in_numbers=True)
        ordered = n_levels > 2 and self.chance(0.6)
        if self.chance(0.8):
            self.raw["variables"][name] = {"levels": list(self.levels[name]), "ordered": ordered}
        shown = list(range(n_levels))
        if n_levels == 2 and self.chance(0.5):
            shown = [1]
        elif n_levels > 2 and self.chance(0.1):
            shown.pop(int(rng.integers(n_levels)))
        form = str(rng.choice(("both", "n", "percent"), p=(0.8, 0.1, 0.1)))
        for group in self.groups_shown():
            inside = values[self.members(group)]
            total = int((~np.isnan(inside)).sum())
            if total == 0:
                continue
            for code in shown:
                n = int((inside == code).sum())
                entry = {"id": f"{name}.{self.levels[name][code]}.{group}", "variable": name,
                         "level": self.levels[name][code], "group": group}  # fmt: skip
                if form != "percent":
                    entry["n"] = str(n)
                if form != "n":
                    share = Fraction(100 * n, total)
                    entry["percent"] = self.print.number(share, self.percent_decimals)
                if beside:
                    entry["of"] = str(total)
                self.add("count", entry)
        self._p_of_category(name, ordered=ordered)

    def _p_of_category(self, name: str, *, ordered: bool) -> None:
        values = self.columns[name]
        counts = np.array([[int((values[self.group == g] == code).sum())
                            for code in range(len(self.levels[name]))]
                           for g in range(len(self.names))])  # fmt: skip
        tests = ["pearson_chi_square", "likelihood_ratio_chi_square"]
        if counts.shape == (2, 2):
            tests += ["pearson_chi_square_corrected", "fisher_exact", "fisher_doubled",
                      "fisher_mid_p", "linear_by_linear"]  # fmt: skip
            if self.chance(0.03):
                tests = ["boschloo"]
        elif ordered:
            tests.append("linear_by_linear")
        test = str(self.rng.choice(tests))
        p = table_p(test, counts)
        if p is None:
            return
        entry = {"id": f"p.{name}", "variable": name, "groups": list(self.names),
                 "p": self.print.p(p, self.p_decimals)}  # fmt: skip
        if self.chance(0.85):
            entry["claimed"] = test
        if test == "pearson_chi_square" and self.chance(0.2):
            used = counts[:, counts.sum(axis=0) > 0]
            found = stats.chi2_contingency(used, correction=False)
            entry["statistic"] = self.print.number(float(found.statistic), 2)
            entry["df"] = str(found.dof)
        self.add("p", entry)
        self._claim(entry, p)

    def _claim(self, entry: dict[str, Any], p: float) -> None:
        if self.chance(0.1):
            self.add("claim", {"id": f"claim.{entry['id']}", "of": f"{entry['id']}.p",
                               "significant": p < 0.05}, place="Results")  # fmt: skip

    def _score(self, name: str) -> None:
        rng = self.rng
        low, high = ((0, 10), (0, 5), (0, 100), (1, 7))[int(rng.integers(4))]
        items = int(rng.choice((1, 1, 1, 4)))
        centre, spread = rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.3)
        weight = rng.choice((0.0, 0.1, 0.2))
        raw = low + (high - low) * (
            centre + spread * rng.normal(size=(items, len(self.group))) + weight * self.severity
        )
        whole = np.clip(np.rint(raw), low, high)
        declared = {"step": "1", "low": str(low), "high": str(high), "items": items}
        if self.chance(0.9):
            self.raw["variables"][name] = declared
        beside = self.leave_out(name, whole.sum(axis=0) / items, in_numbers=True)
        self._summaries(name, beside=beside, unit=Fraction(1, items))

    def _measurement(self, name: str) -> None:
        rng = self.rng
        noise = rng.normal(size=len(self.group)) + rng.choice((0.0, 0.5)) * self.severity
        kind = int(rng.integers(3))
        if kind == 0:
            values = rng.uniform(20, 60) + rng.uniform(3, 15) * noise
        elif kind == 1:
            values = np.exp(rng.uniform(0, 6) + rng.uniform(0.3, 1.0) * noise)
        else:
            values = rng.uniform(-1, 1) + rng.uniform(0.5, 3) * noise
        beside = self.leave_out(name, values, in_numbers=True)
        self._summaries(name, beside=beside, unit=None)

    def _expression(self) -> None:
        """Draw a finding and a measurement of the same thing, 0 in those without the finding."""
        rng = self.rng
        present = (rng.random(len(self.group)) < rng.uniform(0.4, 0.9)).astype(float)
        self.columns["found"] = present
        self.levels["found"] = ("no", "yes")
        for group in self.names:
            n = int(present[self.members(group)].sum())
            self.add("count", {"id": f"found.yes.{group}", "variable": "found", "level": "yes",
                               "group": group, "n": str(n)})  # fmt: skip
        amount = np.where(present == 1, np.exp(rng.normal(1, 0.7, len(self.group))), 0.0)
        self.columns["amount"] = amount
        self.raw["zeros"].append({"finding": "found", "level": "no", "variable": "amount",
                                  "remark": "made so"})  # fmt: skip
        self.raw["same_patients"].append({"variables": ["found", "amount"], "remark": "made so"})
        self._summaries("amount", beside=False, unit=None)

    def _summaries(self, name: str, *, beside: bool, unit: Fraction | None) -> None:
        """Print means with SDs, or medians with quartiles; ranges; and a p."""
        rng = self.rng
        values = self.columns[name]
        decimals = int(rng.integers(0, 3) if unit is None else rng.integers(1, 3))
        medians = not beside and self.chance(0.2)
        definition = str(rng.choice(("linear", "weibull", "hazen")))
        ranges = self.chance(0.2)
        for group in self.groups_shown():
            inside = values[self.members(group)]
            inside = inside[~np.isnan(inside)]
            if len(inside) < 2:
                continue
            base = {"variable": name, "group": group}
            if medians:
                q = np.quantile(inside, (0.25, 0.5, 0.75), method=definition)
                texts = [self.print.number(float(value), decimals) for value in q]
                quartiles = dict(zip(("q1", "median", "q3"), texts, strict=True))
                self.add("median", {"id": f"{name}.median.{group}", **base, **quartiles})
            else:
                mean: float | Fraction = float(inside.mean())
                if unit is not None:
                    units = sum(round(Fraction(value) / unit) for value in inside.tolist())
                    mean = Fraction(units) * unit / len(inside)
                entry = {"id": f"{name}.mean.{group}", **base,
                         "mean": self.print.number(mean, decimals),
                         "sd": self.print.number(float(inside.std(ddof=1)), decimals)}  # fmt: skip
                if beside:
                    entry["n"] = str(len(inside))
                self.add("mean", entry)
            if ranges:
                texts = [self.print.number(float(value), decimals)
                         for value in (inside.min(), inside.max())]  # fmt: skip
                self.add("range", {"id": f"{name}.range.{group}", **base,
                                   "low": texts[0], "high": texts[1]})  # fmt: skip
        self._p_of_values(name, medians=medians)

    def _p_of_values(self, name: str, *, medians: bool) -> None:
        values = self.columns[name]
        groups = [values[(self.group == g) & ~np.isnan(values)] for g in range(len(self.names))]
        if len(self.names) == 3:
            tests = ["kruskal_wallis"] if medians else ["anova", "kruskal_wallis"]
        elif medians:
            tests = ["mann_whitney", "mann_whitney_corrected", "mann_whitney_exact"]
        else:
            tests = ["student_t", "student_t", "welch_t", "mann_whitney", "mann_whitney_corrected"]
        test = str(self.rng.choice(tests))
        found = values_p(test, groups)
        if found is None:
            return
        p, statistic = found
        entry = {"id": f"p.{name}", "variable": name, "groups": list(self.names),
                 "p": self.print.p(p, self.p_decimals)}  # fmt: skip
        if test != "anova" and self.chance(0.85):
            entry["claimed"] = test.removesuffix("_corrected")
        if test in ("student_t", "anova") and self.chance(0.2) and statistic is not None:
            n = sum(len(group) for group in groups)
            entry["statistic"] = self.print.number(statistic, 2)
            within = n - len(groups)
            entry["df"] = f"{len(groups) - 1}, {within}" if test == "anova" else str(within)
        self.add("p", entry)
        self._claim(entry, p)

    def _models(self) -> None:
        """Print univariable models of some yes/no variables, and one with two terms."""
        yes_no = [name for name, levels in self.levels.items() if levels == ("no", "yes")]
        numbers = [name for name in self.columns if name[0] in "sm"]
        y = (self.group == 0).astype(float)
        level = "95" if self.chance(0.9) else "90"
        claimed = "ml" if self.chance(0.8) else None
        decimals = 2 if self.chance(0.8) else 1
        if self.chance(0.6):
            for name in yes_no[: int(self.rng.integers(1, 9))]:
                self._model(f"uni.{name}", [name], y, level, claimed, decimals)
        if len(yes_no) + len(numbers) >= 2:
            terms = list(self.rng.permutation(yes_no)[:2])
            if self.chance(0.3) or len(terms) < 2:
                terms = [*terms[:1], str(self.rng.choice(numbers))]
            self._model("multi", [str(term) for term in terms], y, level, claimed, decimals)

    def _model(
        self, name: str, terms: list[str], y: Floats, level: str, claimed: str | None, decimals: int
    ) -> None:
        X = np.column_stack([np.ones(len(y)), *(self.columns[term] for term in terms)])
        known = ~np.isnan(X).any(axis=1)
        X, y = X[known], y[known]
        fitted = fit_logistic(X, y)
        if fitted is None or fitted.se.max() > 5:
            return
        lines = []
        for j, term in enumerate(terms, start=1):
            line = self._line(X, y, fitted, j, QUANTILES[level], decimals)
            if line is None:
                return
            lines.append({"term": term, **line})
        entry = {"id": name, "outcome": self.names[0], "group": "all", "level": level,
                 "terms": lines}  # fmt: skip
        if claimed:
            entry["claimed"] = claimed
        self.add("model", entry, place="Table 2")

    def _line(
        self, X: Floats, y: Floats, fitted: Any, j: int, quantile: float, decimals: int
    ) -> dict[str, str] | None:
        b, se = float(fitted.b[j]), float(fitted.se[j])
        limits: tuple[float, float] | None = (b - quantile * se, b + quantile * se)
        if self.intervals == "profile":
            limits = profile_limits(X, y, fitted, j, quantile)
        p: float | None = float(2 * stats.norm.sf(abs(b) / se))
        if self.p_values == "lrt":
            p = likelihood_ratio_p(X, y, fitted, j)
        if limits is None or p is None or limits[1] > 12:
            return None
        texts = [self.print.number(math.exp(value), decimals) for value in (b, *limits)]
        return {"odds_ratio": texts[0], "low": texts[1], "high": texts[2],
                "p": self.print.p(p, self.p_decimals)}  # fmt: skip

    def _correlations(self) -> None:
        numbers = [name for name in self.columns if name[0] in "sm"]
        for j in range(int(self.rng.integers(0, 3))):
            if len(numbers) < 2:
                return
            x, y = (str(name) for name in self.rng.choice(numbers, 2, replace=False))
            known = ~np.isnan(self.columns[x]) & ~np.isnan(self.columns[y])
            a, b = self.columns[x][known], self.columns[y][known]
            if len(a) < 4 or np.ptp(a) == 0 or np.ptp(b) == 0:
                continue
            spearman = self.chance(0.6)
            found = stats.spearmanr(a, b) if spearman else stats.pearsonr(a, b)
            r = float(found.statistic)
            entry = {"id": f"r{j}", "x": x, "y": y, "group": "all",
                     "r": self.print.number(r, int(self.rng.integers(2, 4))),
                     "p": self.print.p(float(found.pvalue), 3)}  # fmt: skip
            if spearman:
                entry["claimed"] = "spearman"
            self.add("correlation", entry, place="Results")

    def _restated(self) -> None:
        """Restate some percentages in the abstract, with the same digits."""
        shares = [count for count in self.raw["count"] if "percent" in count]
        for j in range(min(len(shares), int(self.rng.integers(0, 3)))):
            count = shares[int(self.rng.integers(len(shares)))]
            self.add("same", {"id": f"abstract.{j}", "printed": count["percent"],
                              "of": f"{count['id']}.percent"}, place="Abstract")  # fmt: skip
