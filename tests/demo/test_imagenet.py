"""A trained ImageNet network and labelled photos: the numbers are those of the weights, the sheet those of the maps."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import Any, NamedTuple

import efficientnet_lite0
import imagenet
import keras
import numpy as np
import photos
import pytest
import torch_file
from PIL import Image

import tb_attribution_plugin as tba

pytestmark = pytest.mark.once

SIDE = efficientnet_lite0.SIDE
# What it takes them for: a custard apple and a convertible.
WRONG = {3: 956, 7: 511}
# White stork 0.215 against spoonbill, the label, 0.213: another decoder of JPEG may turn them round.
TIE, STORK, SPOONBILL = 14, 127, 129


class Trained(NamedTuple):
    model: keras.Model
    shown: photos.Photos
    probabilities: np.ndarray


@pytest.fixture(scope="module")
def trained() -> Trained:
    model, shown = efficientnet_lite0.load(), photos.load(SIDE)
    return Trained(model, shown, model.predict(shown.pixels, verbose=0))


def test_17_of_20_photos_are_recognised_and_one_is_a_tie(trained: Trained):
    predicted = trained.probabilities.argmax(1)
    assert len(trained.shown.labels) == 20
    assert predicted[TIE] in (STORK, SPOONBILL)
    wrong = [int(at) for at in np.flatnonzero(predicted != trained.shown.labels) if at != TIE]
    assert {at: int(predicted[at]) for at in wrong} == WRONG


def test_the_log_probabilities_are_those_of_plain_numpy(trained: Trained):
    logits = reference_logits(torch_file.read(efficientnet_lite0.checkpoint()), trained.shown.pixels[4])
    expected = logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())
    np.testing.assert_allclose(np.log(trained.probabilities[4]), expected, atol=2e-4)


def test_behind_a_mean_over_the_grid_hires_cam_is_grad_cam(trained: Trained):
    """The gradient is the same in every cell, so that its mean is what it was."""
    photo, label = trained.shown.pixels[:1], trained.shown.labels[:1]
    maps = [tba.explain(trained.model, photo, one, label).scores for one in (tba.methods.GradCAM(), "hires_cam")]
    assert maps[0].shape == (1, 7, 7, 1)
    np.testing.assert_allclose(maps[0], maps[1], rtol=1e-4, atol=1e-4 * np.abs(maps[1]).max())


def test_deep_lift_adds_up_with_weights_of_imagenet(trained: Trained):
    some = [0, 7, 14]
    photos_of, labels = trained.shown.pixels[some], trained.shown.labels[some]
    found = tba.explain(trained.model, photos_of, tba.methods.DeepLIFT(baseline=127.0), labels)
    assert np.all(np.abs(found.residual) < 1e-4 * np.abs(found.scores).sum((1, 2, 3)))
    assert np.all(np.abs(found.outputs - found.baseline_outputs) > 1)


def test_the_script_prints_top_1_logs_and_draws_a_row_per_photo(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(efficientnet_lite0, "load", lambda: trained.model)
    arguments = ["--photos", "4", "--methods", "EigenCAM", "--logdir", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["imagenet.py", *arguments])
    imagenet.main()
    printed = capsys.readouterr().out
    assert "top-1: 3 of 4" in printed
    assert printed.count("evaluations a photo") == 1
    series = tba.read(tmp_path / "imagenet")["attribution"].series["EigenCAM"]
    assert series[0].scores.shape == (4, 7, 7)
    assert series.predictions[0, 3] == WRONG[3]
    with Image.open(tmp_path / "imagenet.png") as sheet:
        assert sheet.height > 4 * SIDE


def test_a_checkpoint_that_asks_for_other_classes_is_refused(tmp_path: Path):
    class Stranger:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return os.system, ("true",)

    path = tmp_path / "weights.pth"
    path.write_bytes(pickle.dumps(Stranger(), protocol=2))
    with pytest.raises(pickle.UnpicklingError, match="needs no"):
        torch_file.read(path)


def reference_logits(state: dict[str, Any], pixels: np.ndarray) -> np.ndarray:
    """The whole network in float64, from the tensors as they are stored; pixels [224, 224, 3]."""

    def normal(x: np.ndarray, name: str) -> np.ndarray:
        weight, bias, mean, variance = (
            state[f"{name}.{one}"].astype(float) for one in ("weight", "bias", "running_mean", "running_var")
        )
        return (x - mean) / np.sqrt(variance + 1e-3) * weight + bias

    def convolved(x: np.ndarray, name: str, stride: int = 1) -> np.ndarray:
        kernel = state[f"{name}.weight"].astype(float)  # [out, in, k, k]; `in` is 1 where each channel has its own
        size = kernel.shape[2]
        cells = -(-x.shape[0] // stride)
        missing = max(0, (cells - 1) * stride + size - x.shape[0])
        x = np.pad(x, [(missing // 2, missing - missing // 2)] * 2 + [(0, 0)])
        found = 0.0
        for row, column in np.ndindex(size, size):
            seen = x[row : row + stride * cells : stride, column : column + stride * cells : stride][:cells, :cells]
            weight = kernel[:, :, row, column]
            found = found + (seen * weight[:, 0] if "depthwise" in name else seen @ weight.T)
        return found

    def rectified(x: np.ndarray) -> np.ndarray:
        return np.clip(x, 0, 6)

    x = rectified(normal(convolved((pixels.astype(float) - 127) / 128, "_conv_stem", 2), "_bn0"))
    for block in range(16):
        start, name = x, f"_blocks.{block}"
        if f"{name}._expand_conv.weight" in state:
            x = rectified(normal(convolved(x, f"{name}._expand_conv"), f"{name}._bn0"))
        x = convolved(x, f"{name}._depthwise_conv", 2 if block in (1, 3, 5, 11) else 1)
        x = normal(convolved(rectified(normal(x, f"{name}._bn1")), f"{name}._project_conv"), f"{name}._bn2")
        x = start + x if start.shape == x.shape else x
    pooled = rectified(normal(convolved(x, "_conv_head"), "_bn1")).mean((0, 1))
    return state["_fc.weight"].astype(float) @ pooled + state["_fc.bias"]
