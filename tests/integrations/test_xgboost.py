"""Contributions that are logged while XGBoost trains, as they are read back from the log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import xgboost

from tb_attribution_plugin import Probe
from tb_attribution_plugin.integrations import rounds
from tb_attribution_plugin.integrations.ensemble import summed
from tb_attribution_plugin.integrations.table import Table
from tb_attribution_plugin.integrations.xgboost import AttributionCallback
from tb_attribution_plugin.integrations.xgboost_json import trees
from tb_attribution_plugin.integrations.xgboost_trees import BoosterExplainer
from tb_attribution_plugin.logging.reader import StoredRun, read_runs
from tb_attribution_plugin.logging.reports import AttributionWarning
from tests.integrations.shapley import shapley
from tests.integrations.trees_parity import Case

OWN_CODE = "treeshap_path_dependent_own_code"
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(200, 4))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
Y3 = Y + (X[:, 2] > 0.5)
NAMES = ["age", "weight", "height", "noise"]
BINARY = {"objective": "binary:logistic", "nthread": 1, "max_depth": 3, "seed": 1, "subsample": 0.7}
CLASSES = {**BINARY, "objective": "multi:softprob", "num_class": 3}


def matrix(labels: Any = Y, x: Any = X, **about: Any) -> xgboost.DMatrix:
    return xgboost.DMatrix(x, labels, **about)


def train(callback: Any, rounds: int = 10, params: Any = BINARY, data: Any = None, **options: Any) -> xgboost.Booster:
    callbacks = [] if callback is None else [callback]
    return xgboost.train(params, data or matrix(), rounds, callbacks=callbacks, **options)


def logged(
    path: Path, probe: Any, rounds: int = 10, params: Any = BINARY, data: Any = None, **options: Any
) -> StoredRun:
    train(AttributionCallback(path, probe, on_error="raise", **options), rounds, params, data)
    return read_runs(str(path))["attribution"]


def scores(run: StoredRun, step: int, tag: str = "tree_shap") -> np.ndarray:
    return run.series[tag].maps(step).scores[0]


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, atol=2e-6, rtol=1e-6)


# --- values


@pytest.mark.parametrize("case", ["trees_xgb_binary", "trees_xgb_multiclass", "trees_xgb_regression_missing"])
def test_contributions_of_a_booster_are_those_of_the_parity_pack(case: str):
    pack = Case(case)
    booster = xgboost.Booster(model_file=str(pack.path / "booster.json"))
    explainer = BoosterExplainer(booster, Table.of(pack.x))
    for rounds_so_far in (1, 2, 5, booster.num_boosted_rounds()):  # parts are added up
        found = explainer(booster, rounds_so_far)
    units = explainer.head.units
    pack.compare(found.outputs.reshape(pack.expected["margin"].shape), "margin")
    whole = np.concatenate([found.scores, np.broadcast_to(found.base, (len(pack.x), 1, units))], axis=1)
    pack.compare(whole.transpose(0, 2, 1).reshape(pack.expected["pred_contribs"].shape), "pred_contribs")
    pack.compare(found.scores.reshape(pack.expected["treeshap_path_dependent"].shape), "treeshap_path_dependent")
    pack.compare(found.base, "treeshap_path_dependent_expected_value")
    pack.compare(found.predictions[:, -1] if case.endswith("binary") else found.predictions, "prediction")
    assert explainer.grown.looked_into == booster.num_boosted_rounds()


@pytest.mark.parametrize("case", ["trees_xgb_binary", "trees_xgb_multiclass", "trees_xgb_regression_missing"])
def test_contributions_to_a_background_are_those_of_the_parity_pack(case: str):
    pack = Case(case)
    booster = xgboost.Booster(model_file=str(pack.path / "booster.json"))
    explainer = BoosterExplainer(booster, Table.of(pack.x, pack.background), "interventional")
    for rounds_so_far in (1, 2, booster.num_boosted_rounds()):
        found = explainer(booster, rounds_so_far)
    pack.compare(found.scores.reshape(pack.expected["treeshap_interventional"].shape), "treeshap_interventional")
    base = pack.expected["treeshap_interventional_expected_value"]
    if case == "trees_xgb_multiclass":
        # shap gives every class the intercept of the first: its values and this miss the margin by the difference.
        about = json.loads(booster.save_config())["learner"]["learner_model_param"]
        base = base + np.array(json.loads(about["base_score"])) - json.loads(about["base_score"])[0]
    np.testing.assert_allclose(found.base, base, atol=pack.about["keys"]["treeshap_interventional"]["atol"])
    own = summed(trees(booster, explainer.head.units), pack.x.astype(float), None, explainer.head.units)
    pack.compare(own.scores.reshape(pack.expected[OWN_CODE].shape), OWN_CODE)
    if "shapley_brute_force_4rows" in pack.expected:
        pack.compare(found.scores[:4, :, 0], "shapley_brute_force_4rows")
    assert explainer.grown.looked_into == booster.num_boosted_rounds()


@pytest.mark.parametrize("tree_method", ["exact", "hist"])
@pytest.mark.parametrize("missing", [False, True])
def test_contributions_to_a_background_are_shapley_values_of_what_the_model_returns(tree_method: str, missing: bool):
    x, y = X.copy(), Y3
    x[:, 3] = RANDOM.integers(0, 5, len(x))
    if missing:
        x[RANDOM.random(x.shape) < 0.2] = np.nan
    types = ["q", "q", "q", "c" if tree_method == "hist" else "q"]
    data = matrix(y + np.isin(x[:, 3], [1, 3]), x, feature_types=types, enable_categorical=True)
    params = {**CLASSES, "num_class": 4, "tree_method": tree_method, "max_cat_to_onehot": 1}
    booster = train(None, 6, params, data)
    background = x[50:60]
    found = BoosterExplainer(booster, Table.of(x[:3], background), "interventional")(booster, 6)

    def margins(rows: np.ndarray) -> np.ndarray:
        return booster.predict(matrix(None, rows, feature_types=types, enable_categorical=True), output_margin=True)

    np.testing.assert_allclose(found.scores, shapley(margins, x[:3], background), atol=1e-5)


def test_label_1_explains_the_logit_and_label_0_its_negative(tmp_path: Path):
    run = logged(tmp_path, (X[:6], Y[:6]), 4)
    booster = train(None, 4)
    whole = booster.predict(matrix(x=X[:6], labels=Y[:6]), pred_contribs=True)
    sign = np.where(Y[:6] == 1, 1, -1)[:, None]
    close(scores(run, 4), sign * whole[:, :-1])
    stats = run.series["tree_shap"].stats(4)
    close(stats["STAT_OUTPUT"], sign[:, 0] * whole.sum(axis=1))
    close(stats["STAT_BASELINE_OUTPUT"], sign[:, 0] * whole[:, -1])
    close(stats["STAT_RESIDUAL"], 0)
    close(stats["STAT_TARGET_PROBABILITY"], 1 / (1 + np.exp(-sign[:, 0] * whole.sum(axis=1))))


def test_a_class_is_explained_by_its_logit_minus_the_mean_of_the_others(tmp_path: Path):
    probe = Probe(X[:6], Y3[:6], class_names=["a", "b", "c"])
    target = {"truth": "label", "c": "c", "found": "predicted"}
    run = logged(tmp_path, probe, 4, CLASSES, matrix(Y3), target=target)
    booster = train(None, 4, CLASSES, matrix(Y3))
    whole = booster.predict(matrix(x=X[:6], labels=None), pred_contribs=True)[..., :-1]
    margin = lambda c: whole[:, c] - (whole.sum(axis=1) - whole[:, c]) / 2  # noqa: E731
    close(scores(run, 4, "tree_shap/c"), margin(2))
    close(scores(run, 4, "tree_shap/truth"), [margin(label)[row] for row, label in enumerate(Y3[:6])])
    predicted = booster.predict(matrix(x=X[:6], labels=None)).argmax(axis=1)
    assert run.series["tree_shap/found"].stats(4)["STAT_TARGET"].tolist() == predicted.tolist()


def test_a_regression_explains_the_value(tmp_path: Path):
    params = {"objective": "count:poisson", "nthread": 1}
    counts = RANDOM.poisson(np.exp(X[:, 0])).astype(float)
    run = logged(tmp_path / "count", (X[:4], counts[:4]), 8, params, matrix(counts))
    stats = run.series["tree_shap"].stats(8)
    close(np.exp(stats["STAT_OUTPUT"]), stats["STAT_PREDICTION"])  # the raw value, and what it means
    assert run.series["tree_shap"].description.scalar == "log value"
    two = np.column_stack([counts, counts + 1])
    run = logged(tmp_path / "two", Probe(X[:4]), 4, params, matrix(two), target={"other": 1})
    expected = train(None, 4, params, matrix(two)).predict(matrix(None, X[:4]))[:, 1]
    close(run.series["tree_shap/other"].stats(4)["STAT_PREDICTION"], expected)
    run = logged(tmp_path / "part", X[:4], 4, {"objective": "reg:logistic", "nthread": 1})
    stats = run.series["tree_shap"].stats(4)
    close(1 / (1 + np.exp(-stats["STAT_OUTPUT"])), stats["STAT_PREDICTION"])
    assert run.series["tree_shap"].description.scalar == "logit"


def test_a_hinge_has_a_raw_score_and_no_probabilities(tmp_path: Path):
    params = {"objective": "binary:hinge", "nthread": 1}
    run = logged(tmp_path, (X[:6], Y[:6]), 4, params)
    assert run.series["tree_shap"].description.scalar == "raw score"
    expected = train(None, 4, params).predict(matrix(None, X[:6]))
    close(run.series["tree_shap"].stats(4)["STAT_PREDICTION"], expected)


@pytest.mark.parametrize(
    "params",
    [
        {"booster": "dart", "rate_drop": 0.5},
        {"num_parallel_tree": 3},
        {"booster": "dart", "objective": "multi:softprob", "num_class": 3},
    ],
)
def test_contributions_add_up_at_every_step_whatever_happens_to_earlier_trees(tmp_path: Path, params: Any):
    classes = "num_class" in params
    run = logged(tmp_path, (X[:6], (Y3 if classes else Y)[:6]), 9, {**BINARY, **params}, matrix(Y3 if classes else Y))
    assert run.series["tree_shap"].steps == [1, 2, 4, 8, 9]
    for step in run.series["tree_shap"].steps:
        stats = run.series["tree_shap"].stats(step)
        close(stats["STAT_RESIDUAL"], 0)
        close(scores(run, step).sum(axis=1), stats["STAT_OUTPUT"] - stats["STAT_BASELINE_OUTPUT"])


@pytest.mark.parametrize("perturbation", ["path_dependent", "interventional"])
def test_columns_of_a_frame_are_found_by_name_and_categories_by_value(tmp_path: Path, perturbation: str):
    frame = pd.DataFrame(X[:, :2], columns=["body mass", "age"])
    frame["colour"] = pd.Categorical(RANDOM.choice(["red", "green", "blue"], len(X)), ["red", "green", "blue"])
    frame["floor"] = pd.Categorical(RANDOM.choice([3, 7, 5], len(X)), [7, 3, 5])
    y = X[:, 0] + 2.0 * (frame["colour"] == "green") + (frame["floor"] == 3)
    data = xgboost.DMatrix(frame, y, enable_categorical=True)
    params = {"nthread": 1, "max_cat_to_onehot": 1}
    rows = frame.iloc[:5].assign(colour=frame["colour"][:5].cat.set_categories(["blue", "red", "green"]))
    rows = rows[["colour", "age", "floor", "body mass"]]  # another order of columns, and of categories
    rows.loc[2, "body mass"] = np.nan
    run = logged(tmp_path, rows, 6, params, data, feature_perturbation=perturbation, background=rows)
    booster, same = train(None, 6, params, data), rows[list(frame.columns)]

    def f(numbers: np.ndarray) -> np.ndarray:
        table = pd.DataFrame(numbers[:, :2], columns=frame.columns[:2])
        for at in (2, 3):
            known = frame.iloc[:, at].cat.categories
            table[frame.columns[at]] = pd.Categorical.from_codes(numbers[:, at].astype(int), known)
        return booster.predict(xgboost.DMatrix(table, enable_categorical=True), output_margin=True)

    if perturbation == "path_dependent":
        matrix_of_rows = xgboost.DMatrix(same, enable_categorical=True)
        expected = booster.predict(matrix_of_rows, pred_contribs=True)[:, :-1]
    else:
        own = frame.iloc[:5].assign(**{"body mass": same["body mass"]})
        codes = np.column_stack([own.iloc[:, :2], own["colour"].cat.codes, own["floor"].cat.codes]).astype(float)
        expected = shapley(f, codes, codes)
    np.testing.assert_allclose(scores(run, 6), expected, atol=1e-5)
    assert scores(run, 6)[:, 2:].any(axis=0).all()


@pytest.mark.parametrize("frame", [False, True])
@pytest.mark.parametrize("perturbation", ["path_dependent", "interventional"])
def test_a_number_that_stands_for_a_missing_value_is_one(tmp_path: Path, frame: bool, perturbation: str):
    gaps = np.where(RANDOM.random(X.shape) < 0.3, -999.0, X)
    rows = pd.DataFrame(gaps, columns=NAMES) if frame else gaps
    options = {"missing": -999, "feature_perturbation": perturbation, "background": rows[50:60]}
    run = logged(tmp_path, (rows[:6], np.ones(6, int)), 4, BINARY, matrix(Y, rows, missing=-999), **options)
    model = train(None, 4, BINARY, matrix(Y, rows, missing=-999))
    close(
        run.series["tree_shap"].stats(4)["STAT_OUTPUT"],
        model.predict(matrix(None, rows[:6], missing=-999), output_margin=True),
    )
    shown = Table.of(rows[:6]).without(-999).probe.inputs
    np.testing.assert_array_equal(np.isnan(shown), gaps[:6] == -999)


def test_cells_that_a_sparse_matrix_does_not_store_are_missing_as_the_message_says(tmp_path: Path):
    sparse = scipy.sparse.csr_matrix(np.where(RANDOM.random(X.shape) < 0.4, 0, X))
    with pytest.raises(TypeError, match=r"x.toarray\(\), to XGBoost with missing=0"):
        AttributionCallback(tmp_path, sparse[:6])
    probe = sparse[:6].toarray(), np.ones(6, int)
    run = logged(tmp_path, probe, 4, BINARY, matrix(Y, sparse), missing=0)
    margin = train(None, 4, BINARY, matrix(Y, sparse)).predict(matrix(None, sparse[:6]), output_margin=True)
    close(run.series["tree_shap"].stats(4)["STAT_OUTPUT"], margin)


def test_columns_with_numbers_for_names_are_found_by_them(tmp_path: Path):
    frame = pd.DataFrame(X)
    shuffled = frame.iloc[:6, [2, 0, 3, 1]]
    options = {"feature_perturbation": "interventional", "background": shuffled}
    run = logged(tmp_path, (shuffled, np.ones(6, int)), 4, BINARY, matrix(Y, frame), **options)
    margin = train(None, 4, BINARY, matrix(Y, frame)).predict(matrix(None, frame.iloc[:6]), output_margin=True)
    close(run.series["tree_shap"].stats(4)["STAT_OUTPUT"], margin)


# --- when


def test_steps_are_rounds_and_those_of_a_model_that_is_trained_on_go_on(tmp_path: Path):
    first = train(AttributionCallback(tmp_path, (X[:4], Y[:4])), 5)
    train(AttributionCallback(tmp_path, (X[:4], Y[:4])), 4, xgb_model=first)
    run = read_runs(str(tmp_path))["attribution"]
    assert run.series["tree_shap"].steps == [1, 2, 4, 5, 6, 8, 9]
    assert not (tmp_path / "attribution-2").exists()


def test_a_number_means_every_so_many_rounds(tmp_path: Path):
    run = logged(tmp_path, (X[:4], Y[:4]), 10, update_freq=3)
    assert run.series["tree_shap"].steps == [1, 3, 6, 9]


def test_a_round_is_explained_once(tmp_path: Path):
    callback = AttributionCallback(tmp_path, (X[:4], Y[:4]), update_freq=1)
    seen: list[rounds.Explainer] = []
    callback.after_training = lambda model: seen.append(callback._rounds._explainer) or callback.close(model) or model  # type: ignore
    train(callback, 20)
    assert seen[0].grown.looked_into == 20


def test_the_metrics_of_training_are_scalars_beside_the_maps(tmp_path: Path):
    callback, data, history = AttributionCallback(tmp_path, (X[:4], Y[:4])), matrix(), {}
    train(callback, 4, data=data, evals=[(data, "train")], evals_result=history, verbose_eval=False)
    points = read_runs(str(tmp_path))["attribution"].scalars["fit/train_logloss"]
    assert [point.step for point in points] == [1, 2, 4]
    close([point.value for point in points], [history["train"]["logloss"][at - 1] for at in (1, 2, 4)])


def test_where_early_stopping_keeps_the_best_rounds_the_best_is_the_last_step(tmp_path: Path):
    callback, noise = AttributionCallback(tmp_path, (X[:4], Y[:4])), matrix(RANDOM.permutation(Y))
    stop = xgboost.callback.EarlyStopping(rounds=6, save_best=True)
    model = xgboost.train(
        BINARY, matrix(), 50, evals=[(noise, "noise")], verbose_eval=False, callbacks=[stop, callback]
    )
    kept = model.num_boosted_rounds()
    steps = read_runs(str(tmp_path))["attribution"].series["tree_shap"].steps
    assert steps == sorted(
        {step for step in (1, 2, 4, 8, 16, 32) if step <= kept + 6} | ({kept} if kept > 4 else set())
    )


def test_of_several_processes_the_first_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(xgboost.collective, "get_rank", lambda: 1)
    assert train(AttributionCallback(tmp_path, (X[:4], Y[:4])), 2).num_boosted_rounds() == 2
    assert list(tmp_path.iterdir()) == []


# --- training


def test_training_gives_the_same_bytes_with_and_without(tmp_path: Path):
    for params in (CLASSES, {**CLASSES, "booster": "dart", "rate_drop": 0.3}, {**CLASSES, "colsample_bytree": 0.5}):
        path = tmp_path / str(len(list(tmp_path.iterdir())))
        with_it = train(AttributionCallback(path, (X[:4], Y3[:4]), update_freq=1), 8, params, matrix(Y3))
        assert with_it.save_raw() == train(None, 8, params, matrix(Y3)).save_raw()


def test_a_failing_attribution_is_said_once_and_training_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: Any) -> Any:
        raise RuntimeError("no contributions today")

    monkeypatch.setattr(BoosterExplainer, "_own", broken)
    with pytest.warns(AttributionWarning, match="TreeSHAP failed: RuntimeError: no contributions today") as warnings:
        booster = train(AttributionCallback(tmp_path, (X[:4], Y[:4])), 8)
    assert len([one for one in warnings if one.category is AttributionWarning]) == 1
    assert booster.num_boosted_rounds() == 8
    with pytest.raises(RuntimeError, match="no contributions today"):
        train(AttributionCallback(tmp_path, (X[:4], Y[:4]), on_error="raise"), 8)


def test_trees_that_are_changed_in_place_are_explained_where_xgboost_shows_them(tmp_path: Path):
    """A slice, none before all are changed."""
    first, other = train(None, 4), matrix(1 - Y)
    params = {**BINARY, "process_type": "update", "updater": "refresh", "refresh_leaf": True}
    before = bytes(first.save_raw())
    with pytest.warns(AttributionWarning, match="Not all trees are updated"):
        changed = train(AttributionCallback(tmp_path, (X[:4], Y[:4])), 4, params, other, xgb_model=first)
    run = read_runs(str(tmp_path))["attribution"]
    assert run.series["tree_shap"].steps == [1, 4]
    close(run.series["tree_shap"].stats(4)["STAT_RESIDUAL"], 0)
    again = train(None, 4, params, other, xgb_model=xgboost.Booster(model_file=bytearray(before)))
    assert changed.save_raw() == again.save_raw()


def test_the_classifier_of_scikit_learn_takes_it(tmp_path: Path):
    callback = AttributionCallback(tmp_path, (X[:4], Y3[:4]))
    model = xgboost.XGBClassifier(n_estimators=5, callbacks=[callback], n_jobs=1).fit(X, Y3)
    run = read_runs(str(tmp_path))["attribution"]
    assert run.series["tree_shap"].steps == [1, 2, 4, 5]
    close(run.series["tree_shap"].stats(5)["STAT_TARGET_PROBABILITY"], model.predict_proba(X[:4])[range(4), Y3[:4]])


# --- refused


def refused(
    words: str, path: Path, probe: Any = (X[:4], Y[:4]), params: Any = BINARY, data: Any = None, **options: Any
):
    with pytest.raises((ValueError, TypeError), match=words):
        train(AttributionCallback(path, probe, **options), 1, params, data)


def test_what_cannot_be_explained_is_refused_before_the_first_round(tmp_path: Path):
    named = matrix(feature_names=NAMES)
    refused("the probe has 3 columns, but the model is trained on 4", tmp_path, X[:4, :3])
    other = Probe(X[:4], feature_names=["age", "weight", "hight", "noise"])
    refused(r"the model has not \['hight'\] and also \['height'\]", tmp_path, other, data=named)
    refused(
        "column 0 of the probe is 'noise', that of the model 'age'",
        tmp_path,
        Probe(X[:4], feature_names=NAMES[::-1]),
        data=named,
    )
    refused("model's output has 2 classes", tmp_path, target=2)
    one = {"objective": "multi:softprob", "num_class": 1}
    refused("num_class=1 has no class", tmp_path, X[:4], params=one, data=matrix(0 * Y))
    refused("did you mean 'predicted'", tmp_path, target="predcted")
    refused("gblinear' has no trees", tmp_path, params={"booster": "gblinear"})
    refused("one_output_per_tree", tmp_path, params={"multi_strategy": "multi_output_tree"}, data=matrix(X[:, :2]))
    refused("a regression with 2 output columns", tmp_path, params={}, data=matrix(X[:, :2]))
    refused("needs the rows that absent columns are drawn from", tmp_path, feature_perturbation="interventional")
    refused("must be 'path_dependent' or 'interventional'", tmp_path, feature_perturbation="marginal")
    refused("on_error must be 'warn' or 'raise'", tmp_path, on_error="ignore")
    refused("update_freq must be", tmp_path, update_freq=0)
    refused("max_overhead must be", tmp_path, max_overhead=-1)
    refused("the probe is a DMatrix; pass the rows themselves", tmp_path, matrix())
    refused("the probe is text", tmp_path, Probe(np.arange(12).reshape(3, 4)))
    assert list(tmp_path.iterdir()) == []


def test_categories_that_the_model_does_not_know_are_refused(tmp_path: Path):
    frame = pd.DataFrame({"size": X[:, 0], "colour": pd.Categorical(RANDOM.choice(["red", "green"], len(X)))})
    data = xgboost.DMatrix(frame, Y, enable_categorical=True)
    codes = frame.iloc[:3].assign(colour=[0, 1, 0])
    refused(r"of the model have categories, but of the probe 0", tmp_path, codes, data=data, on_error="raise")
    more = frame.iloc[:3].assign(size=pd.Categorical(["S", "M", "L"]))
    refused("column 'size' holds categories, but the model is trained on numbers", tmp_path, more, data=data)
    rows = frame.iloc[:3].assign(colour=pd.Categorical(["red", None, "pink"]))
    refused("column 'colour' holds 'pink', which is none of the model's", tmp_path, rows, data=data, on_error="raise")


def test_cross_validation_is_refused(tmp_path: Path):
    callback = AttributionCallback(tmp_path, (X[:4], Y[:4]))
    with pytest.raises(TypeError, match="fit one model per fold with a name of its own"):
        xgboost.cv(BINARY, matrix(), 3, callbacks=[callback])
