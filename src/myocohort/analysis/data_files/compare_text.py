"""A comparison of groups as text for the terminal."""

from __future__ import annotations

from typing import Any

from myocohort.analysis.wording import effect_text, p_text


def comparison_lines(compared: dict[str, Any]) -> list[str]:
    """Return a comparison as lines of text for the terminal."""
    group = compared["group"]
    sizes = ", ".join(f"{g['code']} (n {g['n']})" for g in group["groups"])
    lines = [
        f"{compared['file']}: {compared['rows']} rows; {group['column']}: {sizes}; "
        f"missing {group['n_missing']}",
        f"Tests by the rule {compared['rule']['name']}: {compared['rule']['label']}.",
        f"Quartiles: {compared['quartiles']}.",
    ]
    adjustment = compared["adjustment"]
    if adjustment:
        lines.append(
            f"p adjusted by {adjustment['method']}, for the {adjustment['family']} variables "
            f"with a p."
        )
    if len(group["groups"]) == 2:
        first, second = (g["code"] for g in group["groups"])
        lines.append(f"In effects the first group is {first}, the second {second}.")
    lines += compared["notes"]
    for row in compared["variables"]:
        lines += ["", *_variable_lines(row, adjusted=adjustment is not None)]
    return lines


def _variable_lines(row: dict[str, Any], *, adjusted: bool) -> list[str]:
    event = f", event {row['event']}" if row["event"] else ""
    kind = {"yes_no": "yes or no"}.get(row["kind"], row["kind"])
    lines = [f"{row['variable']} ({kind}{event}): n {row['n']}, missing {row['n_missing']}"]
    lines += [f"  {s['group']}: {_summary(row, s)}" for s in row["summaries"]]
    test = row["test"]
    p = f"p {p_text(row['p'])}"
    if adjusted and row["p"] is not None:
        p += f", adjusted {p_text(row['p_adjusted'])}"
    lines += [f"  {test['method']}: {p}", f"    chosen because: {test['reason']}"]
    lines += [f"  {effect_text(effect)}" for effect in row["effects"]]
    if row["pairs"]:
        lines.append(f"  {row['pairs']['method']}:")
        lines += [
            f"    {pair['first']} against {pair['second']}: mean ranks differ by "
            f"{pair['rank_difference']:.2f}, p {p_text(pair['p'])}, "
            f"adjusted {p_text(pair['p_adjusted'])}"
            for pair in row["pairs"]["pairs"]
        ]
    warnings = [*row["warnings"], *(w for effect in row["effects"] for w in effect["warnings"])]
    return lines + [f"  warning: {warning}" for warning in dict.fromkeys(warnings)]


def _summary(row: dict[str, Any], summary: dict[str, Any]) -> str:
    if row["kind"] == "number":
        if summary["n"] == 0:
            return "no value"
        sd = "SD not computed" if summary["sd"] is None else f"SD {summary['sd']:.2f}"
        return (
            f"mean {summary['mean']:.2f} ({sd}), median {summary['median']:.2f} "
            f"({summary['lower_quartile']:.2f} to {summary['upper_quartile']:.2f}), "
            f"n {summary['n']}"
        )
    shown = [
        f"{count} of {summary['n']}" + ("" if share is None else f" ({share:.1f}%)")
        for count, share in zip(summary["counts"], summary["percentages"], strict=True)
    ]
    if row["event"]:
        return shown[1]
    return ", ".join(f"{name} {text}" for name, text in zip(row["labels"], shown, strict=True))
