"""The section on outcomes over time, against curves and counts that were made by hand."""

from __future__ import annotations

import json
import math
import random

import pytest

from myocohort.analysis.over_time.courses import methods_of_courses, references_of_courses
from myocohort.analysis.over_time.time_to_event import months_at_risk
from myocohort.analysis.sections import describe_section
from myocohort.errors import StudyFileError

SEX = """
[variables.sex]
label = "Sex"
type = "category"
table = "patients"
categories = { f = "women", m = "men", x = "other" }
"""
ASKED = SEX + '[[time_to_event]]\nevent = "death"\nby = "sex"\nmethods = ["firth", "ml"]\n'


def visit(patient, month, mrs=3, mrc="3", ck=500.0):
    """Return a visit's record."""
    return {"patient": patient, "month": float(month), "date": None, "mrs": mrs,
            "weakest_mrc": mrc, "ck": ck, "ck_uln_u_per_l": 200.0}  # fmt: skip


def of_sex(patient, sex):
    """Return an observation of a patient's sex."""
    return {"patient": patient, "table": "patients", "variable": "sex", "text": sex}


@pytest.fixture
def described(make_asked):
    """Return a function from a study body and records to `courses` of results.json."""

    def run(body, patients, visits, observations=(), provenance=()):
        rows = [{"patient": p} if isinstance(p, str) else p for p in patients]
        asked = make_asked(
            body, provenance, patients=rows, visits=list(visits), observations=list(observations)
        )
        return describe_section("courses", asked)

    return run


# Women die at 1 and 3, men at 2; one man is alive at 4: at risk 4, 3, 2, 1.
SMALL = [visit("A", 1, 6), visit("B", 3, 6), visit("C", 2, 6), visit("D", 4)]
SEXES = [of_sex(p, s) for p, s in zip("ABCD", "ffmm", strict=True)]


def test_the_curve_is_the_one_made_by_hand(described):
    """Deaths at 2 and 5, ends at 3 and 6: 3/4, then 3/4 of 1/2; the median is 5."""
    visits = [visit("A", 2, 6), visit("B", 3), visit("C", 5, 6), visit("D", 6)]
    found = described('[[time_to_event]]\nevent = "death"\n', "ABCD", visits)
    (one,) = found["times"]
    (group,) = one["groups"]
    assert [(s["time"], s["at_risk"], s["events"], s["survival"]) for s in group["steps"]] == [
        (2.0, 4, 1, 0.75), (5.0, 2, 1, 0.375),
    ]  # fmt: skip
    assert group["median"] == 5.0
    # Greenwood: 1/(4*3) after the first death.
    assert group["steps"][0]["se"] == pytest.approx(0.75 * math.sqrt(1 / 12))
    assert [(a["month"], a["at_risk"], a["survival"]) for a in group["at"]] == [
        (0, 4, 1.0), (3, 3, 0.75), (6, 1, 0.375),
    ]  # fmt: skip
    assert (one["n"], one["events"], one["causes"]) == (4, 2, {"death": 2, "censored": 2})


def test_groups_are_compared_as_by_hand(described):
    """Observed 2 women dead, expected 4/3, variance 13/18: chi-square (2/3)^2 / (13/18)."""
    (one,) = described(ASKED, "ABCD", SMALL, SEXES)["times"]
    assert one["comparison"]["statistic"] == pytest.approx((2 / 3) ** 2 / (13 / 18))
    assert one["comparison"]["df"] == 1
    assert [(g["code"], g["n"], g["events"]) for g in one["groups"]] == [
        ("f", 2, 2), ("m", 2, 1), ("x", 0, 0),
    ]  # fmt: skip
    assert one["warnings"] == ["No patient with a time to it: other."]


