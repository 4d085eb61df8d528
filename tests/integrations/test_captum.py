"""Maps that Captum computes in a torch loop, as they are read back from the log."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import (
    LRP,
    GradientShap,
    IntegratedGradients,
    LayerActivation,
    LayerGradCam,
    LayerIntegratedGradients,
    LayerLRP,
    NeuronGradient,
    NoiseTunnel,
    Saliency,
)

from tb_attribution_plugin import Probe
from tb_attribution_plugin.integrations.captum import AttributionLogger, margin
from tb_attribution_plugin.logging.reader import StoredRun, read_runs
from tb_attribution_plugin.logging.reports import AttributionWarning
from tb_attribution_plugin.wire import attribution_pb2 as pb

IMAGES = np.random.default_rng(0).random((4, 6, 5, 2), np.float32)
LABELS = np.array([0, 2, 1, 0])


def convolutional() -> torch.nn.Sequential:
    with torch.random.fork_rng([]):
        torch.manual_seed(1)
        return torch.nn.Sequential(
            torch.nn.Conv2d(2, 4, 3),
            torch.nn.BatchNorm2d(4),
            torch.nn.ReLU(),
            torch.nn.Flatten(),
            torch.nn.Dropout(0.5),
            torch.nn.Linear(4 * 4 * 3, 3),
        )


def linear(weights: Any) -> torch.nn.Linear:
    rows = np.array(weights, np.float32)
    module = torch.nn.Linear(rows.shape[1], rows.shape[0], bias=False)
    module.weight.data = torch.tensor(rows)
    return module


def logged(path: Path, probe: Any, methods: Any, model: torch.nn.Module, **options: Any) -> StoredRun:
    """The run, after one step."""
    with AttributionLogger(path, probe, methods, model, store="float32", channels=True, **options) as log:
        log(0)
    return read_runs(str(path))["attribution"]


def scores(run: StoredRun, tag: str) -> np.ndarray:
    return run.series[tag].maps(0).scores[0]


def test_a_linear_module_is_its_weights_times_the_input(tmp_path: Path):
    model = linear([[1, 2, 3], [4, -5, 6]])
    run = logged(tmp_path, ([[1.0, 1.0, 2.0]], [1]), {"ig": IntegratedGradients(model)}, model)
    np.testing.assert_allclose(scores(run, "ig"), [[4, -5, 12]], rtol=1e-5)
    stats = run.series["ig"].stats(0)
    assert (stats["STAT_OUTPUT"], stats["STAT_TARGET"]) == (11, 1)
    assert abs(stats["STAT_RESIDUAL"][0]) < 1e-5
    said = run.series["ig"].description
    assert (said.method, said.target, said.scalar, said.error_kind) == (
        "IntegratedGradients",
        "label",
        "logit",
        pb.ERROR_GAP,
    )


def test_margins_are_the_logit_minus_the_mean_of_the_others(tmp_path: Path):
    model = margin(linear([[1, 0], [0, 3], [2, 0]]))
    run = logged(tmp_path, ([[1.0, 1.0]], [1]), {"ig": IntegratedGradients(model)}, model)
    np.testing.assert_allclose(scores(run, "ig"), [[-1.5, 3]], rtol=1e-5)
    assert run.series["ig"].description.scalar == "margin"
    two = margin(linear([[2, 1]]))(torch.tensor([[1.0, 1.0]]))
    assert two.tolist() == [[-3, 3]]  # one logit is the log-odds of class 1


def test_margins_give_the_probabilities_of_the_logits(tmp_path: Path):
    model = linear([[1, 0], [0, 3], [2, 0]])
    methods = {"logit": IntegratedGradients(model), "margin": IntegratedGradients(margin(model))}
    run = logged(tmp_path, ([[1.0, 1.0]], [1]), methods, model)
    expected = np.exp(3) / np.exp([1, 3, 2]).sum()
    for tag in methods:
        np.testing.assert_allclose(run.series[tag].stats(0)["STAT_TARGET_PROBABILITY"], expected, rtol=1e-5)


def test_pictures_have_their_channels_second_in_the_module_and_last_in_the_log(tmp_path: Path):
    model = convolutional().eval()
    run = logged(
        tmp_path, (IMAGES, LABELS), {"saliency": Saliency(model)}, model, arguments={"saliency": {"abs": False}}
    )
    inputs = torch.tensor(IMAGES.transpose(0, 3, 1, 2), requires_grad=True)
    expected = Saliency(model).attribute(inputs, target=torch.from_numpy(LABELS), abs=False)
    np.testing.assert_allclose(scores(run, "saliency"), expected.detach().numpy().transpose(0, 2, 3, 1), atol=1e-6)
    assert run.series["saliency"].description.signed


def test_saliency_is_unsigned_as_captum_computes_it(tmp_path: Path):
    model = convolutional()
    methods = {"saliency": Saliency(model), "smooth": NoiseTunnel(Saliency(model))}
    run = logged(tmp_path, (IMAGES, LABELS), methods, model)
    for tag in methods:
        assert not run.series[tag].description.signed
        assert scores(run, tag).min() >= 0
    assert run.series["smooth"].description.method == "NoiseTunnel of Saliency"


def test_series_have_their_channels_second_only_where_that_is_said(tmp_path: Path):
    class Mean(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return (x * torch.arange(1.0, 4)[:, None]).sum((1, 2)) if x.shape[1] == 3 else x.sum((1, 2))

    series = np.ones((2, 7, 3), np.float32)
    first = logged(tmp_path / "first", series, {"ig": IntegratedGradients(Mean())}, Mean(), channels_first=True)
    np.testing.assert_allclose(scores(first, "ig"), np.broadcast_to([1, 2, 3], (2, 7, 3)), rtol=1e-5)
    last = logged(tmp_path / "last", series, {"ig": IntegratedGradients(Mean())}, Mean())
    np.testing.assert_allclose(scores(last, "ig"), np.ones((2, 7, 3)), rtol=1e-5)


def test_maps_of_a_layer_keep_its_grid_and_units_have_none(tmp_path: Path):
    model = convolutional()
    methods = {"cam": LayerGradCam(model, model[0]), "units": LayerActivation(model, model[5])}
    run = logged(tmp_path, (IMAGES, LABELS), methods, model)
    assert scores(run, "cam").shape == (4, 4, 3)
    assert run.series["cam"].description.cam
    parameters = {one.name: one.value for one in run.series["cam"].description.parameters}
    assert parameters == {"layer": "'0'", "attr_dim_summation": "True"}
    assert scores(run, "units").shape == (4, 3)
    assert run.series["units"].description.units
    assert not run.series["units"].description.class_sensitive


def test_the_gap_of_sampled_baselines_is_their_mean(tmp_path: Path):
    model = convolutional().eval()
    options = {"gs": {"baselines": torch.zeros(1, 2, 6, 5), "n_samples": 7}}
    run = logged(tmp_path, (IMAGES, LABELS), {"gs": GradientShap(model)}, model, arguments=options)
    with torch.no_grad():
        absent = model(torch.zeros(1, 2, 6, 5)).numpy()[0, LABELS]
    stats, total = run.series["gs"].stats(0), scores(run, "gs").sum((1, 2, 3))
    np.testing.assert_allclose(stats["STAT_RESIDUAL"], stats["STAT_OUTPUT"] - absent - total, atol=1e-6)


def test_what_lrp_absorbs_is_the_output_minus_the_sum(tmp_path: Path):
    model = torch.nn.Sequential(linear([[1, 2]]))
    model[0].bias = torch.nn.Parameter(torch.tensor([5.0]))
    methods = {"lrp": LRP(model), "at_layer": LayerLRP(model, model[0])}
    run = logged(tmp_path, [[1.0, 3.0]], methods, model)
    stats = run.series["lrp"].stats(0)
    np.testing.assert_allclose(stats["STAT_RESIDUAL"], 12 - scores(run, "lrp").sum(1), rtol=1e-5)
    assert stats["STAT_RESIDUAL"] > 0  # the bias is not handed on
    at_layer = run.series["at_layer"].stats(0)["STAT_RESIDUAL"]
    np.testing.assert_allclose(at_layer, 12 - scores(run, "at_layer").sum(1), atol=1e-5)
    assert {run.series[tag].description.error_kind for tag in methods} == {pb.ERROR_ABSORBED}


@pytest.mark.parametrize(
    ("given", "gap"),
    [
        ({"nt_type": "smoothgrad"}, False),
        ({"nt_type": "smoothgrad_sq", "stdevs": 0.0}, False),
        ({"nt_type": "vargrad", "stdevs": 0.0}, False),
        ({"nt_type": "smoothgrad", "stdevs": 0.0}, True),
    ],
)
def test_maps_of_noisy_copies_squares_and_variances_have_no_gap(tmp_path: Path, given: dict[str, Any], gap: bool):
    """Of a linear module the mean map misses the mean noise; Captum's delta, taken at the copies, is zero."""
    model = linear([[1, 2]])
    methods = {"noisy": NoiseTunnel(IntegratedGradients(model))}
    run = logged(tmp_path, [[1.0, 3.0]], methods, model, arguments={"noisy": given})
    assert run.series["noisy"].description.error_kind == (pb.ERROR_GAP if gap else pb.ERROR_NONE)
    residual = run.series["noisy"].stats(0)["STAT_RESIDUAL"]
    np.testing.assert_allclose(residual, [7 - scores(run, "noisy").sum()] if gap else [np.nan], atol=1e-5)


