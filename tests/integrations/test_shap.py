"""Explanations of the shap library, as they are read back from the log."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shap
from sklearn.linear_model import LinearRegression

from tb_attribution_plugin import AttributionWriter, Probe
from tb_attribution_plugin.integrations.shap import log_explanation
from tb_attribution_plugin.logging.reader import StoredRun, read_runs
from tb_attribution_plugin.wire import attribution_pb2 as pb

# Two examples of three columns, and two outputs.
DATA = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]])
VALUES = np.array([[1.0, -2.0, 0.5], [0.25, 0.0, 4.0]])


def made(values: Any = VALUES, base: Any = 0.5, data: Any = DATA, **more: Any) -> shap.Explanation:
    return shap.Explanation(values, base, data, **more)


def logged(path: Path, explanation: Any, **options: Any) -> StoredRun:
    log_explanation(path, 0, explanation, **options)
    return read_runs(str(path))["attribution"]


def test_a_linear_model_is_its_weights_times_the_distance_from_the_mean(tmp_path: Path):
    rows = np.random.default_rng(0).normal(size=(50, 3))
    model = LinearRegression().fit(rows, rows @ [1.0, -2.0, 3.0] + 4.0)
    explanation = shap.LinearExplainer(model, shap.maskers.Independent(rows, 50))(rows[:4])
    run = logged(tmp_path, explanation, outputs=model.predict(rows[:4]), method="LinearExplainer")
    scores = run.series["shap"].maps(0).scores[0]
    np.testing.assert_allclose(scores, (rows[:4] - rows.mean(0)) * [1, -2, 3], atol=0.02 * np.abs(scores).max())
    stats = run.series["shap"].stats(0)
    np.testing.assert_allclose(stats["STAT_BASELINE_OUTPUT"], model.predict(rows).mean(), rtol=1e-5)
    np.testing.assert_allclose(stats["STAT_OUTPUT"], model.predict(rows[:4]), rtol=1e-5)
    assert np.abs(stats["STAT_RESIDUAL"]).max() < 1e-6
    said = run.series["shap"].description
    assert (said.method, said.target, said.scalar) == ("LinearExplainer", "output", "value")
    assert (said.error_kind, said.additive) == (pb.ERROR_GAP, True)


def test_the_residual_is_what_is_missing_and_absent_without_outputs(tmp_path: Path):
    known = logged(tmp_path / "known", made(), outputs=[0.0, 5.0])
    np.testing.assert_allclose(known.series["shap"].stats(0)["STAT_RESIDUAL"], [0.0, 0.25])
    unknown = logged(tmp_path / "unknown", made())
    assert np.isnan(unknown.series["shap"].stats(0)["STAT_RESIDUAL"]).all()
    assert np.isnan(unknown.series["shap"].stats(0)["STAT_OUTPUT"]).all()


def test_one_output_with_an_axis_of_its_own_is_one_output(tmp_path: Path):
    run = logged(tmp_path, made(VALUES[..., None], [[0.5], [0.25]]), labels=[0, 1], outputs=[[0.0], [5.0]])
    np.testing.assert_allclose(run.series["shap"].maps(0).scores[0], VALUES, atol=0.02 * 4)
    stats = run.series["shap"].stats(0)
    np.testing.assert_allclose(stats["STAT_BASELINE_OUTPUT"], [0.5, 0.25])
    np.testing.assert_allclose(stats["STAT_RESIDUAL"], [0.0, 0.5])
    assert run.series["shap"].description.target == "output"


def test_data_and_names_become_the_probe(tmp_path: Path):
    several = np.stack([VALUES, -VALUES], -1)
    explanation = made(several, [0.5, 0.25], feature_names=["a", "b", "c"], output_names=["no", "yes"])
    (probe,) = logged(tmp_path, explanation, labels=["yes", "no"]).probes.values()
    assert list(probe.feature_names) == ["a", "b", "c"]
    assert list(probe.class_names) == ["no", "yes"]
    assert probe.modality == pb.MODALITY_TABULAR


@pytest.mark.parametrize(
    ("target", "labels", "columns", "name"),
    [
        (None, [1, 0], [1, 0], "label"),
        (None, None, [1, 0], "predicted"),  # sums -0.5 and 4.25, and those of the other output with the sign turned
        ("yes", None, [1, 1], "yes"),
        (0, [1, 0], [0, 0], "output 0"),
        ([0, 1], None, [0, 1], "columns"),
    ],
)
def test_one_of_several_outputs_is_logged(tmp_path: Path, target: Any, labels: Any, columns: list[int], name: str):
    explanation = made(np.stack([VALUES, -VALUES], -1), [0.5, 0.25], output_names=["no", "yes"])
    outputs = np.array([[0.25, 0.75], [1.0, 0.0]])
    series = logged(tmp_path, explanation, target=target, labels=labels, outputs=outputs).series["shap"]
    signs, rows = 1 - 2 * np.array(columns), np.arange(2)
    np.testing.assert_allclose(series.maps(0).scores[0], VALUES * signs[:, None], rtol=0.02)
    stats = series.stats(0)
    assert stats["STAT_TARGET"].tolist() == columns
    np.testing.assert_allclose(stats["STAT_OUTPUT"], outputs[rows, columns])
    np.testing.assert_allclose(stats["STAT_TARGET_PROBABILITY"], outputs[rows, columns])
    np.testing.assert_allclose(stats["STAT_BASELINE_OUTPUT"], np.array([0.5, 0.25])[columns])
    assert series.description.target == name


def test_pictures_keep_their_grid(tmp_path: Path):
    pictures = np.random.default_rng(0).random((2, 5, 4, 3))
    values = np.random.default_rng(1).normal(size=(2, 5, 4, 3, 2))
    run = logged(tmp_path, made(values, np.zeros((2, 2)), pictures), target=1)
    expected = values[..., 1].sum(-1)
    np.testing.assert_allclose(run.series["shap"].maps(0).scores[0], expected, atol=0.02 * np.abs(expected).max())
    assert next(iter(run.probes.values())).modality == pb.MODALITY_IMAGE


def test_tokens_are_those_of_whole_texts(tmp_path: Path):
    tokens = (np.array(["a ", "good ", "film"]), np.array(["bad"]))
    values = np.array([np.array([0.0, 2.0, 1.0]), np.array([-3.0])], dtype=object)
    run = logged(tmp_path, made(values, np.array([0.5, 0.5]), tokens))
    np.testing.assert_allclose(run.series["shap"].maps(0).scores[0], [[0, 2, 1], [-3, 0, 0]], rtol=0.02)
    (probe,) = run.probes.values()
    assert probe.modality == pb.MODALITY_TEXT
    assert [list(row.tokens) for row in probe.tokens] == [["a ", "good ", "film"], ["bad"]]


def test_values_of_other_tokens_are_refused(tmp_path: Path):
    values = np.array([np.array([0.0, 2.0]), np.array([-3.0])], dtype=object)
    with pytest.raises(ValueError, match=r"the explanation has \[2, 1\] values for \[1, 1\] tokens"):
        log_explanation(tmp_path, 0, made(values, np.zeros(2), (np.array(["a"]), np.array(["b"]))))


def test_a_writer_takes_one_step_after_the_other(tmp_path: Path):
    with AttributionWriter(tmp_path, Probe(DATA, modality="tabular")) as writer:
        log_explanation(writer, 10, made())
        log_explanation(writer, 20, made(2 * VALUES))
    assert read_runs(str(tmp_path))["attribution"].series["shap"].steps == [10, 20]


@pytest.mark.parametrize(
    ("explanation", "options", "said"),
    [
        (VALUES, {}, r"the ndarray has no values; give a shap.Explanation, as explainer\(x\) returns it"),
        (made(VALUES[0], 0.5, DATA[0]), {}, r"values \[3\]; the first axis is the example, .* explanation\[0:1\]"),
        (made(VALUES[:, :2]), {}, r"values \[2, 2\] for data \[2, 3\]; they need the same shape"),
        (made(np.zeros((2, 3, 3)), np.zeros(2)), {}, r"with base_values \[2\], as interaction values have"),
        (made(base=np.zeros(3)), {}, r"base_values \[3\]; \[2\] are needed"),
        (made(), {"target": 1}, "target is 1, but the explanation has one output; leave target out"),
        (made(np.zeros((2, 3, 4)), np.zeros(4)), {"target": 4}, "'output 4' is outside of the explanation's 4 outputs"),
        (made(np.zeros((2, 3, 4)), np.zeros(4)), {"target": "cat"}, "target 'cat' is not 'label', 'predicted' or one"),
        (made(), {"outputs": np.zeros((2, 3))}, r"outputs have shape \[2, 3\]; the explained function returned \[2\]"),
        (
            made(),
            {"probe": Probe(DATA[:, :2])},
            r"values \[2, 3\], but the writer's probe has inputs \[2, 2\]; explain",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_logged(
    tmp_path: Path, explanation: Any, options: dict[str, Any], said: str
):
    with pytest.raises((TypeError, ValueError), match=said):
        log_explanation(tmp_path, 0, explanation, **options)
    assert list(tmp_path.iterdir()) == []


def test_neither_shap_nor_tensorflow_is_loaded_by_it(tmp_path: Path):
    script = (
        "import sys, types, numpy as np, tb_attribution_plugin as tba\n"
        "one = types.SimpleNamespace(values=np.ones((2, 3)), base_values=0.0, data=np.ones((2, 3)),"
        " feature_names=None, output_names=None)\n"
        f"tba.integrations.shap.log_explanation({str(tmp_path)!r}, 0, one)\n"
        "print(sorted({'tensorflow', 'keras', 'shap', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
