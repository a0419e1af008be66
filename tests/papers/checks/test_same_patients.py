from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from myocohort.papers.checks.same_patients import same_patients
from myocohort.papers.entries import Group, Mean, Partition, SamePatients, Size
from myocohort.papers.paperfile import Paper
from myocohort.papers.printed import agrees

SAME = 'same_patients = [{ variables = ["fat", "oedema"], remark = "read from the same scans" }]\n'


def weights_of(whole: str, parts: tuple[str, str], sizes: tuple[int, int]) -> set[tuple[int, int]]:
    """Return the numbers of patients that give a mean, by going through all of them."""
    half = Fraction(1, 200)
    found = set()
    for i, j in itertools.product(range(1, sizes[0] + 1), range(1, sizes[1] + 1)):
        centre = (i * Fraction(parts[0]) + j * Fraction(parts[1])) / (i + j)
        if abs(centre - Fraction(whole)) <= 2 * half:  # its own rounding and that of the parts
            found.add((i, j))
    return found


def test_month_3_of_the_reference_paper(reference_paper: Paper) -> None:
    """No numbers of patients give both 3.44 of fatty infiltration and 2.37 of oedema."""
    fat = weights_of("3.44", ("2.64", "5.55"), (16, 9))
    oedema = weights_of("2.37", ("3.69", "2.17"), (16, 9))
    assert fat == {(8, 3), (13, 5), (16, 6)}
    assert oedema == {(1, 7)}
    pairs = tuple(
        SamePatients(
            variables=(f"fat_rate_{month}", f"oedema_rate_{month}"),
            remark="both were read from the same scans",
        )
        for month in (3, 6, 12, 18, 24)
    )
    paper = reference_paper.model_copy(update={"same_patients": pairs})
    found = {finding.number: finding for finding in same_patients(paper)}
    assert {number: finding.verdict for number, finding in found.items()} == {
        "text.oedema_rate_3.mean": "inconsistent",
        "text.oedema_rate_6.mean": "consistent",
    }
    said = found["text.oedema_rate_3.mean"].explanation
    assert "1 + 7 give the mean 2.37" in said
    assert "8 + 3, 13 + 5 or 16 + 6 the mean 3.44" in said
    assert weights_of("1.45", ("1.37", "1.60"), (16, 9)) & weights_of(
        "2.72", ("2.80", "2.56"), (16, 9)
    )


def test_printed_denominators_must_agree(made_paper: Callable[[str], Paper]) -> None:
    """20 of 25 with the one and 9 of 24 with the other do not rest on the same patients."""
    entries = """
        size = [{ id = "s", place = "Methods", group = "all", n = "30" }]
        count = [
          { id = "f", place = "T", variable = "fat", group = "all", n = "20", of = "25" },
          { id = "o", place = "T", variable = "oedema", group = "all", n = "9", of = "%s" },
        ]
        """
    (found,) = same_patients(made_paper(SAME + entries % "24"))
    assert found.verdict == "inconsistent"
    assert found.number == "o.of"
    assert found.against == ("f.of",)
    assert found.computed == "25"
    (found,) = same_patients(made_paper(SAME + entries % "25"))
    assert found.verdict == "consistent"


def test_declared_missing_values_and_numbers_beside_means(
    made_paper: Callable[[str], Paper],
) -> None:
    """Of 30 patients 4 lack the one, and 27 have a mean of the other."""
    paper = made_paper(
        SAME
        + """
        size = [{ id = "s", place = "Methods", group = "all", n = "30" }]
        missing = [{ id = "w", place = "T", variable = "oedema", group = "all", n = "4" }]
        mean = [{ id = "m", place = "T", variable = "fat", group = "all", n = "27", mean = "3.1" }]
        """
    )
    (found,) = same_patients(paper)
    assert (found.number, found.verdict, found.computed) == ("w.n", "inconsistent", "3")


def test_means_that_no_numbers_give_are_left_to_pooled_mean(
    made_paper: Callable[[str], Paper],
) -> None:
    """5.00 does not lie between 1.00 and 2.00, so that nothing is compared with it."""
    rows = [
        f'{{ id = "{variable}.{group}", place = "T", variable = "{variable}", group = "{group}", '
        f'mean = "{mean}" }}'
        for variable, means in (
            ("fat", ("5.00", "1.00", "2.00")),
            ("oedema", ("1.50", "1.00", "2.00")),
        )
        for group, mean in zip(("all", "one", "two"), means, strict=True)
    ]
    sizes = ", ".join(
        f'{{ id = "s.{group}", place = "T", group = "{group}", n = "9" }}'
        for group in ("one", "two")
    )
    paper = made_paper(f"{SAME}size = [{sizes}]\nmean = [{', '.join(rows)}]\n")
    assert not list(same_patients(paper))


@given(
    st.lists(
        st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(0, 90)),
        min_size=1,
        max_size=9,
    ),
    st.lists(
        st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(0, 90)),
        min_size=1,
        max_size=7,
    ),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_variables_of_the_same_patients_are_not_accused(
    one: list[tuple[int, int, int]], two: list[tuple[int, int, int]], more: int, others: int
) -> None:
    """Three variables of the same patients, some of each group not examined, are consistent."""
    groups = {"all": one + two, "one": one, "two": two}
    means = []
    for place in range(3):
        for name, patients in groups.items():
            text = f"{sum(values[place] for values in patients) / len(patients):.1f}"
            exact = Fraction(sum(values[place] for values in patients), len(patients))
            assert agrees(text, exact)
            means.append(
                Mean(id=f"m{place}.{name}", place="T", variable=f"v{place}", group=name, mean=text)
            )
    paper = Paper(
        title="t",
        groups={name: Group(label=name) for name in groups},
        partitions=(Partition(whole="all", parts=("one", "two")),),
        same_patients=(SamePatients(variables=("v0", "v1", "v2"), remark="one examination"),),
        size=(
            Size(id="s.one", place="T", group="one", n=str(len(one) + more)),
            Size(id="s.two", place="T", group="two", n=str(len(two) + others)),
        ),
        mean=tuple(means),
    )
    assert [finding.verdict for finding in same_patients(paper)] == ["consistent"] * 2