def test_baselines_are_among_the_parameters(tmp_path: Path):
    """Zeros where none are given, which is what Captum takes; tensors in a tuple by their shape."""
    model = linear([[1, 2]])
    methods = {"zeros": IntegratedGradients(model), "given": IntegratedGradients(model), "none": Saliency(model)}
    options = {"given": {"baselines": (torch.ones(1, 2),)}}
    run = logged(tmp_path, [[1.0, 3.0]], methods, model, arguments=options)
    said = {tag: {one.name: one.value for one in run.series[tag].description.parameters} for tag in methods}
    assert said["zeros"]["baselines"] == "0"
    assert said["given"]["baselines"].startswith("(array[1, 2] #")
    assert "baselines" not in said["none"]


def train(path: Path | None, steps: int) -> tuple[dict[str, torch.Tensor], list[Any]]:
    """Weights, and numbers drawn afterwards."""
    torch.manual_seed(3), random.seed(3), np.random.seed(3)  # noqa: NPY002
    model = convolutional().train()
    model[4].eval()  # a flag of one's own
    optimizer = torch.optim.Adam(model.parameters())
    inputs, labels = torch.from_numpy(IMAGES.transpose(0, 3, 1, 2).copy()), torch.from_numpy(LABELS)
    log = None
    if path is not None:
        methods = {"ig": IntegratedGradients(margin(model)), "smooth": NoiseTunnel(Saliency(model))}
        log = AttributionLogger(path, (IMAGES, LABELS), methods, model, update_freq=1)
        log(0)
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(inputs), labels).backward()
        before = [parameter.grad for parameter in model.parameters()]
        optimizer.step()
        if log is not None:
            log(step)
        assert all(parameter.grad is one for parameter, one in zip(model.parameters(), before, strict=True))
        assert [module.training for module in model] == [True, True, True, True, False, True]
    if log is not None:
        log.close()
    return model.state_dict(), [torch.rand(3).tolist(), random.random(), np.random.random()]  # noqa: NPY002


