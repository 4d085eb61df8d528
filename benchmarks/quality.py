"""How far 16 points of Integrated Gradients are from the integral, beside captum's at the same points.

    python -m benchmarks.quality [--steps 400] [--examples 32]

The error of a map is sum |map - reference| / sum |reference|, where the reference takes 1,024 points. Small networks
(ReLU and GELU) learn to tell photographs apart. They are explained before the first step, after 1% of the steps and at
the end, for the label and for a random class, from a black baseline, at the logit. Aims: a median of at most 1%, at the
worst 2.5%, and never above captum's Gauss-Legendre, which runs on a torch model of the same weights (`make bench-peers`
installs it).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

import tb_attribution_plugin as tba
from benchmarks import peers, tables
from benchmarks.models import photographs

SIDE, CLASSES, BATCH = 32, 5, 32
POINTS, REFERENCE = 16, 1024
RULES = ("gauss_legendre", "midpoint", "trapezoid")
WIDTHS = (16, 32, 32)


def network(activation: str) -> keras.Model:
    layers = keras.layers
    body: list[Any] = []
    for width in WIDTHS:
        body += [layers.Conv2D(width, 3, activation=activation), layers.MaxPooling2D()]
    return keras.Sequential(
        [keras.Input((SIDE, SIDE, 3)), *body[:-1], layers.GlobalAveragePooling2D(), layers.Dense(CLASSES)]
    )


def moments(activation: str, steps: int) -> Iterator[tuple[str, keras.Model]]:
    """The network at three moments of one training."""
    keras.utils.set_random_seed(0)
    model = network(activation)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"], jit_compile=False)
    images, labels = photographs(BATCH * 10, SIDE)
    yield "0", model
    for end, name in ((max(1, steps // 100), "1%"), (steps, "100%")):
        while int(model.optimizer.iterations) < end:
            first = BATCH * (int(model.optimizer.iterations) % 10)
            model.train_on_batch(images[first : first + BATCH], labels[first : first + BATCH])
        yield name, model


def captum(model: keras.Model, activation: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Integrated Gradients of a torch model with the weights of `model`: images [B, h, w, c] and classes -> scores."""
    import torch
    from captum.attr import IntegratedGradients
    from torch import nn

    kind = {"relu": nn.ReLU, "gelu": nn.GELU}[activation]
    parts: list[Any] = []
    for kernel, bias in zip(model.get_weights()[0:-2:2], model.get_weights()[1:-2:2], strict=True):
        layer = nn.Conv2d(kernel.shape[2], kernel.shape[3], 3)
        _fill(torch, layer, kernel.transpose(3, 2, 0, 1), bias)
        parts += [layer, kind(), nn.MaxPool2d(2)]
    last = nn.Linear(WIDTHS[-1], CLASSES)
    _fill(torch, last, model.get_weights()[-2].T, model.get_weights()[-1])
    twin = nn.Sequential(*parts[:-1], nn.AdaptiveAvgPool2d(1), nn.Flatten(), last)

    def scores(images: np.ndarray, classes: np.ndarray) -> np.ndarray:
        rows = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
        found = IntegratedGradients(twin).attribute(rows, target=torch.from_numpy(classes), n_steps=POINTS)
        return np.asarray(found.detach().numpy().transpose(0, 2, 3, 1))

    return scores


def _fill(torch: Any, layer: Any, kernel: np.ndarray, bias: np.ndarray) -> None:
    layer.weight.data, layer.bias.data = torch.from_numpy(kernel.copy()), torch.from_numpy(bias.copy())


def ours(model: keras.Model, rule: str, points: int) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    method = tba.methods.IntegratedGradients(steps=points, rule=rule, baseline=0.0)
    return lambda images, classes: np.asarray(tba.explain(model, images, method, classes, output="logits").scores)


def errors(found: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Of each example, in percent."""
    axes = tuple(range(1, reference.ndim))
    return 100 * np.abs(found - reference).sum(axes) / np.abs(reference).sum(axes)


def measure(activation: str, steps: int, examples: int) -> None:
    images, labels = photographs(examples, SIDE, seed=1)
    other = np.random.default_rng(2).integers(CLASSES, size=examples)
    for moment, model in moments(activation, steps):
        accuracy = f"{model.evaluate(images, labels, verbose=0)[1]:.0%}"
        for asked, classes in (("label", labels), ("random", other)):
            reference = ours(model, "midpoint", REFERENCE)(images, classes)
            for rule in RULES:
                found = errors(ours(model, rule, POINTS)(images, classes), reference)
                line(activation, moment, accuracy, asked, f"ours, {rule}", found)
            try:
                found = errors(captum(model, activation)(images, classes), reference)
            except Exception as error:  # an absent peer is its row
                tables.row([activation, moment, accuracy, asked, peers.titled("captum"), peers.reason(error), ""])
            else:
                line(activation, moment, accuracy, asked, f"{peers.titled('captum')}, gausslegendre", found)


def line(activation: str, moment: str, accuracy: str, asked: str, tool: str, found: np.ndarray) -> None:
    tables.row([activation, moment, accuracy, asked, tool, f"{np.median(found):.2f}", f"{found.max():.2f}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=400, help="of the training")
    parser.add_argument("--examples", type=int, default=32)
    given = parser.parse_args()
    print(f"{POINTS} points, {given.examples} examples, L1 error of the map against {REFERENCE} points\n")
    tables.head(["activation", "training", "accuracy", "class", "tool, rule", "median, %", "worst, %"])
    for activation in ("relu", "gelu"):
        measure(activation, given.steps, given.examples)


if __name__ == "__main__":
    main()
