"""The command plan, with one sub-command for each planning function."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from myocohort.cli.output import AsJson, print_json

COMMANDS = {
    "prediction-model": "prediction_model_size",
    "prediction-model-at-n": "prediction_model_at_n",
    "two-proportions": "two_proportions_size",
    "two-proportions-at-n": "two_proportions_power",
    "icc": "icc_test_size",
    "icc-width": "icc_width_size",
    "proportion": "proportion_precision",
    "odds-ratio": "odds_ratio_precision",
    "c-statistic": "c_statistic_precision",
}
"""Sub-command -> name in `PLANS`."""

N = Annotated[int, typer.Option("--n", help="Patients one has.")]
Share = Annotated[float, typer.Option(help="Expected share of patients with the event.")]
TermCount = Annotated[int, typer.Option(help="Parameters of the model: one per term or category.")]
C = Annotated[float | None, typer.Option("--c", help="Expected c-statistic.")]
CoxSnell = Annotated[float | None, typer.Option("--cox-snell-r2", help="Or this measure of fit.")]
Nagelkerke = Annotated[float | None, typer.Option("--nagelkerke-r2", help="Or this one.")]
Shrinkage = Annotated[float, typer.Option(help="Least shrinkage factor.")]
Alpha = Annotated[float, typer.Option(help="Level of the test.")]
Power = Annotated[float, typer.Option(help="Chance to find what is expected.")]
Level = Annotated[float, typer.Option(help="Coverage of the interval.")]
Continuity = Annotated[bool, typer.Option("--continuity", help="Plan with Yates's correction.")]
P1 = Annotated[float, typer.Option("--p1", help="Expected proportion of the first group.")]
P2 = Annotated[float, typer.Option("--p2", help="Expected proportion of the second group.")]
N1 = Annotated[int, typer.Option("--n1", help="Patients in the first group.")]
N2 = Annotated[int, typer.Option("--n2", help="Patients in the second group.")]
ExpectedIcc = Annotated[float, typer.Option(help="Expected ICC.")]
Raters = Annotated[int, typer.Option(help="Readings of each subject.")]


def add_commands(app: typer.Typer) -> None:
    """Put this group's commands on the app."""
    plan = typer.Typer(help="Sample size, and what the patients one has can tell.")
    plan.callback(invoke_without_command=True)(list_plans)
    functions = (
        prediction_model, prediction_model_at_n, two_proportions, two_proportions_at_n, icc,
        icc_width, proportion, odds_ratio, c_statistic,
    )  # fmt: skip
    for function in functions:
        plan.command(name=function.__name__.replace("_", "-"))(function)
    app.add_typer(plan, name="plan")


def list_plans(context: typer.Context, as_json: AsJson = False) -> None:
    """Plan sample size or precision; without a name, list what there is."""
    if context.invoked_subcommand:
        return
    from myocohort.stats.planning import PLANS

    listed = [
        {"name": name, "label": PLANS[plan].label, "finds": PLANS[plan].finds}
        for name, plan in COMMANDS.items()
    ]
    if as_json:
        print_json({"plans": listed})
        return
    for item in listed:
        typer.echo(f"{item['name']:<22}  {item['label']}")
    typer.echo("myocohort plan NAME --help lists the options of one.")


def _answer(command: str, as_json: bool, **options: Any) -> None:
    """Run a planning function and print its plan."""
    from myocohort.analysis.planned import plan_lines
    from myocohort.stats.planning import PLANS

    plan = PLANS[COMMANDS[command]].run(**options).as_dict()
    if as_json:
        print_json(plan)
        return
    for line in plan_lines(plan):
        typer.echo(line)


def _fit(c: float | None, cox_snell: float | None, nagelkerke: float | None) -> dict[str, Any]:
    """Return the measure of fit; none or several is wrong usage."""
    given = {"c_statistic": c, "cox_snell_r2": cox_snell, "nagelkerke_r2": nagelkerke}
    if sum(value is not None for value in given.values()) != 1:
        raise typer.BadParameter(
            "give exactly one: how well the model is expected to do in new patients",
            param_hint="--c, --cox-snell-r2, --nagelkerke-r2",
        )
    return given


