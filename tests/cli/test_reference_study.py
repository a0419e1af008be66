"""The reference study end to end, as `myocohort demo` builds and runs it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from myocohort.analysis.sections import PARTS
from myocohort.papers.paperfile import load_paper

PAPER = Path(__file__).parents[2] / "studies" / "anm_srp_2020" / "paper.toml"


@pytest.fixture(scope="session")
def results(reference_study):
    """Return the content of results.json."""
    return json.loads((reference_study / "results" / "results.json").read_text(encoding="utf-8"))


def test_the_outcome_is_the_paper_s(results):
    """27 non-refractory, 13 refractory, 8 lost of 48 (Zhao 2020, Results)."""
    assert results["outcome"] == {
        "refractory": 13, "non_refractory": 27, "discordant": 0, "unclassifiable": 0,
        "lost": 8, "died": 0,
    }  # fmt: skip


def test_table_2_shows_the_printed_values_and_firth_beside(results):
    """OR, limits and p of Table 2 to the printed digits, and Firth with penalised LRT."""
    final = {m["method"]: m for m in results["models"] if m["id"] == "final"}
    shown = {
        t["name"]: (
            f"{t['odds_ratio']:.2f} ({t['ci']['wald']['low']:.2f}-{t['ci']['wald']['high']:.2f})",
            f"{t['p']['wald']:.3f}",
        )
        for t in final["ml"]["terms"]
    }
    assert shown["sex=male"] == ("19.57 (1.49-256.53)", "0.024")
    assert shown["severe_weakness"] == ("7.51 (1.03-54.88)", "0.047")
    assert shown["ild"] == ("39.70 (3.04-518.38)", "0.005")
    firth = {t["name"]: t for t in final["firth"]["terms"]}
    # Firth b from R's brglm2 (references/statistics.md, the reference study's own model).
    assert firth["sex=male"]["b"] == pytest.approx(2.416769, rel=1e-5)
    assert firth["severe_weakness"]["b"] == pytest.approx(1.670357, rel=1e-5)
    assert firth["ild"]["b"] == pytest.approx(2.998711, rel=1e-5)
    assert f"{firth['severe_weakness']['p']['lrt']:.3f}" == "0.046"


def test_table_3_has_the_printed_means_and_p_of_the_same_test(results):
    """Table 3 of Zhao 2020: 16 and 9 patients, means to two decimals, and P by Mann-Whitney.

    Who is behind a printed P is called otherwise there; the patients with a value are the same.
    """
    (table,) = [table for table in results["tables"] if table["id"] == "table3"]
    printed = {
        "fat_rate_3": ("2.64", "5.55", "0.022"), "fat_rate_6": ("1.37", "1.60", "0.118"),
        "fat_rate_12": ("0.77", "0.59", "0.305"), "fat_rate_18": ("0.43", "0.38", "0.534"),
        "fat_rate_24": ("0.14", "0.17", "0.176"), "oedema_rate_3": ("3.69", "2.17", "0.240"),
        "oedema_rate_6": ("2.80", "2.56", "0.206"), "oedema_rate_12": ("1.18", "1.17", "0.627"),
        "oedema_rate_18": ("0.99", "0.70", "0.431"), "oedema_rate_24": ("0.64", "0.60", "0.386"),
    }  # fmt: skip
    rows = {row["variable"]: row for section in table["sections"] for row in section["rows"]}
    assert list(rows) == list(printed)
    for name, (first, second, p) in printed.items():
        row = rows[name]
        counts = row["counts"]["non_refractory"], row["counts"]["refractory"]
        assert [group["n"] for group in counts] == [16, 9]
        assert [f"{group['mean']:.2f}" for group in counts] == [first, second]
        assert (row["printed_p"], row["printed_id"]) == (p, f"table3.{name}.p")
        assert f"{row['p']:.3f}" == p
    compared = {
        rate["variable"]: rate["comparison"]
        for scale in results["imaging"]["scales"]
        for rate in scale["rates"]
    }
    assert {name: one["p"] for name, one in compared.items()} == {
        name: row["p"] for name, row in rows.items()
    }
    assert {one["table"] for one in compared.values()} == {"table3"}
    assert min(one["p_holm"] for one in compared.values()) > 0.05


def test_seven_pass_the_paper_s_own_screening(results):
    """P < 0.10 passes seven variables; the three of Table 2 are pinned and the note says so."""
    passed = {row["term"] for row in results["screening"]["rows"] if row["passes"]}
    assert passed == {
        "onset_age", "sex=male", "severe_weakness", "weight_loss", "ild", "gc_oi", "oi_mtx",
    }  # fmt: skip
    screened = [m for m in results["models"] if m["id"] == "screened"]
    assert [(m["method"], len(m["terms"])) for m in screened] == [
        ("ml", 8), ("firth", 8), ("exact", 0),
    ]  # fmt: skip
    assert "budget" in screened[2]["error"]
    assert "pins 3" in results["screening"]["note"]


def test_the_joint_tables(results):
    """31,000 joint tables have the margins, 8 the odds ratios, all with the same sizes."""
    rebuild = results["rebuild"]
    assert (rebuild["candidates"], rebuild["fits"]) == (31_000, 8)
    assert [pattern["n"] for pattern in rebuild["patterns"]] == [9, 8, 8, 4, 5, 1, 3, 2]


def test_exact_regression_stands_beside_the_others(results):
    """The pattern sizes determine exact results; for severe weakness no exact p is below 0.05."""
    final = {m["method"]: m for m in results["models"] if m["id"] == "final"}
    terms = {t["name"]: t for t in final["exact"]["terms"]}
    assert {t["estimate"] for t in terms.values()} == {"cmle"}
    severe = terms["severe_weakness"]
    assert severe["ci"]["exact"]["low"] < 1.0
    assert min(severe["p"]["twice_one_sided"], severe["p"]["score"]) > 0.05
    assert max(terms["ild"]["p"]["twice_one_sided"], terms["sex=male"]["p"]["score"]) < 0.05


def test_the_validation_is_a_range_over_the_8_joint_tables(results, reference_study):
    """The pinned terms' apparent c-statistic is .873 to .923 over the 8.

    Both ends: references/statistics.md, the reference study's own model (R glm).
    """
    validation = results["validation"]
    assert validation["data"]["kind"] == "joint tables"
    screening, final = validation["models"]
    apparent, *_ = final["measures"]
    assert apparent["name"] == "c-statistic"
    assert apparent["apparent"]["low"] == pytest.approx(0.873, abs=5e-4)
    assert apparent["apparent"]["high"] == pytest.approx(0.923, abs=5e-4)
    assert apparent["apparent"]["tables"] == 8
    inside = screening["measures"][0]
    assert inside["corrected"]["high"] < inside["apparent"]["low"]
    assert screening["inclusion"][0]["term"] == "ild"
    assert len(screening["inclusion"]) == 20
    listed = {i["file"] for i in results["manifest"]["inputs"] if i["table"] == "alternatives"}
    assert listed == {f"alternatives/{n}.csv" for n in range(1, 9)}
    assert all((reference_study / name).is_file() for name in listed)
    assert results["manifest"]["seeds"]["validation"] == 1


def test_the_report_says_what_survives(reference_study):
    """One paragraph: ILD and sex in every family, severe weakness by family, with its p."""
    page = (reference_study / "results" / "report.html").read_text(encoding="utf-8")
    text = " ".join(re.sub("<[^>]+>", "", page).split()).replace("\N{NO-BREAK SPACE}", " ")
    assert "in every family of every method: Sex: male and Interstitial lung disease." in text
    assert "For Severe muscle weakness (MRC 1-2) the verdict depends on the family" in text
    assert "Firth with Wald interval and Wald test (p = 0.054)" in text


def test_every_printed_number_is_accounted_for(results):
    """The scoreboard has each number of the paper file once, and its counts add up."""
    board = results["scoreboard"]
    numbers = {number.id for number in load_paper(PAPER).numbers()}
    assert board["published"] == len(numbers) >= 200
    assert len(board["numbers"]) == len(numbers)
    assert {row["id"] for row in board["numbers"]} == numbers
    total = board["reproduced"] + board["consistent"]
    assert total + len(board["contradicted"]) + len(board["not_recoverable"]) == len(numbers)


def test_nothing_is_reproduced_that_the_records_were_built_to(results, reference_study):
    """A printed number to which the records were fitted is never called reproduced."""
    fitted = set(json.loads((reference_study / "provenance.json").read_text())["fitted"])
    assert len(fitted) > 50
    status = {row["id"]: row["status"] for row in results["scoreboard"]["numbers"]}
    assert not [number for number in fitted if status[number] == "reproduced"]
    by = [row["by"] for row in results["scoreboard"]["numbers"] if row["status"] == "reproduced"]
    assert all(by)


def test_the_known_contradictions_are_found(results):
    """The misprinted limit, the ESR p, the abstract's p values and four overall means."""
    found = {row["printed"]: row for row in results["scoreboard"]["contradicted"]}
    assert "1.03" in found["41.03"]["why"] + str(found["41.03"]["computed"])
    assert found["0.872"]["place"].startswith("Table 1")
    assert {"0.11", "1.07", "0.55", "0.57", "34.8"} <= {p.rstrip("%") for p in found}
    abstract = [row for row in results["scoreboard"]["contradicted"] if "bstract" in row["place"]]
    assert len(abstract) >= 3


