"""STROBE for cohort studies: 22 items, what is asked in our own words."""

from __future__ import annotations

from myocohort.report.checklists.facts import (
    characteristics,
    enrolled,
    estimates,
    final_models,
    flow,
    limitations,
    losses,
    missing_handled,
    missing_values,
    outcome_definition,
    present,
    rows_of_tables,
)
from myocohort.report.checklists.item import (
    DISCUSSION,
    INTRODUCTION,
    METHODS,
    OPEN,
    OTHER,
    RESULTS,
    TITLE,
    Answer,
    Checklist,
    Item,
    partly,
)
from myocohort.report.model.models import Results
from myocohort.report.rounding import plain_text
from myocohort.report.wording import counted

REFERENCE = "von Elm E, et al. Lancet 2007;370:1453-1457 (STROBE statement)"


def _setting(results: Results) -> Answer:
    months = (present(results, "courses").get("mrs") or {}).get("months") or ()
    if not months:
        return OPEN
    listed = ", ".join(str(month["month"]) for month in months)
    return partly(
        f"planned visits at months {listed}", "places and dates are for the authors", "courses"
    )


def _matching(results: Results) -> Answer:
    arms = (results.get("study") or {}).get("arms") or ()
    if arms and not any(arm["role"] == "controls" for arm in arms):
        return Answer("does not apply", "the study has no group of controls")
    return OPEN


def _variables(results: Results) -> Answer:
    defined = outcome_definition(results)
    if defined is OPEN:
        return OPEN
    return partly(
        defined.fact,
        "diagnostic criteria and what was taken for a confounder are for the authors",
        "flow",
    )


def _sources(results: Results) -> Answer:
    inputs = (results.get("manifest") or {}).get("inputs") or ()
    if not inputs:
        return OPEN
    return partly(
        f"{counted(len(inputs), 'file')} of records with rows and hash",
        "how each variable was measured is for the authors",
        "manifest",
    )


def _bias(results: Results) -> Answer:
    if not present(present(results, "robustness"), "followed"):
        return OPEN
    return partly(
        "those who were lost are compared with those who were not",
        "how bias was kept small while the data were collected is for the authors",
        "robustness",
    )


def _quantitative(results: Results) -> Answer:
    numbers = {row["variable"] for row in rows_of_tables(results) if row["kind"] == "number"}
    if not numbers:
        return OPEN
    return partly(
        f"{counted(len(numbers), 'quantitative variable')} with mean, SD, median and quartiles",
        "why any was cut into groups is for the authors",
        "indicators",
    )


def _methods(results: Results) -> Answer:
    tested = [row for row in rows_of_tables(results) if row.get("p") is not None]
    models = final_models(results)
    if not results.get("methods") or not (tested or models):
        return OPEN
    fact = f"the methods of {counted(len(tested), 'comparison')}" if tested else "the methods"
    if models:
        return Answer(
            "answered", f"{fact} and of the model, as they were run; terms adjust for each other",
            "methods",
        )  # fmt: skip
    return partly(f"{fact}, as they were run", "nothing is adjusted for confounding", "methods")


def _subgroups(results: Results) -> Answer:
    if not results.get("methods"):
        return OPEN
    by_month = [
        scale["name"]
        for scale in present(results, "imaging").get("scales") or ()
        if present(scale, "model").get("form") in ("months", "line")
    ]
    lacking = "what else was done is for the authors"
    if by_month:
        fact = f"group by month in the models of MRI scores ({', '.join(by_month)})"
        return partly(fact, f"no other interaction; {lacking}", "imaging")
    return partly("this report examines no interaction", lacking, "methods")


def _lost_handled(results: Results) -> Answer:
    counts = results.get("outcome") or {}
    if not counts:
        return OPEN
    lost = f"{counts.get('lost', 0)} of {enrolled(results)} are lost and counted apart"
    if present(present(results, "robustness"), "lost"):
        fact = f"{lost}; worst and best outcomes of the lost are tried in the model"
        return Answer("answered", fact, "robustness")
    if present(results, "courses").get("times"):
        fact = f"{lost}; curves over time use them until their last visit"
        return Answer("answered", fact, "courses")
    return partly(lost, "what their absence could change is not examined", "flow")


def _sensitivity(results: Results) -> Answer:
    models = final_models(results)
    robustness = present(results, "robustness")
    done = [
        words
        for key, words in (
            ("lost", "outcomes of the lost"),
            ("influence", "each patient left out"),
            ("confounding", "confounding that was not measured"),
        )
        if present(robustness, key)
    ]
    if done:
        return Answer("answered", ", ".join(done), "robustness")
    if len(models) > 1:
        fact = f"the model by {counted(len(models), 'method')}"
        return partly(fact, "other assumptions are not varied", "model")
    return OPEN


def _diagram(results: Results) -> Answer:
    steps = results.get("flow") or ()
    if not steps:
        return OPEN
    return Answer("answered", f"drawn, with {counted(len(steps), 'box', 'boxes')}", "flow")


def _follow_up(results: Results) -> Answer:
    times = present(results, "courses").get("times") or ()
    last = [group["last"] for one in times for group in one["groups"] if group["n"]]
    if not last:
        return OPEN
    return partly(
        f"patients at risk by month, the longest followed for {plain_text(max(last), 1)} months",
        "mean and total time are not computed",
        "courses",
    )


