"""Overlapping segments of an image at several scales, as XRAI ranks them."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Of the recipe of PAIR saliency, which these follow: made for 224 x 224 pixels of values from -1 to 1.
_SIDE = 224
_SCALES = (50, 100, 150, 250, 500, 1200)
_SIGMA = 0.8
_LEAST_PIXELS = 150
_DILATION = 5


def masks(image: NDArray[Any]) -> NDArray[np.bool_]:
    """Felzenszwalb's and Huttenlocher's, 2004 (doi:10.1023/B:VISI.0000022288.19776.77), each grown a little.

    Those of PAIR saliency for 224 x 224 pixels. Departures for other sizes: a segment grows by 5 of the 224, not of
    the image's own pixels, where these would be most of a small one; and edges do not darken as it is resized.

    Args:
      image: [H, W, C], any range of values.

    Returns:
      bool [M, H, W]. Segments of one scale cover the image; about 250 on a photograph, which takes 2 seconds.

    Raises:
      ImportError: no scikit-image.
    """
    try:  # half a second, which only XRAI spends
        from skimage.segmentation import felzenszwalb
        from skimage.transform import resize
    except ImportError as error:
        raise ImportError(
            "scikit-image, which cuts images into segments, is not installed: pip install "
            "'tb-attribution-plugin[train]', or pass XRAI(masks=...)"
        ) from error
    shape = image.shape[:2]
    pixels = image.astype(np.float64)
    low, high = pixels.min(), pixels.max()
    pixels = 2 * (pixels - low) / (high - low if high > low else 1.0) - 1
    pixels = resize(pixels, (_SIDE, _SIDE), order=3, mode="edge", preserve_range=True, anti_aliasing=True)
    found = []
    for scale in _SCALES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that other than 3 channels may be a mistake
            cut = felzenszwalb(pixels, scale=scale, sigma=_SIGMA, min_size=_LEAST_PIXELS)
        cut = resize(cut, shape, order=0, mode="edge", preserve_range=True, anti_aliasing=False).astype(int)
        found += [cut == number for number in np.unique(cut)]
    radius = round(_DILATION * math.sqrt(math.prod(shape)) / _SIDE)
    return np.stack([grown(mask, radius) for mask in found])


def grown(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """By the pixels within `radius`; only where the segment is, because most are small."""
    from scipy import ndimage

    found, around = np.zeros_like(mask), []
    for axis in (0, 1):
        there = np.flatnonzero(mask.any(1 - axis))
        around.append(slice(max(there[0] - radius, 0), there[-1] + radius + 1))
    down, right = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    found[tuple(around)] = ndimage.binary_dilation(mask[tuple(around)], down**2 + right**2 <= radius**2)
    return found
