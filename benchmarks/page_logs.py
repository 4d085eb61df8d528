"""Logs of any size with maps that compress as real ones do: smooth lobes that grow and move, on noise."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin import Attribution, AttributionWriter, Probe

_TAGS = ("integrated_gradients", "saliency", "grad_cam", "kernel_shap", "smooth_grad")
_CLASSES = 10


@dataclasses.dataclass(frozen=True)
class Size:
    """How much is logged: `side` is the maps' in cells, and the inputs' in pixels."""

    steps: int
    examples: int
    methods: int
    runs: int
    side: int

    def __str__(self) -> str:
        return (
            f"{self.steps} steps x {self.examples} examples x {self.methods} methods x {self.runs} runs "
            f"at {self.side} x {self.side}"
        )


def write(logdir: Path, size: Size) -> None:
    """Runs `sweep/0/attribution` and so on. The runs hold the same numbers: only the first one is computed."""
    first = logdir / "sweep" / "0"
    _write_run(first, size)
    for run in range(1, size.runs):
        shutil.copytree(first, first.parent / str(run))


def _write_run(path: Path, size: Size) -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(size.examples) % _CLASSES
    images = rng.uniform(size=(size.examples, size.side, size.side, 3)).astype(np.float32)
    tags = _TAGS[: size.methods]
    early, late = (_lobes(rng, size) for _ in range(2))
    with AttributionWriter(path, Probe(images, labels)) as writer:
        for tag in tags:
            writer.series(tag, method=tag, target="label", scalar="margin", additive=True, error_kind="gap")
        for step in range(size.steps):
            share = (step + 1) / size.steps
            # Maps grow by orders of magnitude while a network learns.
            growth = 0.01 * 300**share
            maps = {}
            for at, tag in enumerate(tags):
                noise = 0.1 * rng.standard_normal(early.shape, np.float32)
                scores = growth * ((1 - share) * np.roll(early, at, 0) + share * np.roll(late, at, 0) + noise)
                residual = 0.02 * growth * rng.standard_normal(size.examples, np.float32)
                maps[tag] = Attribution(scores, residual=residual)
            logits = rng.standard_normal((size.examples, _CLASSES)) + 8 * share * np.eye(_CLASSES)[labels]
            outputs = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
            writer.write(step * 10, maps, outputs=outputs, epoch=step // 10)
            writer.scalars(step * 10, {"fit/loss": float(1 - share)})


def _lobes(rng: np.random.Generator, size: Size) -> NDArray[np.float32]:
    """[examples, side, side]: a positive and a negative lobe each."""
    y, x = np.mgrid[0 : size.side, 0 : size.side] / size.side
    maps = np.zeros((size.examples, size.side, size.side))
    for sign in (1, -1):
        right, down = rng.uniform(0.2, 0.8, (2, size.examples, 1, 1))
        maps += sign * np.exp(-((x - right) ** 2 + (y - down) ** 2) / 0.02)
    return maps.astype(np.float32)
