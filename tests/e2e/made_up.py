"""Inputs and maps by formula, and runs made of them, for `write_logs.py`."""

from __future__ import annotations

import pathlib

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin import Attribution, AttributionWriter, Probe

Array = NDArray[np.float32]

CLASSES = ["disc", "ring", "cross"]
KNOWN_SIDE = 8


def known_map(step: int, examples: int) -> Array:
    """Cell (y, x) of example e at step s: (s + 1)(y - x) / 64 + e / 16, [examples, 8, 8]."""
    y, x = np.mgrid[0:KNOWN_SIDE, 0:KNOWN_SIDE]
    cells = (step + 1) * (y - x) / 64 + np.arange(examples)[:, None, None] / 16
    return np.asarray(cells, np.float32)


def pictures(count: int, side: int) -> Array:
    """Discs on a gradient, [count, side, side, 3] in 0..1."""
    y, x = np.mgrid[0:side, 0:side] / side
    images = []
    for i in range(count):
        disc = ((x - 0.3 - 0.05 * i) ** 2 + (y - 0.5) ** 2 < 0.04).astype(float)
        images.append(np.stack([0.7 * y + 0.3 * disc, 0.4 + 0.3 * x * (1 - disc), 0.6 * (1 - y) * (1 - disc)], -1))
    return np.asarray(images, np.float32)


def blob_map(count: int, side: int, growth: float, drift: float) -> Array:
    """A positive lobe that moves with `drift`, a negative one beside it, on a little noise; [count, side, side]."""
    y, x = np.mgrid[0:side, 0:side] / side
    noise = np.random.default_rng(0).normal(size=(count, side, side))
    maps = []
    for i in range(count):
        centre = 0.3 + 0.05 * i
        right, down = centre * (1 - drift) + 0.85 * drift, 0.5 * (1 - drift) + 0.12 * drift
        lobe = np.exp(-((x - right) ** 2 + (y - down) ** 2) / 0.01)
        maps.append(lobe - 0.5 * np.exp(-((x - 0.7) ** 2 + (y - 0.7) ** 2) / 0.02))
    return (growth * (np.asarray(maps) + 0.1 * noise)).astype(np.float32)


def numbers(count: int, scale: float, gap: float) -> dict[str, Array]:
    """What a method says about its maps, in units of `scale`."""
    return {
        "residual": np.full(count, gap * scale, np.float32),
        "outputs": np.full(count, scale, np.float32),
        "evaluations": np.full(count, 16, np.float32),
    }


def probabilities(count: int, share: float) -> Array:
    """Outputs of a network that is more sure with `share`, [count, 3]; the last example is always wrong."""
    right = 0.34 + 0.65 * share
    rows = np.full((count, 3), (1 - right) / 2, np.float32)
    rows[np.arange(count), np.arange(count) % 3] = right
    rows[-1] = rows[-1, ::-1]
    return rows


def write_pictures(logdir: pathlib.Path, run: str, *, steps: list[int], side: int, count: int, drift: float) -> None:
    """A run with Integrated Gradients on the input's grid and Grad-CAM on 7 x 7."""
    probe = Probe(
        pictures(count, side),
        np.arange(count) % 3,
        names=[f"picture {i}" for i in range(count)],
        class_names=CLASSES,
    )
    with AttributionWriter(logdir / run, probe) as writer:
        writer.series(
            "integrated_gradients",
            method="IntegratedGradients",
            parameters={"steps": 16, "rule": "gauss_legendre", "baseline": "auto"},
            error_kind="gap",
            additive=True,
            target="label",
            scalar="margin",
        )
        writer.series(
            "grad_cam", method="GradCAM", parameters={"layer": "conv5"}, cam=True, target="label", scalar="margin"
        )
        writer.describe_baseline("mean of the constants 0 and 1", np.zeros(count))
        for at, step in enumerate(steps):
            share = at / max(1, len(steps) - 1)
            growth = 0.01 + share
            maps = {
                "integrated_gradients": Attribution(
                    blob_map(count, side, growth, drift * share), **numbers(count, growth, 0.02)
                ),
                "grad_cam": Attribution(blob_map(count, 7, growth, drift * share) - 0.1 * growth),
            }
            labels = np.arange(count, dtype=np.float32) % 3
            writer.write(
                step,
                maps,
                outputs=probabilities(count, share),
                targets=dict.fromkeys(maps, labels),
                epoch=step // 100,
            )
