"""Checkpoints that are explained after the fact, against what the callback logged while they were saved."""

from __future__ import annotations

import shutil

import keras
import numpy as np
import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.explained_run import ExplainedRun
from tb_attribution_plugin.logging.place import PlaceWriter
from tests.training import fits
from tests.training.after_the_fact.trained import PROBE, Saves, assert_same, explain, run


def test_a_run_is_what_the_callback_would_have_logged(trained, tmp_path):
    done = explain(trained, tmp_path)
    assert (done.written, done.stored, done.failed) == ((0, 10, 20, 30, 40), (), {})
    live = run(trained / "live")
    assert live.series["saliency"].steps == [0, 10, 20, 30, 40]
    assert_same(run(tmp_path), live)


def test_layers_segments_batch_normalization_and_several_targets_are_those_of_the_callback(tmp_path):
    x, y = fits.pictures()
    model = keras.Sequential(
        [
            keras.layers.Input((8, 8, 1)),
            keras.layers.Conv2D(3, 3, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(2),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, jit_compile=False)
    model.save(tmp_path / "model.keras")
    probe = tba.Probe(x[:2], y[:2], class_names=["even", "odd"], regions={"diagonal": np.eye(8, dtype=bool)})
    what = {
        "methods": [tba.methods.GradCAM(), tba.methods.KernelSHAP(samples=16)],
        "target": {"label": "label", "odd": tba.targets.Contrast("odd", "even")},
    }
    live = tba.AttributionCallback(tmp_path / "live", probe, update_freq="epoch", max_overhead=None, **what)
    model.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=[live, Saves(tmp_path)])
    tba.explain_checkpoints(str(tmp_path / "model.keras"), str(tmp_path / "*.h5"), probe, tmp_path / "after", **what)
    assert set(run(tmp_path / "after").series) == {
        f"{m}/{t}" for m in ("grad_cam", "kernel_shap") for t in what["target"]
    }
    assert_same(run(tmp_path / "after"), run(tmp_path / "live"))


def test_steps_that_are_stored_are_left_out_and_later_ones_appended(trained, tmp_path):
    explain(trained, tmp_path, "ckpt-00[012]?")
    done = explain(trained, tmp_path)
    assert (done.written, done.stored) == ((30, 40), (0, 10, 20))
    assert_same(run(tmp_path), run(trained / "live"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["attribution"]


def test_a_gap_is_filled(trained, tmp_path):
    explain(trained, tmp_path, "ckpt-00[24]0")
    done = explain(trained, tmp_path)
    assert (done.written, done.stored) == ((0, 10, 30), (20, 40))
    assert_same(run(tmp_path), run(trained / "live"), drift_within=5e-3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["attribution"]


def test_what_is_interrupted_is_gone_on_with(trained, tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(ExplainedRun, "write", failing_at(30, KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            explain(trained, tmp_path)
    assert explain(trained, tmp_path).written == (30, 40)
    assert_same(run(tmp_path), run(trained / "live"))


def test_a_gap_whose_filling_is_interrupted_keeps_what_was_explained(trained, tmp_path, monkeypatch):
    explain(trained, tmp_path, "ckpt-0040")
    with monkeypatch.context() as patched:
        patched.setattr(ExplainedRun, "write", failing_at(20, KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            explain(trained, tmp_path)
    done = explain(trained, tmp_path)
    assert (done.written, done.stored) == ((20, 30), (0, 10, 40))
    assert_same(run(tmp_path), run(trained / "live"), drift_within=5e-3)


def test_steps_of_the_callback_itself_are_gone_on_with(trained, tmp_path):
    shutil.copytree(trained / "live", tmp_path / "run")
    (tmp_path / "ckpt").mkdir()
    shutil.copy(trained / "ckpt" / "ckpt-0040.weights.h5", tmp_path / "ckpt" / "late-0050.weights.h5")
    shutil.copy(trained / "model.keras", tmp_path)
    done = explain(tmp_path, tmp_path / "run", "late*")
    assert done.written == (50,)
    found = run(tmp_path / "run")
    assert found.series["saliency"].steps == [0, 10, 20, 30, 40, 50]
    assert [point.step for point in found.scalars["fit/loss"]] == [10, 20, 30, 40]
    np.testing.assert_array_equal(*(found.series["saliency"].maps(step).scores for step in (40, 50)))
    np.testing.assert_allclose(found.series["saliency"].stats(50)["STAT_DRIFT"], 0, atol=1e-2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"methods": ["saliency"]}, r"holds the series \['integrated_gradients', 'saliency'\]"),
        ({"target": "predicted"}, "holds maps of another target as"),
        ({"store": "float32"}, r"holds maps in another code \(store=\) as"),
        ({"output": "logits"}, "holds maps of another scalar of the output as"),
    ],
)
def test_a_run_of_other_maps_is_not_gone_on_with(trained, tmp_path, change, message):
    explain(trained, tmp_path, "ckpt-0000")
    before = {path: path.read_bytes() for path in (tmp_path / "attribution").glob("*tfevents*")}
    with pytest.raises(ValueError, match=message):
        explain(trained, tmp_path, "ckpt-00[01]0", **change)
    assert {path: path.read_bytes() for path in (tmp_path / "attribution").glob("*tfevents*")} == before


def test_a_directory_that_a_fit_writes_to_is_left_alone(trained, tmp_path):
    explain(trained, tmp_path, "ckpt-0000")
    with (
        PlaceWriter(tmp_path, PROBE),
        pytest.raises(ValueError, match="is already being written by this process"),
    ):
        explain(trained, tmp_path)


@pytest.mark.parametrize("changed", [{"resolution": 2}, {"channels": True}])
@pytest.mark.parametrize("appends", [True, False])
def test_another_grid_is_refused_before_a_checkpoint_is_explained(tmp_path, changed, appends):
    probe = tba.Probe(np.ones((2, 4, 4, 3), np.float32))

    def declare(writer):
        writer.series("saliency", method="Saliency")

    with ExplainedRun(tmp_path, probe, name="attribution") as explained:
        explained.begin(declare, [10])
        explained.write(10, {"attributions": {"saliency": np.ones((2, 4, 4, 3), np.float32)}}, {})
    before = {path: path.read_bytes() for path in tmp_path.rglob("*tfevents*")}
    with (
        pytest.raises(ValueError, match=r"maps \[4, 4, 3\] of 'saliency' are stored as \[4, 4\], and would be as \["),
        ExplainedRun(tmp_path, probe, name="attribution", **changed) as explained,
    ):
        explained.begin(declare, [20 if appends else 5])
    assert {path: path.read_bytes() for path in tmp_path.rglob("*tfevents*")} == before


def test_where_maps_are_refused_no_scalars_are_written(tmp_path):
    probe = tba.Probe(np.ones((2, 4, 4, 3), np.float32))
    with ExplainedRun(tmp_path, probe, name="attribution") as explained:
        explained.begin(lambda writer: writer.series("saliency", method="Saliency"), [0, 10])
        explained.write(0, {"attributions": {"saliency": np.ones((2, 4, 4))}}, {"region/saliency/x": 0.5})
        with pytest.raises(ValueError, match=r"have the grid \[2, 2\]"):
            explained.write(10, {"attributions": {"saliency": np.ones((2, 2, 2))}}, {"region/saliency/x": 0.25})
    assert [(p.step, p.value) for p in run(tmp_path).scalars["region/saliency/x"]] == [(0, 0.5)]


@pytest.mark.parametrize("argument", ["jobs", "in_flight"])
@pytest.mark.parametrize("value", [0, -1, True, 1.5])
def test_numbers_that_are_none_are_refused(trained, tmp_path, argument, value):
    with pytest.raises(ValueError, match=rf"^{argument} is {value}; it is a number of .*, at least 1"):
        explain(trained, tmp_path, **{argument: value})
    assert list(tmp_path.iterdir()) == []


class Net(keras.Sequential):
    """A class is a function without arguments that makes the model."""

    def __init__(self) -> None:
        super().__init__(fits.mlp().layers)


def test_a_class_of_models_makes_the_model(trained, tmp_path):
    files = str(trained / "ckpt" / "ckpt-00[01]0.weights.h5")
    done = tba.explain_checkpoints(Net, files, PROBE, tmp_path, methods=["saliency"])
    assert (done.written, done.failed) == ((0, 10), {})
    found, expected = (run(where).series["saliency"] for where in (tmp_path, trained / "live"))
    np.testing.assert_array_equal(found.maps(10).scores, expected.maps(10).scores)
    with pytest.raises(TypeError, match="model is a Net of this process"):
        tba.explain_checkpoints(Net(), files, PROBE, tmp_path)


def failing_at(step: int, error: BaseException):
    write = ExplainedRun.write

    def failing(run, now, *arguments):
        if now == step:
            raise error
        write(run, now, *arguments)

    return failing
