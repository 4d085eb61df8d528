"""Explains 20 labelled photos to a trained ImageNet network, with several methods, on one contact sheet.

Usage: python demo/imagenet.py --logdir runs

The sheet is `<logdir>/imagenet.png`, and the log that it is made of, for TensorBoard too, `<logdir>/imagenet`.
"""

from __future__ import annotations

import argparse
import pathlib
import shutil
import subprocess
import sys
import time
from typing import Any

import efficientnet_lite0
import keras
import numpy as np
import photos

import tb_attribution_plugin as tba

methods = tba.methods
# 14 x 14 cells, behind a ReLU. The last maps are only averaged, so that there HiResCAM and GradCAM are one.
INNER = "block11_expanded"
METHODS: dict[str, Any] = {
    "Saliency": methods.Saliency(),
    "IntegratedGradients": methods.IntegratedGradients(
        steps=16,
        baseline=methods.baselines.Constants((0.0, 255.0)),  # from black and from white
    ),
    "SmoothGrad": methods.SmoothGrad(samples=24),
    "GradCAM": methods.GradCAM(),  # of the last maps, 7 x 7
    "EigenCAM": methods.EigenCAM(),  # the same, whatever the class
    "HiResCAM": methods.HiResCAM(layer=INNER),
    "LayerCAM": methods.LayerCAM(layer=INNER),
}


def explained(model: keras.Model, shown: photos.Photos, title: str) -> tba.Attribution:
    method = METHODS[title]
    start = time.perf_counter()
    found = tba.explain(model, shown.pixels, method, target=shown.labels)
    seconds = time.perf_counter() - start
    line = f"{title:22}{found.evaluations.mean():5.0f} evaluations a photo{seconds:8.1f} s"
    if method.error_kind == "gap":
        sizes = np.abs(found.scores).sum((1, 2, 3))
        line += f", gap {np.median(np.abs(found.residual) / sizes):.1%} of sum |scores| (median)"
    print(line, flush=True)
    return found


def log(logdir: pathlib.Path, shown: photos.Photos, found: dict[str, tba.Attribution], outputs: Any) -> None:
    """As one step, for TensorBoard and for the sheet."""
    words = [photos.word(label) for label in range(outputs.shape[1])]
    probe = tba.Probe(shown.pixels, shown.labels, class_names=words)
    with tba.AttributionWriter(logdir, probe, resolution=efficientnet_lite0.SIDE) as writer:
        for title in found:
            method = METHODS[title]
            about = {name: getattr(method, name) for name in ("signed", "class_sensitive", "error_kind", "additive")}
            cam, parameters = title.endswith("CAM"), vars(method)
            writer.series(title, method=title, target="label", scalar="margin", cam=cam, parameters=parameters, **about)
        writer.write(0, found, outputs=outputs, targets=dict.fromkeys(found, shown.labels))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--logdir", type=pathlib.Path, default=pathlib.Path("runs"))
    parser.add_argument("--photos", type=int, default=20, metavar="N", help="the first N (default: all 20)")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS), metavar="METHOD")
    arguments = parser.parse_args()
    logdir, sheet = arguments.logdir / "imagenet", arguments.logdir / "imagenet.png"
    shutil.rmtree(logdir, ignore_errors=True)
    model, shown = efficientnet_lite0.load(), photos.load(efficientnet_lite0.SIDE)
    shown = photos.Photos(*(one[: arguments.photos] for one in shown))
    probabilities = model.predict(shown.pixels, verbose=0)
    right = int((probabilities.argmax(1) == shown.labels).sum())
    print(f"top-1: {right} of {len(shown.labels)}")
    found = {title: explained(model, shown, title) for title in arguments.methods}
    log(logdir, shown, found, probabilities)
    every = [str(photo) for photo in range(len(shown.labels))]
    export = ["export", str(logdir), "--out", str(sheet), "--examples", *every]
    subprocess.run([sys.executable, "-m", "tb_attribution_plugin", *export], check=True)


if __name__ == "__main__":
    main()
