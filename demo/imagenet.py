"""Explains 20 labelled photos to a trained ImageNet network, with several methods, on one contact sheet.

Usage: python demo/imagenet.py --sheet runs/imagenet.png
"""

from __future__ import annotations

import argparse
import pathlib
import time
from typing import Any

import contact_sheet
import efficientnet_lite0
import keras
import numpy as np
import photos
from numpy.typing import NDArray

import tb_attribution_plugin as tba

methods = tba.methods
# 14 x 14 cells, behind a ReLU. The last maps are only averaged, so that there HiResCAM and GradCAM are one.
INNER = "block11_expanded"
METHODS: dict[str, tuple[Any, str]] = {
    "Saliency": (methods.Saliency(), "gradient at the pixels"),
    "IntegratedGradients": (
        methods.IntegratedGradients(steps=16, baseline=methods.baselines.Constants((0.0, 255.0))),
        "from black and from white",
    ),
    "SmoothGrad": (methods.SmoothGrad(samples=24), "mean of 24 noisy gradients"),
    "GradCAM": (methods.GradCAM(), "last maps, 7 x 7"),
    "EigenCAM": (methods.EigenCAM(), "last maps, whatever the class"),
    "HiResCAM": (methods.HiResCAM(layer=INNER), f"{INNER}, 14 x 14"),
    "LayerCAM": (methods.LayerCAM(layer=INNER), f"{INNER}, 14 x 14"),
}
# What the sheet says below its title.
EXPLAINED = (
    "Explained is the label's margin: its logit minus the mean of the others.",
    "Each column has its own scale, which ends at the 99th percentile of its |scores|.",
)


def explained(model: keras.Model, shown: photos.Photos, title: str) -> contact_sheet.Column:
    method, note = METHODS[title]
    start = time.perf_counter()
    found = tba.explain(model, shown.pixels, method, target=shown.labels)
    seconds = time.perf_counter() - start
    line = f"{title:22}{found.evaluations.mean():5.0f} evaluations a photo{seconds:8.1f} s"
    if method.error_kind == "gap":
        sizes = np.abs(found.scores).sum((1, 2, 3))
        line += f", gap {np.median(np.abs(found.residual) / sizes):.1%} of sum |scores| (median)"
    print(line, flush=True)
    ends = ("against", "for the label") if method.class_sensitive else ("", "")
    return contact_sheet.Column(found.scores.sum(-1), title, note, ends)


def row(photo: NDArray[Any], label: int, probabilities: NDArray[Any]) -> contact_sheet.Row:
    predicted = int(probabilities.argmax())
    lines = [f"predicted: {photos.word(predicted)}", f"p = {probabilities[predicted]:.2f}"]
    if predicted != label:
        lines.append(f"p({photos.word(label)}) = {probabilities[label]:.2f}")
    return contact_sheet.Row(photo, photos.word(label), tuple(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sheet", type=pathlib.Path, default=pathlib.Path("runs/imagenet.png"))
    parser.add_argument("--photos", type=int, default=20, metavar="N", help="the first N (default: all 20)")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS), metavar="METHOD")
    arguments = parser.parse_args()
    model, shown = efficientnet_lite0.load(), photos.load(efficientnet_lite0.SIDE)
    shown = photos.Photos(*(one[: arguments.photos] for one in shown))
    probabilities = model.predict(shown.pixels, verbose=0)
    right = int((probabilities.argmax(1) == shown.labels).sum())
    print(f"top-1: {right} of {len(shown.labels)}")
    columns = [explained(model, shown, title) for title in arguments.methods]
    rows = [row(*one) for one in zip(shown.pixels, shown.labels, probabilities, strict=True)]
    title = f"EfficientNet-Lite0 on {len(rows)} labelled ImageNet photos, {right} of them right"
    arguments.sheet.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet.draw(title, EXPLAINED, rows, columns).save(arguments.sheet)
    print(f"contact sheet: {arguments.sheet}")


if __name__ == "__main__":
    main()
