"""TRIPOD for the development of a prediction model: what is asked in our own words.

Items of TRIPOD that concern only the validation of an existing model in other data (10c, 10e,
12, 13c, 17, 19a) are not listed.
"""

from __future__ import annotations

from myocohort.report.checklists.facts import (
    characteristics,
    enrolled,
    estimates,
    final_models,
    flow,
    limitations,
    missing_handled,
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
from myocohort.report.model.models import INTERCEPT, METHOD_NAMES, Results
from myocohort.report.rounding import fixed_text
from myocohort.report.wording import counted

REFERENCE = "Collins GS, et al. Ann Intern Med 2015;162:55-63 (TRIPOD statement)"


def _source(results: Results) -> Answer:
    inputs = (results.get("manifest") or {}).get("inputs") or ()
    if not inputs:
        return OPEN
    return partly(
        f"{counted(len(inputs), 'file')} of records with rows and hash",
        "design and origin of the data are for the authors",
        "manifest",
    )


def _treatments(results: Results) -> Answer:
    if not present(present(results, "patients_over_time"), "glucocorticoid"):
        return OPEN
    return partly(
        "doses of glucocorticoids over time", "other treatments are for the authors",
        "patients_over_time",
    )  # fmt: skip


def _blinding(results: Results) -> Answer:
    if outcome_definition(results) is OPEN:
        return OPEN
    return partly(
        "one rule decides the outcome of every patient from the records",
        "who measured, and what they knew, is for the authors",
        "decisions",
    )


def _predictors(results: Results) -> Answer:
    screening = results.get("screening") or {}
    models = final_models(results)
    if screening.get("rows"):
        n, anchor = len(screening["rows"]), "screening"
    elif models:
        first = next(iter(models.values()))
        n, anchor = sum(term["name"] != INTERCEPT for term in first["terms"]), "model"
    else:
        return OPEN
    return partly(
        f"{counted(n, 'candidate')} by name", "how and when each was measured is for the authors",
        anchor,
    )  # fmt: skip


def _size(results: Results) -> Answer:
    models = final_models(results)
    if not models:
        return OPEN
    first = next(iter(models.values()))
    per = fixed_text(first["events_per_variable"], 1)
    return partly(
        f"{first['n']} patients, {counted(first['events'], 'event')}, {per} events per variable",
        "how this number came about is for the authors",
        "model",
    )


def _handling(results: Results) -> Answer:
    models = final_models(results)
    if not models:
        return OPEN
    return partly(
        "terms are yes/no or numbers on a straight line, as the study file names them",
        "why they are coded so is for the authors",
        "model",
    )


def _building(results: Results) -> Answer:
    models = final_models(results)
    if not models:
        return OPEN
    named = ", ".join(METHOD_NAMES.get(key, key) for key in models)
    facts = [f"logistic regression ({named})"]
    screening = results.get("screening") or {}
    if screening.get("rows"):
        facts.append(f"{counted(len(screening['rows']), 'candidate')} screened one by one")
    validation = results.get("validation")
    if validation and any(not model["error"] for model in validation["models"]):
        facts.append(f"internal validation by {validation['resamples']} resamples")
        return Answer("answered", "; ".join(facts), "methods")
    return partly("; ".join(facts), "the model is not validated", "methods")


def _validated_measures(results: Results) -> list[str]:
    models = (results.get("validation") or {}).get("models") or ()
    names = [m["name"] for model in models if not model["error"] for m in model["measures"]]
    return list(dict.fromkeys(names))


def _measures(results: Results) -> Answer:
    names = _validated_measures(results)
    if not names:
        return OPEN
    return Answer("answered", ", ".join(names), "validation")


def _risk_groups(results: Results) -> Answer:
    if not final_models(results):
        return OPEN
    return Answer("does not apply", "this report forms no groups of risk")


def _numbers(results: Results) -> Answer:
    models = final_models(results)
    if not models:
        return OPEN
    first = next(iter(models.values()))
    fact = (
        f"{first['n']} patients and {counted(first['events'], 'event')} in the final model, "
        f"{first['n_missing']} left out for missing values"
    )
    return Answer("answered", fact, "model")


def _unadjusted(results: Results) -> Answer:
    screening = results.get("screening") or {}
    tested = sum(row["p"] is not None for row in screening.get("rows") or ())
    if tested:
        return Answer(
            "answered", f"{counted(tested, 'candidate')} tested alone against the outcome",
            "screening",
        )  # fmt: skip
    rows = sum(row.get("p") is not None for row in rows_of_tables(results))
    if rows:
        fact = f"{counted(rows, 'variable')} compared between the groups"
        return Answer("answered", fact, "indicators")
    return OPEN


def _full_model(results: Results) -> Answer:
    models = final_models(results)
    if not models:
        return OPEN
    fact = estimates(models)
    if any(term["name"] == INTERCEPT for model in models.values() for term in model["terms"]):
        return Answer("answered", f"{fact}; and the intercept", "model")
    return partly(fact, "there is no intercept", "model")


def _performance(results: Results) -> Answer:
    prediction = present(results, "prediction").get("models") or ()
    measures = [m for model in prediction if not model["error"] for m in model["measures"]]
    limited = list(dict.fromkeys(m["name"] for m in measures if m["interval"]))
    bare = list(dict.fromkeys(m["name"] for m in measures if m["name"] not in limited))
    if limited and not bare:
        return Answer("answered", f"{', '.join(limited)}, with intervals", "prediction")
    if limited:
        fact = f"{', '.join(limited)} with intervals"
        return partly(fact, f"{', '.join(bare)} without", "prediction")
    names = _validated_measures(results)
    if names:
        fact = f"{', '.join(names)}, apparent and corrected for optimism"
        return partly(fact, "without intervals", "validation")
    return OPEN


def _further(results: Results) -> Answer:
    if not results.get("manifest"):
        return OPEN
    return partly(
        "results.json, the workbook and the manifest go with this report",
        "protocol and data are for the authors", "manifest",
    )  # fmt: skip


def _characteristics(results: Results) -> Answer:
    answer = characteristics(results)
    if answer is OPEN or not results.get("missing"):
        return answer
    gaps = sum(bool(row["missing"]) for row in results["missing"])
    fact = f"{answer.fact}; {counted(gaps, 'variable')} with missing values"
    return Answer(answer.status, fact, answer.anchor)


def _outcome_time(results: Results) -> Answer:
    answer = flow(results)
    counts = results.get("outcome") or {}
    if answer is OPEN:
        return OPEN
    return partly(
        f"{enrolled(results)} enrolled, {counts.get('lost', 0)} lost; "
        f"{counts.get('refractory', 0)} with and {counts.get('non_refractory', 0)} without the "
        "outcome of the rule",
        "how many were screened and eligible is not in the records",
        "flow",
    )


TRIPOD = Checklist(
    "TRIPOD",
    "development of a prediction model",
    "Collins and others, Annals of Internal Medicine",
    REFERENCE,
    (
        Item("1", TITLE, "Does the title say that a model was developed, for whom and for what?"),
        Item("2", TITLE, "Does the abstract sum up aims, design, patients, model and results?"),
        Item("3a", INTRODUCTION, "Why is the model needed, and which models exist?"),
        Item("3b", INTRODUCTION, "What is the aim: to develop, to validate, or both?"),
        Item("4a", METHODS, "What design do the data come from?", _source),
        Item("4b", METHODS, "From when to when were patients enrolled and followed?"),
        Item("5a", METHODS, "In which setting, how many centres, where?"),
        Item("5b", METHODS, "Who could take part?"),
        Item("5c", METHODS, "Which treatments were given?", _treatments),
        Item("6a", METHODS, "What is predicted, and how and when is it determined?",
             outcome_definition),
        Item("6b", METHODS, "Was the outcome judged without knowing the predictors?", _blinding),
        Item("7a", METHODS, "Which predictors, and how and when were they measured?",
             _predictors),
        Item("7b", METHODS, "Were predictors judged without knowing the outcome?"),
        Item("8", METHODS, "How did the number of patients come about?", _size),
        Item("9", METHODS, "How were missing values dealt with?", missing_handled),
        Item("10a", METHODS, "How were predictors handled in the model?", _handling),
        Item("10b", METHODS, "Which model, how was it built, how validated internally?",
             _building),
        Item("10d", METHODS, "By which measures was performance judged?", _measures),
        Item("11", METHODS, "How were groups of risk formed, if any?", _risk_groups),
        Item("13a", RESULTS, "How did patients pass through, how many with the outcome?",
             _outcome_time),
        Item("13b", RESULTS, "What are the patients like, and how many values are missing?",
             _characteristics),
        Item("14a", RESULTS, "How many patients and events does each model rest on?", _numbers),
        Item("14b", RESULTS, "If done: how does each candidate go with the outcome alone?",
             _unadjusted),
        Item("15a", RESULTS, "Is the whole model given, with every coefficient and intercept?",
             _full_model),
        Item("15b", RESULTS, "How is the model used for a patient?"),
        Item("16", RESULTS, "How well does the model perform, with intervals?", _performance),
        Item("18", DISCUSSION, "Which limits does the study have?", limitations),
        Item("19b", DISCUSSION, "What do the results mean beside aims and other evidence?"),
        Item("20", DISCUSSION, "What use could the model have, and what is still to be studied?"),
        Item("21", OTHER, "Where are protocol, calculator and data?", _further),
        Item("22", OTHER, "Who paid, and what part did they have?"),
    ),
)  # fmt: skip