def prediction_model(
    events_fraction: Share,
    terms: TermCount,
    c: C = None,
    cox_snell_r2: CoxSnell = None,
    nagelkerke_r2: Nagelkerke = None,
    shrinkage: Shrinkage = 0.9,
    optimism: Annotated[
        float, typer.Option(help="Largest optimism in Nagelkerke's R-squared.")
    ] = 0.05,
    margin: Annotated[float, typer.Option(help="Largest error of the overall risk.")] = 0.05,
    mape: Annotated[float, typer.Option(help="Largest mean absolute prediction error.")] = 0.05,
    as_json: AsJson = False,
) -> None:
    """Find the patients that a logistic prediction model needs (Riley's criteria)."""
    _answer(
        "prediction-model", as_json, prevalence=events_fraction, parameters=terms,
        shrinkage=shrinkage, optimism=optimism, margin=margin, mape=mape,
        **_fit(c, cox_snell_r2, nagelkerke_r2),
    )  # fmt: skip


def prediction_model_at_n(
    n: N,
    events_fraction: Share,
    terms: TermCount,
    c: C = None,
    cox_snell_r2: CoxSnell = None,
    nagelkerke_r2: Nagelkerke = None,
    shrinkage: Shrinkage = 0.9,
    as_json: AsJson = False,
) -> None:
    """Tell what a prediction model of the patients one has can be expected to do."""
    _answer(
        "prediction-model-at-n", as_json, n=n, prevalence=events_fraction, parameters=terms,
        shrinkage=shrinkage, **_fit(c, cox_snell_r2, nagelkerke_r2),
    )  # fmt: skip


def two_proportions(
    p1: P1,
    p2: P2,
    power: Power = 0.8,
    alpha: Alpha = 0.05,
    ratio: Annotated[float, typer.Option(help="Second group's size over the first's.")] = 1.0,
    continuity: Continuity = False,
    as_json: AsJson = False,
) -> None:
    """Find the patients that tell two proportions apart."""
    _answer(
        "two-proportions", as_json, p1=p1, p2=p2, power=power, alpha=alpha, ratio=ratio,
        continuity=continuity,
    )  # fmt: skip


def two_proportions_at_n(
    n1: N1,
    n2: N2,
    p1: P1,
    p2: P2,
    alpha: Alpha = 0.05,
    continuity: Continuity = False,
    as_json: AsJson = False,
) -> None:
    """Find the power to tell two proportions apart in the groups one has."""
    _answer(
        "two-proportions-at-n", as_json, n1=n1, n2=n2, p1=p1, p2=p2, alpha=alpha,
        continuity=continuity,
    )  # fmt: skip


def icc(
    expected: ExpectedIcc,
    minimum: Annotated[float, typer.Option(help="Largest ICC that is to be ruled out.")],
    raters: Raters,
    power: Power = 0.8,
    alpha: Alpha = 0.05,
    as_json: AsJson = False,
) -> None:
    """Find the subjects that show that an ICC is above a minimum."""
    _answer(
        "icc", as_json, expected=expected, minimum=minimum, raters=raters, power=power, alpha=alpha
    )


def icc_width(
    expected: ExpectedIcc,
    raters: Raters,
    width: Annotated[float, typer.Option(help="Full width of the interval.")],
    level: Level = 0.95,
    as_json: AsJson = False,
) -> None:
    """Find the subjects that give an interval of an ICC of the width wanted."""
    _answer("icc-width", as_json, expected=expected, raters=raters, width=width, level=level)


def proportion(
    n: N,
    proportion: Annotated[float, typer.Option(help="Expected proportion.")],
    level: Level = 0.95,
    as_json: AsJson = False,
) -> None:
    """Find the interval of a proportion in the patients one has."""
    _answer("proportion", as_json, n=n, proportion=proportion, level=level)


def odds_ratio(
    n1: N1,
    n2: N2,
    risk1: Annotated[float, typer.Option("--risk1", help="Expected risk of the first group.")],
    risk2: Annotated[float, typer.Option("--risk2", help="Expected risk of the second group.")],
    level: Level = 0.95,
    as_json: AsJson = False,
) -> None:
    """Find the interval of an odds ratio in the groups one has."""
    _answer("odds-ratio", as_json, n1=n1, n2=n2, risk1=risk1, risk2=risk2, level=level)


def c_statistic(
    events: Annotated[int, typer.Option(help="Patients with the event.")],
    nonevents: Annotated[int, typer.Option(help="Patients without.")],
    c: Annotated[float, typer.Option("--c", help="Expected c-statistic.")],
    level: Level = 0.95,
    variance: Annotated[str, typer.Option(help="newcombe or hanley_mcneil.")] = "newcombe",
    as_json: AsJson = False,
) -> None:
    """Find the interval of a c-statistic in patients who were not used for the model."""
    _answer(
        "c-statistic", as_json, events=events, nonevents=nonevents, c_statistic=c, level=level,
        variance=variance,
    )  # fmt: skip
