"""Contributions that are logged while LightGBM trains, as they are read back from the log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest

from tb_attribution_plugin import Probe
from tb_attribution_plugin.integrations.ensemble import summed
from tb_attribution_plugin.integrations.lightgbm import attribution_callback
from tb_attribution_plugin.integrations.lightgbm_json import trees
from tb_attribution_plugin.integrations.lightgbm_trees import BoosterExplainer
from tb_attribution_plugin.integrations.table import Table
from tb_attribution_plugin.logging.reader import StoredRun, read_runs
from tests.integrations.shapley import shapley
from tests.integrations.trees_parity import Case

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(200, 4))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
Y3 = Y + (X[:, 2] > 0.5)
QUIET = {"verbose": -1, "num_threads": 1, "deterministic": True, "seed": 1, "num_leaves": 6}
BINARY = {**QUIET, "objective": "binary"}
CLASSES = {**QUIET, "objective": "multiclass", "num_class": 3}


def train(
    callback: Any, rounds: int = 10, params: Any = BINARY, x: Any = X, y: Any = Y, **more: Any
) -> lightgbm.Booster:
    callbacks = [] if callback is None else [callback]
    return lightgbm.train(params, lightgbm.Dataset(x, y, free_raw_data=False), rounds, callbacks=callbacks, **more)


def logged(path: Path, probe: Any, *args: Any, **options: Any) -> StoredRun:
    train(attribution_callback(path, probe, on_error="raise", **options), *args)
    return read_runs(str(path))["attribution"]


def scores(run: StoredRun, step: int, tag: str = "tree_shap") -> np.ndarray:
    return run.series[tag].maps(step).scores[0]


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, atol=2e-6, rtol=1e-6)


# --- values


@pytest.mark.parametrize("case", ["trees_lgbm_binary", "trees_lgbm_regression"])
def test_contributions_of_a_booster_are_those_of_the_parity_pack(case: str):
    pack = Case(case)
    booster = lightgbm.Booster(model_file=pack.path / "booster.txt")
    own = BoosterExplainer(booster, Table.of(pack.x))
    other = BoosterExplainer(booster, Table.of(pack.x, pack.background), "interventional")
    for rounds in (1, 2, 5, booster.current_iteration()):  # parts are added up
        found, to_background = own(booster, rounds), other(booster, rounds)
    pack.compare(found.outputs[:, 0], "margin")
    whole = np.concatenate([found.scores[..., 0], np.broadcast_to(found.base, (len(pack.x), 1))], axis=1)
    pack.compare(whole, "pred_contribs")
    pack.compare(found.scores[..., 0], "treeshap_path_dependent")
    pack.compare(found.base, "treeshap_path_dependent_expected_value")
    pack.compare(to_background.scores[..., 0], "treeshap_interventional")
    pack.compare(to_background.base, "treeshap_interventional_expected_value")
    pack.compare(to_background.scores[:4, :, 0], "shapley_brute_force_4rows")
    own_code = summed(trees(booster, 0, booster.current_iteration(), 1), pack.x.astype(float), None, 1)
    pack.compare(own_code.scores[..., 0], "treeshap_path_dependent_own_code")
    pack.compare(own_code.base, "treeshap_path_dependent_own_code_expected_value")
    pack.compare(found.predictions[:, -1] if case.endswith("binary") else found.predictions, "prediction")
    assert own.grown.looked_into == other.grown.looked_into == booster.current_iteration()


@pytest.mark.parametrize("kind", ["numbers", "missing", "zeros", "categories"])
def test_contributions_to_a_background_are_shapley_values_of_what_each_class_returns(kind: str):
    x, y, params = X.copy(), Y3, CLASSES
    if kind == "missing":
        x[RANDOM.random(x.shape) < 0.2] = np.nan
    if kind == "zeros":
        x[RANDOM.random(x.shape) < 0.3] = 0.0
        params = {**params, "zero_as_missing": True}
    if kind == "categories":
        x[:, 3] = RANDOM.integers(0, 6, len(x))
        x[::7, 3] = np.nan
        y = np.where(np.isin(x[:, 3], [1, 4]), 2, Y)
        params = {**params, "min_data_per_group": 1, "cat_smooth": 0.1}
    data = lightgbm.Dataset(x, y, categorical_feature=[3] if kind == "categories" else "auto")
    booster = lightgbm.train(params, data, 6)
    background = x[50:60]
    found = BoosterExplainer(booster, Table.of(x[:3], background), "interventional")(booster, 6)
    expected = shapley(lambda rows: booster.predict(rows, raw_score=True), x[:3], background)
    np.testing.assert_allclose(found.scores, expected, atol=1e-12)


@pytest.mark.parametrize("boosting", ["gbdt", "dart", "rf"])
@pytest.mark.parametrize("perturbation", ["path_dependent", "interventional"])
def test_contributions_add_up_at_every_step_whatever_happens_to_earlier_trees(
    tmp_path: Path, boosting: str, perturbation: str
):
    params = {**CLASSES, "boosting": boosting, "drop_rate": 0.5, "bagging_freq": 1, "bagging_fraction": 0.6}
    options = {"feature_perturbation": perturbation, "background": X[50:60]}
    run = logged(tmp_path, (X[:6], Y3[:6]), 9, params, X, Y3, **options)
    assert run.series["tree_shap"].steps == [1, 2, 4, 8, 9]
    for step in run.series["tree_shap"].steps:
        stats = run.series["tree_shap"].stats(step)
        close(stats["STAT_RESIDUAL"], 0)
        close(scores(run, step).sum(axis=1), stats["STAT_OUTPUT"] - stats["STAT_BASELINE_OUTPUT"])


def test_the_margin_is_the_logarithm_of_the_odds_whatever_the_slope_of_the_sigmoid(tmp_path: Path):
    run = logged(tmp_path, (X[:6], np.ones(6, int)), 4, {**BINARY, "sigmoid": 2.5})
    stats = run.series["tree_shap"].stats(4)
    close(1 / (1 + np.exp(-stats["STAT_OUTPUT"])), stats["STAT_TARGET_PROBABILITY"])
    close(scores(run, 4).sum(axis=1), stats["STAT_OUTPUT"] - stats["STAT_BASELINE_OUTPUT"])


def test_classes_against_all_others_are_explained_by_their_logits(tmp_path: Path):
    params = {**CLASSES, "objective": "multiclassova", "sigmoid": 2.5}
    run = logged(tmp_path, (X[:6], Y3[:6]), 4, params, X, Y3)
    stats = run.series["tree_shap"].stats(4)
    assert run.series["tree_shap"].description.scalar == "logit"
    close(1 / (1 + np.exp(-stats["STAT_OUTPUT"])), stats["STAT_TARGET_PROBABILITY"])
    close(stats["STAT_TARGET_PROBABILITY"], train(None, 4, params, X, Y3).predict(X[:6])[range(6), Y3[:6]])
    close(scores(run, 4).sum(axis=1), stats["STAT_OUTPUT"] - stats["STAT_BASELINE_OUTPUT"])


def test_probabilities_of_an_objective_of_ones_own_are_those_of_its_margins(tmp_path: Path):
    def pull(found: np.ndarray, data: lightgbm.Dataset) -> tuple[np.ndarray, np.ndarray]:
        wanted = np.eye(3)[np.asarray(data.get_label(), int)] * 4
        return (found.reshape(wanted.shape) - wanted).ravel(), np.ones(wanted.size)

    params = {**CLASSES, "objective": pull}
    run = logged(tmp_path, (X[:6], Y3[:6]), 4, params, X, Y3)
    raw = np.exp(train(None, 4, params, X, Y3).predict(X[:6]))
    close(run.series["tree_shap"].stats(4)["STAT_TARGET_PROBABILITY"], raw[range(6), Y3[:6]] / raw.sum(axis=1))


@pytest.mark.parametrize(
    ("objective", "scalar", "means"),
    [
        ("poisson", "log value", np.exp),
        ("cross_entropy", "logit", lambda z: 1 / (1 + np.exp(-z))),
        ("cross_entropy_lambda", "raw score", lambda z: np.log1p(np.exp(z))),
        ("regression", "signed root", lambda z: np.sign(z) * z**2),
    ],
)
def test_a_regression_says_what_its_raw_value_is(tmp_path: Path, objective: str, scalar: str, means: Any):
    run = logged(tmp_path, X[:4], 4, {**QUIET, "objective": objective, "reg_sqrt": objective == "regression"})
    stats = run.series["tree_shap"].stats(4)
    close(means(stats["STAT_OUTPUT"]), stats["STAT_PREDICTION"])
    assert run.series["tree_shap"].description.scalar == scalar


def test_a_class_is_explained_by_its_logit_minus_the_mean_of_the_others(tmp_path: Path):
    probe = Probe(X[:6], Y3[:6], class_names=["a", "b", "c"])
    run = logged(tmp_path, probe, 4, CLASSES, X, Y3, target="c")
    whole = train(None, 4, CLASSES, X, Y3).predict(probe.inputs, pred_contrib=True).reshape(6, 3, 5)[..., :-1]
    close(scores(run, 4), whole[:, 2] - (whole[:, 0] + whole[:, 1]) / 2)


def test_columns_of_a_frame_are_found_by_name_and_categories_by_value(tmp_path: Path):
    frame = pd.DataFrame(X[:, :2], columns=["body mass", "age"])
    frame["colour"] = pd.Categorical(RANDOM.choice(["red", "green", "blue"], len(X)), ["red", "green", "blue"])
    y = Y + (frame["colour"] == "green")
    rows = frame.iloc[:5].assign(colour=frame["colour"][:5].cat.set_categories(["blue", "red", "green"]))
    rows = rows[["colour", "age", "body mass"]]  # another order of columns, and of categories
    options = {"feature_perturbation": "interventional", "background": rows}
    run = logged(tmp_path, (rows, y[:5]), 6, CLASSES, frame, y, **options, target=2)
    booster = train(None, 6, CLASSES, frame, y)
    codes = np.column_stack([frame[["body mass", "age"]], frame["colour"].cat.codes])[:5].astype(float)
    each = shapley(lambda x: booster.predict(x, raw_score=True), codes, codes)
    close(scores(run, 6), each[..., 2] - (each[..., 0] + each[..., 1]) / 2)
    assert scores(run, 6)[:, 2].any()


# --- when


def test_steps_are_rounds_and_those_of_a_model_that_is_trained_on_go_on(tmp_path: Path):
    first = train(attribution_callback(tmp_path, (X[:4], Y[:4])), 5)
    train(attribution_callback(tmp_path, (X[:4], Y[:4])), 4, init_model=first)
    run = read_runs(str(tmp_path))["attribution"]
    assert run.series["tree_shap"].steps == [1, 2, 4, 5, 6, 8, 9]
    assert not (tmp_path / "attribution-2").exists()


def test_early_stopping_ends_the_log_and_the_next_fit_has_its_own(tmp_path: Path):
    wrong = RANDOM.permutation(Y)
    for _ in range(2):
        callback = attribution_callback(tmp_path, (X[:4], Y[:4]))
        noise = lightgbm.Dataset(X, wrong)
        lightgbm.train(
            BINARY,
            lightgbm.Dataset(X, Y),
            50,
            valid_sets=[noise],
            valid_names=["noise"],
            callbacks=[callback, lightgbm.early_stopping(3, verbose=False)],
        )
    runs = read_runs(str(tmp_path))
    assert runs["attribution"].series["tree_shap"].steps == runs["attribution-2"].series["tree_shap"].steps == [1, 2, 4]
    assert [point.step for point in runs["attribution"].scalars["fit/noise_binary_logloss"]] == [1, 2, 4]


# --- training


def test_training_gives_the_same_model_with_and_without(tmp_path: Path):
    for at, more in enumerate(
        ({}, {"boosting": "dart", "drop_rate": 0.5}, {"bagging_freq": 1, "bagging_fraction": 0.5})
    ):
        with_it = train(
            attribution_callback(tmp_path / str(at), (X[:4], Y3[:4]), update_freq=1), 8, {**CLASSES, **more}, X, Y3
        )
        assert with_it.model_to_string() == train(None, 8, {**CLASSES, **more}, X, Y3).model_to_string()


def test_the_classifier_of_scikit_learn_takes_it(tmp_path: Path):
    callback = attribution_callback(tmp_path, (X[:4], Y3[:4]))
    model = lightgbm.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1).fit(X, Y3, callbacks=[callback])
    run = read_runs(str(tmp_path))["attribution"]
    assert run.series["tree_shap"].steps == [1, 2, 4, 5]
    close(run.series["tree_shap"].stats(5)["STAT_TARGET_PROBABILITY"], model.predict_proba(X[:4])[range(4), Y3[:4]])


def test_labels_of_the_classifier_are_told_by_its_classes(tmp_path: Path):
    for at, names in enumerate(([1, 2, 3], ["ant", "bee", "cat"])):
        y = np.array(names)[Y3]
        callback = attribution_callback(tmp_path / str(at), (X[:6], y[:6]), classes=y)
        model = lightgbm.LGBMClassifier(n_estimators=4, n_jobs=1, verbose=-1).fit(X, y, callbacks=[callback])
        run = read_runs(str(tmp_path / str(at)))["attribution"]
        assert run.series["tree_shap"].stats(4)["STAT_TARGET"].tolist() == Y3[:6].tolist()
        of_own = model.predict_proba(X[:6])[range(6), Y3[:6]]
        close(run.series["tree_shap"].stats(4)["STAT_TARGET_PROBABILITY"], of_own)


# --- refused


def refused(words: str, path: Path, probe: Any = (X[:4], Y[:4]), params: Any = BINARY, x: Any = X, **options: Any):
    with pytest.raises((ValueError, TypeError), match=words):
        train(attribution_callback(path, probe, **options), 1, params, x)


def test_what_cannot_be_explained_is_refused(tmp_path: Path):
    frame = pd.DataFrame(X, columns=["age", "weight", "height", "noise"])
    refused("the probe has 3 columns, but the model is trained on 4", tmp_path, X[:4, :3])
    refused(r"the model has also \['noise'\]", tmp_path, frame.iloc[:4, :3], x=frame)
    refused("model's output has 2 classes", tmp_path, target=2)
    kinds = frame.assign(noise=pd.Categorical(Y))
    more = kinds[:4].assign(age=pd.Categorical(list("abca")))
    refused(r"1 columns of the model have categories, but of the probe 2: \['age', 'noise'\]", tmp_path, more, x=kinds)
    refused(r"0 columns of the model have categories, but of the probe 1: \['noise'\]", tmp_path, kinds[:4], x=frame)
    refused("train with linear_tree=False", tmp_path, params={**BINARY, "linear_tree": True})
    refused("'mood' holds (str|object).*astype", tmp_path, frame[:4].assign(mood="good"))
    refused("needs the rows that absent columns are drawn from", tmp_path, feature_perturbation="interventional")
    refused("background of shape", tmp_path, feature_perturbation="interventional", background=X[:, :2])
    refused("label 4 of example 1 is none of the model's", tmp_path, (X[:2], [1, 4]), classes=Y3 + 1)
    refused("classes holds 3 of them, but the model tells 2 apart", tmp_path, (X[:2], [1, 3]), classes=Y3 + 1)
    refused("labels of a Probe count from 0", tmp_path, Probe(X[:2], [0, 1]), classes=Y)
    assert list(tmp_path.iterdir()) == []


def test_cross_validation_is_refused(tmp_path: Path):
    with pytest.raises(TypeError, match="fit one model per fold with a name of its own"):
        lightgbm.cv(BINARY, lightgbm.Dataset(X, Y), 3, callbacks=[attribution_callback(tmp_path, (X[:4], Y[:4]))])