def _outcomes(results: Results) -> Answer:
    counts = results.get("outcome") or {}
    if not counts:
        return OPEN
    fact = f"{counts.get('refractory', 0)} refractory, {counts.get('non_refractory', 0)} not"
    times = [one for one in present(results, "courses").get("times") or () if not one["error"]]
    if times:
        listed = ", ".join(f"{one['event_label']} {one['events']}" for one in times)
        return Answer("answered", f"{fact}; events over time: {listed}", "courses")
    return Answer("answered", fact, "flow")


def _estimates(results: Results) -> Answer:
    rows = rows_of_tables(results)
    effects = sum(bool(row.get("effects")) for row in rows)
    models = final_models(results)
    if not models:
        if not effects:
            return OPEN
        fact = f"unadjusted effects of {counted(effects, 'variable')} with intervals"
        return partly(fact, "none is adjusted", "indicators")
    fact = estimates(models)
    if effects:
        fact += f"; unadjusted effects of {counted(effects, 'variable')}"
        return partly(fact, "why these terms were adjusted for is for the authors", "model")
    return partly(fact, "unadjusted effects are not given", "model")


def _other_analyses(results: Results) -> Answer:
    validated = (results.get("validation") or {}).get("models", ())
    tried = present(results, "robustness").get("terms", ())
    done = [
        ("validation of the model", "validation", any(not model["error"] for model in validated)),
        ("robustness", "robustness", any(t.get("influence") or t.get("lost") for t in tried)),
        ("outcomes over time", "courses", bool(present(results, "courses").get("times"))),
        ("imaging", "imaging", bool(present(results, "imaging"))),
        ("pathology", "pathology", bool(present(results, "pathology"))),
    ]
    found = [(words, anchor) for words, anchor, there in done if there]
    if not found:
        return OPEN
    return Answer("answered", ", ".join(words for words, _ in found), found[0][1])


def _key_results(results: Results) -> Answer:
    models = final_models(results)
    if not models:
        return OPEN
    return partly(
        "the summary has the numbers", "what they say to the objectives is for the authors",
        "summary",
    )  # fmt: skip


STROBE = Checklist(
    "STROBE",
    "cohort studies",
    "von Elm and others, Lancet",
    REFERENCE,
    (
        Item("1a", TITLE, "Does the title or abstract name the design in a usual term?"),
        Item("1b", TITLE, "Does the abstract tell in balance what was done and found?"),
        Item("2", INTRODUCTION, "Why was the study made, and what was known before?"),
        Item("3", INTRODUCTION, "Which aims and which hypotheses were set beforehand?"),
        Item("4", METHODS, "What is the design, told early in the paper?"),
        Item("5", METHODS, "Where and when: places, recruitment, exposure, follow-up?", _setting),
        Item("6a", METHODS, "Who could take part, from where, and how were they followed?"),
        Item("6b", METHODS, "If matched: by what, and how many exposed and unexposed?", _matching),
        Item(
            "7", METHODS,
            "How are outcomes, exposures, predictors, confounders and diagnoses defined?",
            _variables,
        ),
        Item("8", METHODS, "Where does each variable come from, and how was it measured?",
             _sources),
        Item("9", METHODS, "What was done against bias?", _bias),
        Item("10", METHODS, "How did the number of patients come about?"),
        Item("11", METHODS, "How were quantities handled, and why grouped if they were?",
             _quantitative),
        Item("12a", METHODS, "Which statistical methods, also against confounding?", _methods),
        Item("12b", METHODS, "How were subgroups and interactions examined?", _subgroups),
        Item("12c", METHODS, "How were missing values dealt with?", missing_handled),
        Item("12d", METHODS, "How was loss to follow-up dealt with?", _lost_handled),
        Item("12e", METHODS, "Which sensitivity analyses were made?", _sensitivity),
        Item("13a", RESULTS, "How many patients were there at each stage?", flow),
        Item("13b", RESULTS, "Why did patients drop out at each stage?", losses),
        Item("13c", RESULTS, "Is there a diagram of the flow?", _diagram),
        Item("14a", RESULTS, "What are the patients like?", characteristics),
        Item("14b", RESULTS, "How many have missing values, variable by variable?",
             missing_values),
        Item("14c", RESULTS, "How long were they followed?", _follow_up),
        Item("15", RESULTS, "How many outcome events were there, over time?", _outcomes),
        Item("16a", RESULTS,
             "Unadjusted and adjusted estimates with intervals; which confounders, and why?",
             _estimates),
        Item("16b", RESULTS, "Where were quantities cut into groups?"),
        Item("16c", RESULTS, "If it helps: what are relative risks in absolute terms?"),
        Item("17", RESULTS, "Which other analyses were made?", _other_analyses),
        Item("18", DISCUSSION, "What are the main results with regard to the aims?",
             _key_results),
        Item("19", DISCUSSION, "Which limits, and which way and how far may bias go?",
             limitations),
        Item("20", DISCUSSION, "What do the results mean, cautiously, beside other evidence?"),
        Item("21", DISCUSSION, "To whom can the results be carried over?"),
        Item("22", OTHER, "Who paid, and what part did they have?"),
    ),
)  # fmt: skip
