"""Every wrong argument stops a fit before its first batch, with the message that its user needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin.methods import GradCAM, IntegratedGradients, Saliency
from tests.training import fits
from tests.versions import KERAS


def refused(
    words: str, tmp_path: Path, probe: Any = None, model: Any = None, data: Any = None, **arguments: Any
) -> None:
    """Asserts that building the callback or starting the fit raises these words, and that no batch began."""
    x, y = fits.table()
    model = fits.mlp() if model is None else model
    batches = fits.Batches()
    arguments = {"log_dir": tmp_path / "log", "methods": ["saliency"]} | arguments

    def start() -> None:
        callback = tba.AttributionCallback(
            arguments.pop("log_dir"), (x[:5], y[:5]) if probe is None else probe, **arguments
        )
        model.fit(*(data or (x, y)), batch_size=4, verbose=0, callbacks=[batches, callback])

    with pytest.raises((ValueError, TypeError, OSError), match=words):
        start()
    assert batches.begun == 0
    assert not list((tmp_path / "log").rglob("events*"))


X, Y = fits.table(5)


@pytest.mark.parametrize(
    ("probe", "words"),
    [
        ((np.zeros((5, 7), np.float32), Y), r"rejects the inputs \(float32\(5, 7\)\): .* takes the shape \(None, 4\)"),
        (
            (np.full((5, 4), np.nan), Y),
            r"the probe holds NaN, and a network takes no missing values: drop these examples",
        ),
        ((np.where(np.arange(20).reshape(5, 4) == 9, np.inf, 0), Y), r"example 2 holds 0 NaN and 1 inf"),
        (np.zeros((0, 4), np.float32), r"inputs of shape \[0, 4\] is empty; at least one example is needed"),
        ((X, Y[:3]), r"labels has 3 entries, but inputs holds 5 examples"),
        ((X, Y + 3), r"target 'label': example 0 has index \d, but the model's output has 3 classes \(0 \.\. 2\)"),
        ((X, np.array([0, 1, -1, 0, 1])), r"example 2 has index -1"),
        ((X, Y, Y), r"probe is a tuple of 3"),
        ("a picture", r"probe|inputs"),
        (object(), r"inputs .*not a rectangular array|inputs holds a object"),
        pytest.param(
            {"wrong name": X},
            r"rejects the inputs",
            marks=pytest.mark.skipif(KERAS < (3, 7), reason="Keras before 3.7 takes inputs of any name"),
        ),
    ],
    ids=[
        "shape",
        "NaN",
        "inf",
        "empty",
        "fewer labels",
        "label too large",
        "label below 0",
        "tuple",
        "text",
        "object",
        "dict",
    ],
)
def test_probe(tmp_path: Path, probe: Any, words: str) -> None:
    refused(words, tmp_path, probe)


def test_a_one_unit_head_takes_labels_0_and_1(tmp_path: Path) -> None:
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy", jit_compile=False)
    refused(r"has index 2, but the model's output has 2 classes", tmp_path, (X, np.array([0, 1, 0, 1, 2])), model)


@pytest.mark.parametrize(
    ("methods", "words"),
    [
        (["integrated_gradient"], r"unknown method 'integrated_gradient'; did you mean 'integrated_gradients'\?"),
        ("salience", r"unknown method 'salience'; did you mean 'saliency'\?"),
        (["zzz"], r"unknown method 'zzz'; methods: attention_rollout, attn_lrp, blur_ig, "),
        ([Saliency], r"method must be an instance: write tba.methods.Saliency\(\), with its parentheses"),
        ([3], r"method must be a string name or an instance from tba.methods; got 3"),
        (3, r"method must be a string name or an instance from tba.methods; got 3"),
        ([], r"methods is empty: name at least one"),
        ({}, r"methods is empty: name at least one"),
        ({"a": "nothing"}, r"unknown method 'nothing'"),
        ({"": Saliency()}, r"tag of a method must be short.*got ''"),
        ({1: Saliency()}, r"tag of a method must be short.*got 1"),
        ([Saliency(), Saliency(absolute=True)], r"two methods have the tag 'saliency'; pass a dict to name them"),
        (["grad_cam"], r"no layer of the model has a spatial output .*IntegratedGradients"),
        ([GradCAM(layer="conv9")], r"layer 'conv9' is not in model"),
        ([GradCAM(layer=3)], r"layer must be the name of a layer, a string; got 3; layers with spatial output"),
        ([IntegratedGradients(baseline=np.zeros(3))], r"baseline has shape \(3,\)"),
        ([IntegratedGradients(baseline="black")], r"baseline must be 'auto', a number.*'black'"),
    ],
)
def test_methods(tmp_path: Path, methods: Any, words: str) -> None:
    refused(words, tmp_path, methods=methods)


def test_a_missing_layer_lists_the_candidates(tmp_path: Path) -> None:
    x, y = fits.pictures()
    words = r"layer 'cnov' is not in model .* did you mean 'conv'\? layers with spatial output: conv"
    refused(words, tmp_path, (x[:3], y[:3]), fits.cnn(), (x, y), methods=[GradCAM(layer="cnov")])


def test_a_layer_without_a_grid(tmp_path: Path) -> None:
    x, y = fits.pictures()
    model = fits.cnn()
    name = model.layers[-1].name
    words = rf"layer '{name}' has no spatial grid to draw on"
    refused(words, tmp_path, (x[:3], y[:3]), model, (x, y), methods=[GradCAM(layer=name)])


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (7, r"example 0 has index 7, but the model's output has 3 classes"),
        ([0, 1], r"one index per example \(here 5\)"),
        ("cat", r"target 'cat' is neither 'label', 'predicted' nor a class name; class names: none given"),
        ("labels", r"did you mean 'label'\?"),
        (object(), r"target must be 'label', 'predicted'"),
        (1.5, r"target must be 'label'.*got 1.5"),
        ({}, r"target is an empty dict"),
        ({"a": 0, "b": 9}, r"index 9"),
        ({"a/": 0}, r"tag of a target must be"),
        (lambda y: y, r"a target must give one number per example, shape \[5\]; it gave \(5, 3\)"),
        (lambda y: 1.0 / "x", r"unsupported operand"),
        (lambda y: np.ones(5, np.float32), r"the target does not depend on the inputs"),
        (tba.targets.Contrast("cat", "dog"), r"target 'cat'"),
        (tba.targets.Output("head", 0), r"the model has no output 'head'"),
    ],
)
def test_target(tmp_path: Path, target: Any, words: str) -> None:
    refused(words, tmp_path, target=target)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"log_dir": 3}, r"log_dir must be a path; got int: 3"),
        ({"log_dir": None}, r"log_dir must be a path; got NoneType"),
        ({"log_dir": ""}, r"log_dir is ''"),
        ({"output": "probability"}, r"output must be one of margin, logits, as_is; got 'probability'"),
        ({"output": 1}, r"output must be one of .*got 1"),
        ({"update_freq": "batch"}, r"update_freq must be .*got 'batch'"),
        ({"update_freq": 0}, r"update_freq must be .*got 0"),
        ({"update_freq": None}, r"update_freq must be .*got None"),
        ({"update_freq": 2.5}, r"update_freq must be .*got 2.5"),
        ({"max_overhead": 0}, r"max_overhead must be .*got 0"),
        ({"max_overhead": -0.1}, r"max_overhead must be .*got -0.1"),
        ({"max_overhead": "5%"}, r"max_overhead must be .*got '5%'"),
        ({"max_overhead": float("nan")}, r"max_overhead must be .*got nan"),
        ({"max_bytes": -1}, r"max_bytes must be .*got -1"),
        ({"max_bytes": "1GB"}, r"max_bytes must be .*got '1GB'"),
        ({"resolution": 0}, r"resolution is 0; it must be an integer >= 1"),
        ({"resolution": "big"}, r"resolution is 'big'"),
        ({"channels": "no"}, r"channels"),
        ({"store": "int8"}, r"store 'int8' is not known; it is one of \['uint8'"),
        ({"store": 8}, r"store 8 is not known"),
        ({"batchnorm": "batch"}, r"batchnorm must be 'moving'.*got 'batch'"),
        ({"on_error": "ignore"}, r"on_error must be 'warn' or 'raise'; got 'ignore'"),
        ({"on_error": None}, r"on_error must be .*got None"),
        ({"name": "a/b"}, r"name 'a/b' must be the name of one directory"),
        ({"name": 3}, r"name must be a string"),
    ],
    ids=lambda value: next(iter(value.items())).__repr__() if isinstance(value, dict) else "",
)
def test_other_arguments(tmp_path: Path, arguments: dict[str, Any], words: str) -> None:
    refused(words, tmp_path, **arguments)


def test_a_file_in_the_place_of_log_dir(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("not a directory")
    refused(
        r"log_dir is not usable: .*taken.* it must be a directory, not a file", tmp_path, log_dir=tmp_path / "taken"
    )


def test_a_misspelt_name_fails_before_there_is_a_model(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="did you mean 'saliency'"):
        tba.AttributionCallback(tmp_path, (X, Y), methods=["salincy"])
    with pytest.raises(TypeError, match="unexpected keyword"):
        tba.AttributionCallback(tmp_path, (X, Y), frequency=3)


def test_two_callbacks_with_one_name(tmp_path: Path) -> None:
    batches = fits.Batches()
    words = r"two AttributionCallbacks of this fit write to .*attribution; give one of them another name"
    with pytest.raises(ValueError, match=words):
        fits.fit(fits.mlp(), batches, fits.callback(tmp_path), fits.callback(tmp_path))
    assert batches.begun == 0


def test_a_refused_fit_leaves_nothing_locked(tmp_path: Path) -> None:
    refused(r"index 7", tmp_path, target=7)
    fits.fit(fits.mlp(), fits.callback(tmp_path / "log"))
    assert fits.steps(tmp_path / "log", "saliency") == [0, 10]
