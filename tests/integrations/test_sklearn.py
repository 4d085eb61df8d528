"""Contributions of scikit-learn's ensembles: as Shapley values, as shap has them, and as they are read back."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shap
import threadpoolctl
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression

from tb_attribution_plugin import Probe
from tb_attribution_plugin.integrations.sklearn import AttributionLogger, explain_stages
from tb_attribution_plugin.integrations.sklearn_trees import EnsembleExplainer
from tb_attribution_plugin.integrations.table import Table
from tb_attribution_plugin.logging.reader import StoredRun, read_runs
from tests.integrations.shapley import shapley

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(300, 4))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
Y3 = Y + (X[:, 2] > 0.5)
VALUES = X[:, 0] * X[:, 1] + X[:, 2]
MISSING = np.where(RANDOM.random(X.shape) < 0.15, np.nan, X)
CATEGORIES = np.column_stack([X[:, 0], RANDOM.integers(0, 5, len(X)), X[:, 1:3]])
BY_CATEGORY = np.isin(CATEGORIES[:, 1], [1, 3]) * 2.0 + X[:, 0] + (CATEGORIES[:, 1] == 4) * X[:, 1]

FEW: dict[str, Any] = {"n_estimators": 6, "random_state": 0}
ENSEMBLES = {
    "forest of 3 classes": (RandomForestClassifier(**FEW), X, Y3),
    "extra trees": (ExtraTreesClassifier(**FEW), X, Y),
    "forest of values": (RandomForestRegressor(**FEW), X, VALUES),
    "forest of values, missing": (RandomForestRegressor(**FEW), MISSING, VALUES),
    "forest of two values": (RandomForestRegressor(**FEW), X, np.column_stack([VALUES, X[:, 3]])),
    "gradient of 2 classes": (GradientBoostingClassifier(**FEW), X, Y),
    "gradient of 3 classes": (GradientBoostingClassifier(**FEW), X, Y3),
    "gradient, exponential": (GradientBoostingClassifier(**FEW, loss="exponential"), X, Y),
    "gradient of values": (GradientBoostingRegressor(**FEW), X, VALUES),
    "gradient from zero": (GradientBoostingRegressor(**FEW, init="zero"), X, VALUES),
    "histogram of 2 classes": (HistGradientBoostingClassifier(max_iter=6), X, Y),
    "histogram of 3 classes": (HistGradientBoostingClassifier(max_iter=6), X, Y3),
    "histogram of values, missing": (HistGradientBoostingRegressor(max_iter=6), MISSING, VALUES),
    "histogram, categories": (
        HistGradientBoostingRegressor(max_iter=6, categorical_features=[1]),
        CATEGORIES,
        BY_CATEGORY,
    ),
    "histogram, poisson": (HistGradientBoostingRegressor(max_iter=6, loss="poisson"), X, np.exp(VALUES)),
}
# What shap refuses or gets wrong: classes of GradientBoosting beyond two, init="zero", categories of histograms; and
# the raw score of the exponential loss is half of the log-odds.
NOT_OF_SHAP = {"gradient of 3 classes", "gradient from zero", "histogram, categories", "gradient, exponential"}


@pytest.fixture(autouse=True)
def _one_thread():
    """Rows are few: more threads only wait for each other where the machine is busy."""
    with threadpoolctl.threadpool_limits(1):
        yield


def raw(model: Any, rows: np.ndarray) -> np.ndarray:
    """What is explained, by public names."""
    if isinstance(model, RandomForestClassifier | ExtraTreesClassifier):
        return model.predict_proba(rows)
    if hasattr(model, "decision_function"):
        found = model.decision_function(rows)
        return found.reshape(len(rows), -1) * (2 if getattr(model, "loss", "") == "exponential" else 1)
    found = model.predict(rows).reshape(len(rows), -1)
    return np.log(found) if getattr(model, "loss", "") == "poisson" else found


@pytest.mark.parametrize("kind", ENSEMBLES)
def test_contributions_to_a_background_are_shapley_values_of_what_the_model_returns(kind: str):
    model, x, y = ENSEMBLES[kind]
    model.fit(x, y)
    explainer = EnsembleExplainer(model, Table.of(x[100:103], x[:15]), "interventional")
    for rounds in (1, 2, 6):
        found = explainer(model, rounds)
    np.testing.assert_allclose(found.scores, shapley(lambda rows: raw(model, rows), x[100:103], x[:15]), atol=1e-9)
    np.testing.assert_allclose(found.outputs, raw(model, x[100:103]), atol=1e-9)
    np.testing.assert_allclose(found.base, raw(model, x[:15]).mean(axis=0), atol=1e-9)
    assert explainer.grown.looked_into == 6
    if hasattr(model, "predict_proba"):
        np.testing.assert_allclose(found.predictions, model.predict_proba(x[100:103]), atol=1e-9)


@pytest.mark.parametrize("kind", sorted(set(ENSEMBLES) - NOT_OF_SHAP))
def test_path_dependent_contributions_are_those_of_shap(kind: str):
    model, x, y = ENSEMBLES[kind]
    model.fit(x, y)
    found = EnsembleExplainer(model, Table.of(x[100:105]))(model, 6)
    explainer = shap.TreeExplainer(model)
    expected = np.reshape(explainer.shap_values(x[100:105]), found.scores.shape)
    np.testing.assert_allclose(found.scores, expected, atol=1e-9)
    np.testing.assert_allclose(found.base, np.reshape(explainer.expected_value, -1), atol=1e-9)


@pytest.mark.parametrize("kind", ENSEMBLES)
def test_path_dependent_contributions_add_up_after_every_round(kind: str):
    model, x, y = ENSEMBLES[kind]
    model.fit(x, y)
    explainer = EnsembleExplainer(model, Table.of(x[100:105]))
    for rounds in range(1, 7):
        found = explainer(model, rounds)
        np.testing.assert_allclose(found.base + found.scores.sum(axis=1), found.outputs, atol=1e-9)


# --- the log


def logged(path: Path) -> StoredRun:
    return read_runs(str(path))["attribution"]


def test_stages_of_a_fitted_model_are_logged_at_powers_of_two_and_the_end(tmp_path: Path):
    model = GradientBoostingClassifier(n_estimators=11, random_state=0).fit(X, Y)
    explain_stages(model, tmp_path, (X[:5], Y[:5]))
    series = logged(tmp_path).series["tree_shap"]
    assert series.steps == [1, 2, 4, 8, 11]
    sign = np.where(Y[:5] == 1, 1, -1)
    for step, stage in enumerate(model.staged_decision_function(X[:5]), 1):
        if step in series.steps:
            np.testing.assert_allclose(series.stats(step)["STAT_OUTPUT"], sign * stage.ravel(), atol=1e-6)
            np.testing.assert_allclose(series.stats(step)["STAT_RESIDUAL"], 0, atol=1e-6)


def test_stages_of_a_forest_are_what_its_first_trees_vote(tmp_path: Path):
    names = np.array(["cat", "dog", "eel"])
    model = RandomForestClassifier(n_estimators=5, random_state=0).fit(X, names[Y3])
    explain_stages(model, tmp_path, (X[:5], names[Y3[:5]]), update_freq=2)
    series = logged(tmp_path).series["tree_shap"]
    assert series.steps == [1, 2, 4]
    assert series.description.scalar == "probability"
    votes = np.mean([tree.predict_proba(X[:5]) for tree in model.estimators_[:4]], axis=0)[range(5), Y3[:5]]
    np.testing.assert_allclose(series.stats(4)["STAT_OUTPUT"], votes, atol=1e-6)
    np.testing.assert_allclose(series.stats(4)["STAT_TARGET_PROBABILITY"], votes, atol=1e-6)


@pytest.mark.parametrize("kind", [RandomForestClassifier, GradientBoostingClassifier, HistGradientBoostingClassifier])
def test_a_loop_that_lets_a_model_grow_logs_each_time(tmp_path: Path, kind: Any):
    size = "max_iter" if kind is HistGradientBoostingClassifier else "n_estimators"
    model, alone = kind(warm_start=True, random_state=0), kind(random_state=0, **{size: 9})
    with AttributionLogger(tmp_path, (X[:5], Y[:5]), on_error="raise") as logger:
        for rounds in (2, 5, 9):
            logger.log(model.set_params(**{size: rounds}).fit(X, Y))
    assert logged(tmp_path).series["tree_shap"].steps == [2, 5, 9]
    assert np.array_equal(model.predict_proba(X), alone.fit(X, Y).predict_proba(X))


@pytest.mark.parametrize("kind", [RandomForestClassifier, GradientBoostingClassifier, HistGradientBoostingClassifier])
def test_a_model_that_is_fitted_anew_is_refused(tmp_path: Path, kind: Any):
    size = "max_iter" if kind is HistGradientBoostingClassifier else "n_estimators"
    with AttributionLogger(tmp_path, (X[:5], Y[:5]), on_error="raise") as logger:
        logger.log(kind(**{size: 2}).fit(X, Y))
        with pytest.raises(ValueError, match="fit it with warm_start=True, or log each model with a logger of its own"):
            logger.log(kind(**{size: 5}).fit(X, Y))


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_the_logarithm_of_a_value_is_called_so(tmp_path: Path, loss: str):
    explain_stages(HistGradientBoostingRegressor(loss=loss, max_iter=2).fit(X, np.exp(VALUES)), tmp_path, X[:5])
    series = logged(tmp_path).series["tree_shap"]
    assert series.description.scalar == "log value"
    np.testing.assert_allclose(np.exp(series.stats(2)["STAT_OUTPUT"]), series.stats(2)["STAT_PREDICTION"], atol=1e-6)


def test_gradient_boosting_calls_it_as_its_monitor(tmp_path: Path):
    model, alone = (GradientBoostingClassifier(n_estimators=6, subsample=0.5, random_state=0) for _ in range(2))
    with AttributionLogger(tmp_path, (X[:5], Y[:5]), update_freq="auto", on_error="raise") as logger:
        model.fit(X, Y, monitor=logger)
    assert logged(tmp_path).series["tree_shap"].steps == [1, 2, 4, 6]
    assert np.array_equal(model.decision_function(X), alone.fit(X, Y).decision_function(X))


@pytest.mark.parametrize("labels", [Y, Y3])
def test_the_last_iteration_of_an_interrupted_fit_is_logged(tmp_path: Path, labels: np.ndarray):
    logger = AttributionLogger(tmp_path, (X[:5], labels[:5]), update_freq="auto", on_error="raise")

    def interrupted(iteration: int, model: Any, variables: Any) -> bool:
        if iteration == 3:
            raise KeyboardInterrupt
        return logger(iteration, model)

    with pytest.raises(KeyboardInterrupt), logger:
        GradientBoostingClassifier(n_estimators=6).fit(X, labels, monitor=interrupted)
    assert logged(tmp_path).series["tree_shap"].steps == [1, 2, 4]


def test_columns_of_a_frame_are_found_by_name_and_categories_by_value(tmp_path: Path):
    frame = pd.DataFrame(CATEGORIES, columns=["size", "colour", "age", "weight"])
    frame["colour"] = pd.Categorical.from_codes(CATEGORIES[:, 1].astype(int), list("edcba"))
    model = HistGradientBoostingRegressor(max_iter=6, categorical_features="from_dtype").fit(frame, BY_CATEGORY)
    rows = frame.iloc[[7, 3, 5]][["weight", "colour", "age", "size"]]
    rows["colour"] = rows["colour"].cat.set_categories(list("abcde"))  # another order of columns, and of categories
    options = {"feature_perturbation": "interventional", "background": rows}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explain_stages(model, tmp_path, rows, **options)
    plain = frame.iloc[[7, 3, 5]]

    def f(numbers: np.ndarray) -> np.ndarray:
        table = pd.DataFrame(numbers, columns=frame.columns)
        table["colour"] = pd.Categorical.from_codes(numbers[:, 1].astype(int), list("edcba"))
        return model.predict(table)

    codes = np.column_stack([plain["size"], plain["colour"].cat.codes, plain["age"], plain["weight"]]).astype(float)
    series = logged(tmp_path).series["tree_shap"]
    np.testing.assert_allclose(series.maps(6).scores[0], shapley(f, codes, codes), atol=1e-6)
    assert series.maps(6).scores[0][:, 1].any()


def test_each_value_of_a_regression_can_be_explained(tmp_path: Path):
    model, x, y = ENSEMBLES["forest of two values"]
    explain_stages(model.fit(x, y), tmp_path, Probe(x[:4]), target={"first": 0, "second": 1})
    run = logged(tmp_path)
    for column, tag in enumerate(("tree_shap/first", "tree_shap/second")):
        np.testing.assert_allclose(
            run.series[tag].stats(6)["STAT_PREDICTION"], model.predict(x[:4])[:, column], atol=1e-6
        )


# --- refused


def refused(words: str, model: Any, path: Path, probe: Any = (X[:4], Y[:4]), **options: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=words):
        explain_stages(model, path, probe, **options)


def test_what_cannot_be_explained_is_refused(tmp_path: Path):
    forest = RandomForestClassifier(n_estimators=2).fit(X, Y)
    refused("a LogisticRegression cannot be explained", LogisticRegression(), tmp_path)
    refused("a AdaBoostClassifier cannot be explained", AdaBoostClassifier().fit(X, Y), tmp_path)
    refused("is not fitted; call fit", RandomForestClassifier(), tmp_path)
    refused(
        "tells 2 labels at once",
        RandomForestClassifier(n_estimators=2).fit(X, np.column_stack([Y, Y])),
        tmp_path,
        X[:4],
    )
    refused(
        "which is no tree", GradientBoostingClassifier(init=LogisticRegression(), n_estimators=2).fit(X, Y), tmp_path
    )
    refused("label 7 of example 1 is none of the model's", forest, tmp_path, (X[:2], [0, 7]))
    refused("the model is trained on 4", forest, tmp_path, X[:2, :3])
    refused("needs the rows that absent columns", forest, tmp_path, feature_perturbation="interventional")
    assert list(tmp_path.iterdir()) == []
