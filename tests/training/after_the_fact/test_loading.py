"""Files that hold a model or weights, and what is said of those that do not."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin.training.after_the_fact import loading
from tests.training import fits
from tests.training.after_the_fact.trained import PROBE, run


def wider() -> keras.Model:
    layers = [keras.layers.Input((4,)), keras.layers.Dense(7, name="hidden"), keras.layers.Dense(3, name="out")]
    return keras.Sequential(layers, name="wider")


def test_weights_that_do_not_fit_name_the_first_layer_and_both_shapes(trained):
    with pytest.raises(ValueError, match=r"does not fit the model 'wider': <Dense name=hidden.*\(4, 7\).*\(4, 6\)"):
        loading.load_weights(wider(), str(trained / "ckpt" / "ckpt-0010.weights.h5"))


def chain(depth: int) -> keras.Model:
    hidden = [keras.layers.Dense(4, activation="relu") for _ in range(depth)]
    return keras.Sequential([keras.layers.Input((4,)), *hidden, keras.layers.Dropout(0.1)], name="chain")


@pytest.mark.parametrize("ending", [".weights.h5", ".keras"])
def test_weights_that_the_model_has_no_layer_for_are_named(tmp_path, ending):
    """Keras loads the first two of three layers and says nothing."""
    deep = chain(3)
    deep.compile("adam", "mse")
    deep.fit(np.ones((2, 4)), np.ones((2, 4)), verbose=0)
    path = str(tmp_path / f"deep-1{ending}")
    deep.save_weights(path) if ending == ".weights.h5" else deep.save(path)
    with pytest.raises(ValueError, match=r"does not fit the model 'chain', which has no layer for .* dense_2 "):
        loading.load_weights(chain(2), path)
    loading.load_weights(chain(3), path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("ckpt.weights.h5", b"x", "file signature not found"),
        ("ckpt.index", b"x", "File format not supported"),
    ],
)
def test_what_holds_no_weights_is_refused_in_keras_words(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        loading.load_weights(wider(), str(tmp_path / name))


def test_code_in_a_file_is_not_run_and_the_way_out_is_named(tmp_path):
    keras.Sequential([keras.layers.Input((4,)), keras.layers.Lambda(lambda x: x * 2)]).save(tmp_path / "lambda.keras")
    with pytest.raises(ValueError, match=r"`Lambda` layer.*--model module:function"):
        loading.model(str(tmp_path / "lambda.keras"), PROBE)


def test_a_class_that_is_not_known_is_named_with_the_way_out(tmp_path):
    class Doubled(keras.layers.Layer):
        def call(self, x):
            return x * 2

    keras.Sequential([keras.layers.Input((4,)), Doubled()]).save(tmp_path / "custom.keras")
    with pytest.raises(ValueError, match=r"Could not locate class 'Doubled'\. Where it needs code, give a function"):
        loading.model(str(tmp_path / "custom.keras"), PROBE)


def test_a_function_is_found_by_its_name(tmp_path, monkeypatch):
    (tmp_path / "my_models.py").write_text("from tests.training.after_the_fact.test_loading import wider as built\n")
    monkeypatch.chdir(tmp_path)
    assert loading.model("my_models:built", PROBE).name == "wider"
    with pytest.raises(ValueError, match=r"--model my_models:none makes no model: AttributeError"):
        loading.model("my_models:none", PROBE)


def test_whole_models_need_no_other(trained, tmp_path):
    """Maps are those of the weights, whichever file they come from."""
    model = keras.models.load_model(trained / "model.keras")
    for step in (10, 20):
        model.load_weights(trained / "ckpt" / f"ckpt-00{step}.weights.h5")
        model.save(tmp_path / f"{step}.keras")
    tba.explain_checkpoints(None, str(tmp_path / "*.keras"), PROBE, tmp_path, methods=["saliency"])
    assert_maps(tmp_path, trained, rtol=0)


def test_saved_models_are_explained_from_outside(trained, tmp_path):
    model = keras.models.load_model(trained / "model.keras")
    for step in (10, 20):
        model.load_weights(trained / "ckpt" / f"ckpt-00{step}.weights.h5")
        model.export(tmp_path / "saved" / str(step))
    saved = str(tmp_path / "saved" / "*")
    tba.explain_checkpoints(None, saved, PROBE, tmp_path, methods=["saliency"])
    assert_maps(tmp_path, trained, rtol=2e-2)  # rounding may move a value to the next of its byte
    with pytest.raises(ValueError, match="is a SavedModel, which holds its model; pass model=None"):
        tba.explain_checkpoints(str(trained / "model.keras"), saved, PROBE, tmp_path)
    with pytest.raises(ValueError, match="what is inside the SavedModel"):
        tba.explain_checkpoints(None, saved, (np.zeros((2, 4), "f4"), [0, 1]), tmp_path / "cam", methods=["grad_cam"])


def assert_maps(log_dir: Path, trained: Path, rtol: float) -> None:
    found, live = run(log_dir).series["saliency"], run(trained / "live").series["saliency"]
    assert found.steps == [10, 20]
    for step in found.steps:
        np.testing.assert_allclose(found.maps(step).scores, live.maps(step).scores, rtol=rtol)


def test_a_model_as_it_is_in_this_process_is_not_taken(tmp_path):
    with pytest.raises(TypeError, match=r"a path.*a function that makes it"):
        tba.explain_checkpoints(fits.mlp(), str(tmp_path), PROBE, tmp_path)