def test_cox_compares_with_the_first_group_by_each_method(described):
    """ML by hand: the score 2 - 2/(2 + 2r) - 1/(1 + 2r) - 1/(1 + r) is 0 at its estimate."""
    (one,) = described(ASKED, "ABCD", SMALL, SEXES)["times"]
    firth, ml = one["models"]
    assert (firth["method"], firth["against"], firth["events"]) == ("firth", "women", 3)
    ratio = 1 / ml["terms"][0]["hazard_ratio"]  # women against men
    assert 2 - 2 * ratio / (2 * ratio + 2) - ratio / (ratio + 2) - ratio / (ratio + 1) == (
        pytest.approx(0, abs=1e-6)
    )
    assert abs(firth["terms"][0]["b"]) < abs(ml["terms"][0]["b"])
    low, high = (firth["terms"][0]["ci"]["profile"][end] for end in ("low", "high"))
    assert low < firth["terms"][0]["hazard_ratio"] < high
    assert firth["terms"][0]["label"] == "Sex: men"


def test_a_group_that_the_event_forms_is_never_compared(described):
    """By outcome: one curve of all, and the reason in the place of a comparison."""
    for event in ("relapse", "remission", "death", "death_or_loss"):
        body = f'[[time_to_event]]\nevent = "{event}"\nby = "outcome"\n'
        (one,) = described(body, "ABCD", SMALL, SEXES)["times"]
        assert one["comparison"] is None
        assert one["models"] == []
        assert [group["code"] for group in one["groups"]] == ["all"]
        assert one["not_compared"].startswith("The groups of the outcome were not compared:")


def test_nothing_asked_gives_every_event_and_two_arms_are_compared(described):
    """Without a table of its own a study gets the four times, by arm where there are two."""
    found = described("", "ABCD", SMALL)
    assert [one["event"] for one in found["times"]] == [
        "relapse", "remission", "death", "death_or_loss",
    ]  # fmt: skip
    assert {one["by"] for one in found["times"]} == {None}
    body = '[arms.b]\nlabel = "second"\n'
    people = [{"patient": p, "arm": arm} for p, arm in zip("ABCD", "abab", strict=True)]
    two = described(body, people, SMALL)
    death = two["times"][2]
    assert death["by"] == "arm"
    assert [g["label"] for g in death["groups"]] == ["a", "second"]
    assert death["models"][0]["terms"][0]["label"] == "second"
    assert [g["label"] for g in two["mrs"]["groups"][:3]] == ["All patients", "a", "second"]


def test_bad_input_is_left_out_and_said(described):
    """No follow-up, an unknown sex, nobody with a time: counted by reason with who they are."""
    (one,) = described(ASKED, "ABCDE", [*SMALL, visit("E", 0)], SEXES[:3])["times"]
    assert one["left_out"] == [
        {"reason": "Sex not known", "n": 1, "patients": ["D"]},
        {"reason": "no visit after the start of treatment", "n": 1, "patients": ["E"]},
    ]
    assert (one["n"], one["comparison"]["n"]) == (3, 3)
    (nobody,) = described(ASKED, "AB", [visit("A", 0)], SEXES)["times"]
    assert nobody["error"] == "no patient has a time to it"
    assert nobody["groups"] == []
    assert described(SEX, [], [])["left_out"] == "No patient is followed."


def test_no_event_and_one_event(described):
    """None: flat, no p, no model, with reasons. One: a curve, and numbers with warnings."""
    alive = [visit(p, 12) for p in "ABCD"]
    (none,) = described(ASKED, "ABCD", alive, SEXES)["times"]
    assert none["groups"][0]["steps"] == []
    assert none["comparison"]["p"] is None
    assert "nobody had the event" in none["comparison"]["warnings"][0]
    assert all("nobody of the 4 had the event" in model["error"] for model in none["models"])
    (one,) = described(ASKED, "ABCD", [*alive[1:], visit("A", 6, 6)], SEXES)["times"]
    assert one["events"] == 1
    assert one["comparison"]["p"] is not None
    assert one["comparison"]["warnings"]
    firth, ml = one["models"]
    assert math.isfinite(firth["terms"][0]["hazard_ratio"])
    assert ml["terms"][0]["hazard_ratio"] == 0.0  # no man died: it runs to minus infinity
    assert any("monotone" in warning for warning in ml["warnings"])