def test_training_is_bit_identical_with_and_without_it(tmp_path: Path):
    (weights, drawn), (logged_weights, logged_drawn) = train(None, 5), train(tmp_path, 5)
    assert drawn == logged_drawn
    assert all(torch.equal(weights[name], logged_weights[name]) for name in weights)
    assert read_runs(str(tmp_path))["attribution"].series["ig"].steps == [0, 1, 2, 3, 4, 5]


def test_the_same_weights_give_the_same_map_at_every_step(tmp_path: Path):
    model = convolutional()
    with AttributionLogger(
        tmp_path, (IMAGES, LABELS), {"smooth": NoiseTunnel(Saliency(model))}, model, update_freq=1, store="float32"
    ) as log:
        log(0)
        log(1)
    series = read_runs(str(tmp_path))["attribution"].series["smooth"]
    np.testing.assert_array_equal(series.maps(0).scores[0], series.maps(1).scores[0])


def test_entries_double_until_the_first_epoch_ends_and_then_follow_epochs(tmp_path: Path):
    model = linear([[1, 2]])
    with AttributionLogger(tmp_path, [[1.0, 2.0]], {"ig": IntegratedGradients(model)}, model) as log:
        log(0)
        for step in range(1, 13):
            log(step, {"loss": torch.tensor(step / 2, requires_grad=True)})
            if step % 6 == 0:
                log.epoch_ended(step, {"accuracy": 0.5})
    run = read_runs(str(tmp_path))["attribution"]
    assert run.series["ig"].steps == [0, 1, 2, 4, 6, 12]
    assert [(point.step, point.value) for point in run.scalars["fit/loss"]] == [(1, 0.5), (2, 1), (4, 2)]
    assert [point.step for point in run.scalars["fit/accuracy"]] == [6, 12]