def test_rebuilt_data_is_labelled_wherever_it_is_shown(results, reference_study):
    """Origin, provenance of each column and the report's words say that records are rebuilt."""
    assert results["study"]["origin"] == "rebuilt"
    tables = {column["table"] for column in results["provenance"]}
    assert tables >= {"patients", "visits", "mri_readings", "fields", "biopsies"}
    assert {column["kind"] for column in results["provenance"]} == {
        "determined", "one of many", "illustrative",
    }  # fmt: skip
    page = (reference_study / "results" / "report.html").read_text(encoding="utf-8")
    assert len(re.findall("ebuilt records", page)) >= 5
    assert "41.03" in page


def test_reproduce_prints_what_is_contradicted(reference_study, myocohort):
    """The command ends with 0 and names the misprint."""
    assert "41.03" in myocohort("reproduce", reference_study).out
    board = myocohort("reproduce", reference_study, "--json").json
    assert {"published", "reproduced", "consistent", "contradicted", "not_recoverable"} <= set(
        board
    )


def test_a_second_demo_is_the_same(reference_study, tmp_path, myocohort):
    """The rebuild is deterministic: the records of a second demo are the same bytes."""
    myocohort("demo", "--out", tmp_path / "again")
    for name in ("records", "alternatives"):
        for path in sorted((reference_study / name).iterdir()):
            assert path.read_bytes() == (tmp_path / "again" / name / path.name).read_bytes()
    again = (tmp_path / "again" / "results" / "results.json").read_text(encoding="utf-8")
    validation = json.loads((reference_study / "results" / "results.json").read_text())
    assert json.loads(again)["validation"] == validation["validation"]


def test_the_demo_does_not_write_into_somebody_s_folder(tmp_path, myocohort):
    """A folder that holds something else is refused and left alone."""
    (tmp_path / "thesis.docx").write_text("mine")
    assert "--out" in myocohort("demo", "--out", tmp_path, expect=1).err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.docx"]


def test_every_key_is_documented(results):
    """docs/results.md names each part of results.json, and what each section holds at its top."""
    text = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")
    words = {word for named in re.findall(r"`([^`]+)`", text) for word in re.findall(r"\w+", named)}
    assert not set(results) - words
    assert not {f"{key}.{name}" for key in PARTS for name in results[key] if name not in words}