def test_one_group_alone_is_not_modelled(described):
    """All women: a curve, no p and no hazard ratio, and the empty groups are named."""
    women = [of_sex(p, "f") for p in "ABCD"]
    (one,) = described(ASKED, "ABCD", SMALL, women)["times"]
    assert one["comparison"]["p"] is None
    assert one["models"] == []
    assert one["warnings"] == ["No patient with a time to it: men, other."]


def test_mrs_counts_and_flows(described):
    """Each patient stands once in each month and in each step, missing being a place."""
    visits = [
        visit("A", 0, 4), visit("A", 3, 2), visit("A", 6, 1), visit("A", 12, 0, "5"),
        visit("B", 0, 5), visit("B", 3, None), visit("B", 12, 4, "2"),
        visit("C", 0, 5), visit("C", 3, 5), visit("C", 6, 6),
    ]  # fmt: skip
    mrs = described("", "ABC", visits)["mrs"]
    whole = mrs["groups"][0]
    assert [(m["month"], m["of"], m["missing"]) for m in whole["months"]] == [
        (0, 3, 0), (3, 2, 1), (6, 2, 1), (12, 3, 0),
    ]  # fmt: skip
    assert whole["months"][1]["reasons"] == {"mRS missing at the visit": 1}
    assert whole["months"][2]["reasons"] == {"no visit": 1}
    assert {level["mrs"]: level["n"] for level in whole["months"][3]["levels"]} == {
        "0": 1, "1": 0, "2": 0, "3": 0, "4": 1, "5": 0, "6": 1,
    }  # fmt: skip
    assert whole["flows"][1] == {
        "from": 3, "to": 6, "cells": [
            {"from": "2", "to": "1", "n": 1}, {"from": "5", "to": "6", "n": 1},
            {"from": "missing", "to": "missing", "n": 1},
        ],
    }  # fmt: skip
    assert [(g["by"], g["code"], g["n"]) for g in mrs["groups"]] == [
        ("all", "all", 3), ("outcome", "refractory", 1), ("outcome", "non_refractory", 1),
        ("outcome", "died", 1),
    ]  # fmt: skip
    windows = [(m["month"], m["from"], m["to"]) for m in mrs["months"]]
    assert windows == [(0, None, 0), (3, 1.5, 4.5), (6, 4.5, 7.5), (12, 10, 14)]


def test_the_order_of_patients_changes_nothing(described):
    """Shuffled records give the same section, but for the list that follows their order."""
    mixed = random.Random(5)
    patients = [f"P{i}" for i in range(40)]
    visits = [
        visit(p, month, mixed.choice([1, 2, 4, 6] if month == 12 else [1, 3, 4]),
              mixed.choice(["2", "3", "4", "5"]), mixed.choice([100.0, 800.0, 9000.0]))
        for p in patients for month in (0, 3, 6, 12)
    ]  # fmt: skip
    sexes = [of_sex(p, mixed.choice("fm")) for p in patients]
    body = SEX + "".join(
        f'[[time_to_event]]\nevent = "{event}"\nby = "sex"\n'
        for event in ("relapse", "remission", "death", "death_or_loss")
    )
    first = described(body, patients, visits, sexes)
    for rows in (patients, visits, sexes):
        mixed.shuffle(rows)
    second = described(body, patients, visits, sexes)
    assert first["mrs"] == second["mrs"]
    for one, other in zip(first["times"], second["times"], strict=True):
        assert one["groups"] == other["groups"]
        assert one["left_out"] == other["left_out"]
        assert one["comparison"]["p"] == pytest.approx(other["comparison"]["p"], rel=1e-12)
        assert sorted(one["observed"], key=str) == sorted(other["observed"], key=str)
        for model, again in zip(one["models"], other["models"], strict=True):
            for term, same in zip(model["terms"], again["terms"], strict=True):
                assert term["b"] == pytest.approx(same["b"], rel=1e-6)