def test_without_labels_the_predicted_class_is_explained_and_stored(tmp_path: Path):
    model = linear([[1, 0], [0, 1]])
    run = logged(tmp_path, [[1.0, 2.0], [2.0, 1.0]], {"ig": IntegratedGradients(model)}, model)
    assert run.series["ig"].description.target == "predicted"
    assert run.series["ig"].stats(0)["STAT_TARGET"].tolist() == [1, 0]


def test_probabilities_are_called_so(tmp_path: Path):
    model = torch.nn.Sequential(linear([[1, 0], [0, 1]]), torch.nn.Softmax(1))
    run = logged(tmp_path, ([[1.0, 2.0]], [0]), {"ig": IntegratedGradients(model)}, model)
    assert run.series["ig"].description.scalar == "probability"


def test_columns_are_values_until_the_probe_has_classes(tmp_path: Path):
    model = linear([[1, 0], [0, -3]])
    named = Probe([[1.0, 2.0]], class_names=["a", "b"])
    for probe, scalar, prediction in (([[1.0, 2.0]], "value", -6), (named, "logit", 0)):
        methods = {"ig": IntegratedGradients(model)}
        series = logged(tmp_path / scalar, probe, methods, model, target=1).series["ig"]
        stats = series.stats(0)
        assert (series.description.scalar, stats["STAT_OUTPUT"], stats["STAT_PREDICTION"]) == (scalar, -6, prediction)
        assert np.isnan(stats["STAT_TARGET_PROBABILITY"]).all() == (scalar == "value")


def test_maps_are_in_full_precision_where_the_loop_is_not(tmp_path: Path):
    model = linear([[1 + 2**-12, 2]])
    with torch.autocast("cpu", torch.bfloat16):
        run = logged(tmp_path, [[1.0, 1.0]], {"ig": IntegratedGradients(model)}, model)
    np.testing.assert_allclose(scores(run, "ig"), [[1 + 2**-12, 2]], rtol=1e-6)


def test_what_does_not_fit_is_said_at_the_first_log(tmp_path: Path):
    model = linear([[1, 2], [3, 4]])
    probe = Probe([[1.0, 2.0]], [5])

    class Given:
        def __init__(self, made: Any) -> None:
            self.made = made

        def attribute(self, inputs: torch.Tensor, target: Any) -> Any:
            return self.made(inputs)

        def has_convergence_delta(self) -> bool:
            return False

    with pytest.raises(ValueError, match=r"labels lie in 5 .. 5, but the module returns 2 columns"):
        AttributionLogger(tmp_path, probe, {"ig": IntegratedGradients(model)}, model)(0)
    with pytest.raises(ValueError, match=r"input '' of the probe holds NaN, and a network takes no missing values"):
        AttributionLogger(tmp_path, [[1.0, np.nan]], {"ig": IntegratedGradients(model)}, model)(0)
    with pytest.raises(TypeError, match=r"input '' of the probe holds strings; a torch module takes numbers"):
        AttributionLogger(tmp_path, np.array(["a text"]), {"ig": IntegratedGradients(model)}, model)(0)
    for made, message in (
        (lambda inputs: inputs[:, :1], r"'odd' gave scores \[1, 1\] for the input \[1, 2\]"),
        (lambda inputs: (inputs, inputs), r"'odd' gave 2 tensors of scores for 1 inputs"),
        (lambda inputs: inputs.detach().numpy(), r"'odd' gave a ndarray; attribute\(\) returns a tensor"),
    ):
        with pytest.raises((ValueError, TypeError), match=message):
            AttributionLogger(tmp_path, [[1.0, 2.0]], {"odd": Given(made)}, model)(0)
    for images, given in ((IMAGES.transpose(0, 3, 1, 2), [4, 5, 2, 6]), (IMAGES[..., :1], [4, 1, 6, 5])):
        words = rf"'ig' explains does not take the probe as {re.escape(str(given))} float32: .* channels_first="
        with pytest.raises(ValueError, match=words):
            AttributionLogger(tmp_path, images, {"ig": IntegratedGradients(convolutional())}, convolutional())(0)
    with pytest.raises(TypeError, match=r"method 'ig' is a class IntegratedGradients; give an object of captum.attr"):
        AttributionLogger(tmp_path, [[1.0, 2.0]], {"ig": IntegratedGradients}, model)
    with pytest.raises(ValueError, match=r"arguments of 'ig' hold 'steps', which IntegratedGradients does not take"):
        AttributionLogger(tmp_path, probe, {"ig": IntegratedGradients(model)}, model, arguments={"ig": {"steps": 3}})
    for name in ("target", "inputs"):
        with pytest.raises(ValueError, match=f"arguments of 'ig' hold '{name}', .* target= is an argument of Attrib"):
            AttributionLogger(tmp_path, probe, {"ig": IntegratedGradients(model)}, model, arguments={"ig": {name: 1}})
    with pytest.raises(TypeError, match=r"method 'ig' is a str; give an object of captum.attr"):
        AttributionLogger(tmp_path, probe, {"ig": "integrated_gradients"}, model)
    with pytest.raises(ValueError, match=r"target 'cat' is not 'label', 'predicted' or one of class_names"):
        AttributionLogger(tmp_path, probe, {"ig": IntegratedGradients(model)}, model, target="cat")(0)
    assert list(tmp_path.iterdir()) == []


