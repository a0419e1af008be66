"""FLIC and FLAC: goldens of logistf and of R's glm, and what defines them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_data import NAMES, grouped, joint_tables, read

from myocohort.errors import StatisticsError
from myocohort.stats.firth import fit_firth
from myocohort.stats.flic import firth_risks

# R 4.2.2 with brglm2. FLIC: f <- glm(case ~ ., binomial, sex2, method = "brglmFit",
# type = "AS_mean"); glm(case ~ 1, binomial, offset = X[, -1] %*% coef(f)[-1]). FLAC: h = hat
# values of f; glm(case ~ . + z, binomial, weights = w) on the data (w = 1, z = 0) and twice
# again (w = h / 2, z = 1), once with each outcome.
SEX2_FLIC = 0.1315390994  # logistf: flic() gives .131539 (../shared/references/statistics.md)
SEX2_FLAC = [
    0.1222674257,
    -1.096340034,
    -0.06602631357,
    2.282202979,
    -2.11416934,
    -0.7873168633,
    3.181734852,
]
ENDOMETRIAL_FLIC = 3.786083494
ENDOMETRIAL_FLAC = [3.798160752, 2.941366559, -0.03461003177, -2.6142634]


def test_sex2(shared_data):
    """Intercept of FLIC, coefficients of FLAC and risks of sex2 are R's."""
    X, y, names = read(shared_data / "stats" / "sex2.csv", "case")
    flic = firth_risks(X, y, names, correction="flic")
    assert flic.coefficients[0] == pytest.approx(SEX2_FLIC, rel=1e-7)
    assert flic.coefficients[1:] == pytest.approx([t.b for t in fit_firth(X, y, names).terms[1:]])
    assert flic.risks[:2] == pytest.approx((0.3414637934, 0.9168588487), rel=1e-7)
    flac = firth_risks(X, y, names)
    assert flac.coefficients == pytest.approx(SEX2_FLAC, rel=1e-6)
    assert flac.risks[:2] == pytest.approx((0.3396062393, 0.9171675596), rel=1e-7)
    plain = firth_risks(X, y, names, correction="firth")
    assert plain.risks[:2] == pytest.approx((0.338930725, 0.9159945472), rel=1e-7)


def test_endometrial(shared_data):
    """Under separation, intercept of FLIC and coefficients of FLAC are R's."""
    X, y, names = read(shared_data / "stats" / "endometrial.csv", "HG")
    flic = firth_risks(X, y, names, correction="flic")
    assert flic.coefficients[0] == pytest.approx(ENDOMETRIAL_FLIC, rel=1e-7)
    assert flic.risks[:2] == pytest.approx((0.2816041819, 0.06565971479), rel=1e-7)
    flac = firth_risks(X, y, names, correction="flac")
    assert flac.coefficients == pytest.approx(ENDOMETRIAL_FLAC, rel=1e-6)
    assert flac.risks[:2] == pytest.approx((0.2810697189, 0.06514139724), rel=1e-7)
    assert any("NV to +infinity" in warning for warning in flac.warnings)


def data(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a small study with a rare outcome."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.integers(0, 2, 40), rng.normal(2010, 10, 40)])
    y = (rng.random(40) < 0.15).astype(float)
    y[:2] = 0, 1
    return X, y


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_the_mean_risk_is_the_observed_share(seed):
    """FLIC and FLAC predict as many events as there are; Firth's method predicts more."""
    X, y = data(seed)
    for correction in ("flic", "flac"):
        model = firth_risks(X, y, ["ILD", "year"], correction=correction)
        assert model.mean_risk == pytest.approx(y.mean(), rel=1e-9)
        assert np.mean(model.risks) == pytest.approx(y.mean(), rel=1e-9)
    assert firth_risks(X, y, ["ILD", "year"], correction="firth").mean_risk > y.mean()


def test_risks_follow_from_the_coefficients():
    """Each risk is that of its row's terms; rows without outcome get one, without a term none."""
    X, y = data(4)
    y[5], X[6, 0] = math.nan, math.nan
    model = firth_risks(X, y, ["ILD", "year"], correction="flac")
    assert (model.n, model.n_missing, len(model.risks)) == (38, 2, 40)
    assert model.names == ("(Intercept)", "ILD", "year")
    assert model.risks[6] is None
    log_odds = model.coefficients[0] + X[5] @ model.coefficients[1:]
    assert model.risks[5] == pytest.approx(1 / (1 + math.exp(-log_odds)), rel=1e-6)
    assert model.as_dict()["risks"][6] is None


def test_weights_are_rows():
    """Weights give the coefficients that repeated rows give."""
    X, y, weights = grouped(joint_tables()[0])
    rows = np.repeat(X, weights, axis=0), np.repeat(y, weights)
    for correction in ("firth", "flic", "flac"):
        model = firth_risks(X, y, NAMES, correction=correction, weights=weights)
        again = firth_risks(*rows, NAMES, correction=correction)
        assert model.coefficients == again.coefficients
        assert (model.n, model.observed_share) == (40, 13 / 40)


def test_an_unknown_correction_is_refused():
    """Only the three named corrections exist."""
    with pytest.raises(StatisticsError, match="firth, flic, flac; found 'flip'"):
        firth_risks(*data(1), ["ILD", "year"], correction="flip")