def test_what_is_observed_makes_up_the_numbers(described):
    """n, events and numbers at risk can be counted again from the list of patients."""
    (one,) = described(ASKED, "ABCD", SMALL, SEXES)["times"]
    listed = one["observed"]
    assert len(listed) == one["n"]
    assert sum(row["cause"] == "death" for row in listed) == one["events"]
    for group in one["groups"]:
        months = [row["month"] for row in listed if row["group"] == group["code"]]
        assert all(a["at_risk"] == sum(m >= a["month"] for m in months) for a in group["at"])


def test_methods_and_references_name_what_ran(described):
    """Each method with its source, plain JSON, and nothing that did not run."""
    found = described(ASKED, "ABCD", SMALL, SEXES)
    results = json.loads(json.dumps({"courses": found}, allow_nan=False))
    text, sources = methods_of_courses(results), " ".join(references_of_courses(results))
    for words in ("Kaplan-Meier", "Log-rank test", "Firth", "Death: by its date", "month 12 (10"):
        assert words in text
    assert "Relapse:" not in text
    for name in ("Kaplan EL", "Mantel N", "Heinze G", "Cox DR", "van Swieten"):
        assert name in sources
    alone = {"courses": described('[[time_to_event]]\nevent = "death"\n', "ABCD", SMALL)}
    assert "Log-rank" not in methods_of_courses(alone)
    assert "Mantel" not in " ".join(references_of_courses(alone))
    assert methods_of_courses({"courses": None}) == ""
    assert references_of_courses({}) == []


def test_rebuilt_courses_say_that_they_are_no_finding(described):
    """Columns of visits that are not determined are named before anything else."""
    columns = [{"table": "visits", "column": "mrs", "kind": "one of many"}]
    found = described("", "ABCD", SMALL, provenance=columns)
    assert "no finding about patients" in found["notes"][0]


def test_months_at_risk_do_not_become_too_many():
    """0, 3, 6, 12, 24, ... up to the end, in longer steps where there would be too many."""
    assert months_at_risk(2.0) == [0]
    assert months_at_risk(25.5) == [0, 3, 6, 12, 24]
    assert months_at_risk(96.0) == [0, 3, 6, 12, 24, 36, 48, 60, 72, 84, 96]
    assert len(months_at_risk(600.0)) <= 12


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('event = "relapse"\nby = "sexx"', "Did you mean 'sex'?"),
        ('event = "relapse"\nby = "follow_up_years"', "known when treatment starts"),
        ('event = "relapse"\nterms = ["follow_up_years"]', "known when treatment starts"),
        ('event = "relapse"\nterms = ["outcome"]', "the outcome is not"),
        ('event = "relapse"\nterms = ["sex"]', "sex=<category>"),
        ('event = "relapse"\nterms = ["sex=k"]', "category of sex"),
        ('event = "relapse"\nby = "age"', "yes/no or category"),
        ('event = "relapse"\nby = "weak_later"', "known when treatment starts"),
        ('event = "flare"', "time_to_event"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(make_plan, lines, said):
    """Unknown names, what is known only later, and what has no groups name the key."""
    body = SEX + (
        '[variables.age]\ntype = "number"\n[variables.weak_later]\ntype = "yes_no"\n'
        'table = "visits"\ncolumn = "weakest_mrc"\nmonth = 12\nat_most = 2\n'
    )
    with pytest.raises(StudyFileError) as error:
        make_plan(f"{body}[[time_to_event]]\n{lines}\n")
    assert said in str(error.value)
    assert "time_to_event" in str(error.value)