def test_a_later_failure_is_said_once_and_costs_that_method_alone(tmp_path: Path):
    model, other = linear([[1, 2]]), linear([[1, 2]])
    methods = {"ig": IntegratedGradients(model), "other": IntegratedGradients(other)}
    log = AttributionLogger(tmp_path, [[1.0, 2.0]], methods, model, update_freq=1)
    log(0)
    model.forward = lambda inputs: 1 / 0  # type: ignore[method-assign]
    with pytest.warns(AttributionWarning, match="ig failed: ZeroDivisionError: division by zero. Training goes on"):
        log(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        log(2)
    del model.forward
    log(3)
    log.close()
    series = read_runs(str(tmp_path))["attribution"].series
    assert (series["ig"].steps, series["other"].steps) == ([0, 3], [0, 1, 2, 3])


def test_failures_stop_training_where_that_is_asked_for(tmp_path: Path):
    model = linear([[1, 2]])
    methods = {"ig": IntegratedGradients(model)}
    with AttributionLogger(tmp_path, [[1.0, 2.0]], methods, model, update_freq=1, on_error="raise") as log:
        log(0)
        model.forward = lambda inputs: 1 / 0  # type: ignore[method-assign]
        with pytest.raises(ZeroDivisionError):
            log(1)


def test_shares_in_regions_are_curves_and_the_start_says_what_is_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    model = linear([[1, -2, 1]])
    probe = Probe([[1.0, 1.0, 1.0]], feature_names=["a", "b", "c"], regions={"blood": ["b"]})
    run = logged(tmp_path, probe, {"ig": IntegratedGradients(model)}, model)
    assert [point.value for point in run.scalars["region/ig/blood"]] == [pytest.approx(0.5)]
    said = capsys.readouterr().out
    assert said.startswith("attribution: ig of 1 tabular examples, target output (value); ")
    assert said.endswith(f"{tmp_path}/attribution; open with: tensorboard --logdir {tmp_path}\n")


def test_a_slow_method_is_thinned_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])

    class Slow(IntegratedGradients):
        def attribute(self, inputs: torch.Tensor, target: Any, return_convergence_delta: bool) -> Any:
            now[0] += 6  # a second log would go beyond the 10 seconds that are free
            return super().attribute(inputs, target=target, return_convergence_delta=return_convergence_delta)

    model = linear([[1, 2]])
    with AttributionLogger(tmp_path, [[1.0, 2.0]], {"ig": Slow(model)}, model, update_freq=1) as log:
        for step in range(5):
            log(step)
            now[0] += 1
    assert read_runs(str(tmp_path))["attribution"].series["ig"].steps == [0, 1]
    assert "attribution: ig was logged at 2 of 5 entries of the schedule, to stay within max_overhead" in (
        capsys.readouterr().out
    )


def test_steps_that_go_back_are_refused(tmp_path: Path):
    model = linear([[1, 2]])
    with AttributionLogger(tmp_path, [[1.0, 2.0]], {"ig": IntegratedGradients(model)}, model) as log:
        log(0)
        log(5)
        with pytest.raises(ValueError, match="step 1 follows step 5; steps count up, over epochs too"):
            log(1)


@pytest.mark.parametrize("where", ["{}/log", "memory://torch/log"])
def test_a_loop_that_resumes_replaces_what_it_overlaps(tmp_path: Path, where: str):
    model, log_dir = linear([[1, 2]]), where.format(tmp_path)
    for start, end in ((0, 4), (3, 6)):
        with AttributionLogger(
            log_dir, [[1.0, 2.0]], {"ig": IntegratedGradients(model)}, model, update_freq=1, start_step=start
        ) as log:
            for step in range(start, end + 1):
                log(step, {"start": start})
    run = read_runs(log_dir)["attribution"]
    assert run.series["ig"].steps == [0, 1, 2, 3, 4, 5, 6]
    assert [point.value for point in run.scalars["fit/start"]] == [0, 0, 0, 3, 3, 3, 3]


def test_a_neuron_is_no_column_of_the_output(tmp_path: Path):
    model = convolutional()
    neuron = {"neuron": {"neuron_selector": 1}}
    run = logged(tmp_path, (IMAGES, LABELS), {"neuron": NeuronGradient(model, model[5])}, model, arguments=neuron)
    assert (run.series["neuron"].description.target, run.series["neuron"].description.class_sensitive) == ("", False)
    assert scores(run, "neuron").shape == IMAGES.shape


def test_tokens_are_explained_at_their_embedding(tmp_path: Path):
    class Mean(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = torch.nn.Embedding(5, 2)
            self.embedding.weight.data = torch.tensor([[0.0, 0], [1, 2], [-3, 1], [0, 4], [5, 5]])

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return self.embedding(ids).sum((1, 2))

    model = Mean()
    probe = Probe(np.array([[1, 2, 0], [4, 3, 3]]))
    with AttributionLogger(
        tmp_path, probe, {"lig": LayerIntegratedGradients(model, model.embedding)}, model, store="float32"
    ) as log:
        log(0)
    run = read_runs(str(tmp_path))["attribution"]
    np.testing.assert_allclose(scores(run, "lig"), [[3, -2, 0], [10, 4, 4]], rtol=1e-5)
    assert not run.series["lig"].description.units


def test_several_inputs_go_to_the_module_in_their_order(tmp_path: Path):
    class Both(torch.nn.Module):
        def forward(self, picture: torch.Tensor, row: torch.Tensor) -> torch.Tensor:
            return 2 * picture[:, 1].sum((1, 2)) + (row * torch.tensor([1.0, -1.0])).sum(1)

    model = Both()
    probe = Probe({"picture": IMAGES, "row": np.ones((4, 2), np.float32)})
    run = logged(tmp_path, probe, {"ig": IntegratedGradients(model)}, model)
    picture, row = run.series["ig"].maps(0).scores
    np.testing.assert_allclose(picture, np.stack([0 * IMAGES[..., 0], 2 * IMAGES[..., 1]], -1), atol=1e-5)
    np.testing.assert_allclose(row, [[1, -1]] * 4, rtol=1e-5)


def test_pixels_are_numbers_for_the_module(tmp_path: Path):
    model = convolutional()
    pixels = (IMAGES * 255).astype(np.uint8)
    run = logged(tmp_path, (pixels, LABELS), {"ig": IntegratedGradients(model)}, model)
    assert scores(run, "ig").shape == pixels.shape


def test_arguments_beside_the_inputs_are_part_of_what_is_explained(tmp_path: Path):
    class Scaled(torch.nn.Module):
        def forward(self, x: torch.Tensor, factor: float) -> torch.Tensor:
            return factor * x.sum(1)

    model, options = Scaled(), {"ig": {"additional_forward_args": 3.0}}
    run = logged(tmp_path, [[1.0, 2.0]], {"ig": IntegratedGradients(model)}, model, arguments=options)
    assert run.series["ig"].stats(0)["STAT_OUTPUT"] == 9
    np.testing.assert_allclose(scores(run, "ig"), [[3, 6]], rtol=1e-5)


def python(script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def test_tensorflow_is_never_loaded(tmp_path: Path):
    done = python(
        "import sys, torch, tb_attribution_plugin as tba\n"
        "from captum.attr import IntegratedGradients\n"
        "model = torch.nn.Linear(2, 2)\n"
        f"with tba.integrations.captum.AttributionLogger({str(tmp_path)!r}, ([[1., 2.]], [0]), "
        "{'ig': IntegratedGradients(model)}, model) as log: log(0)\n"
        "print(sorted({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    assert done.stdout.endswith("\n[]\n"), done.stderr


def test_without_torch_it_says_what_to_install():
    done = python("import sys\nsys.modules['torch'] = None\nimport tb_attribution_plugin.integrations.captum")
    assert "ImportError: tba.integrations.captum needs torch and captum: pip install torch captum" in done.stderr
