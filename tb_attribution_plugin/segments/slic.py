"""Superpixels of images."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.probe.arrays import check_finite
from tb_attribution_plugin.segments.arguments import Ids, check_count, checked

COUNT = 50
# A superpixel has so many pixels at least, on average: with fewer it has no shape.
_LEAST_PIXELS = 4
# Weight of nearness against likeness at the start, for Lab (0 to 100) and for values from 0 to 1.
_COMPACTNESS_OF_LAB, _COMPACTNESS = 10.0, 0.1


def slic(images: Any, count: int = COUNT) -> Ids:
    """Superpixels that follow the edges of each image.

    SLIC: Achanta et al., 2012 (doi:10.1109/TPAMI.2012.120), in Lab where there are 3 channels. Its weight of likeness
    adapts to each superpixel, as in the authors' SLICO: with a fixed one a noisy 32 x 32 image stays in one piece. Each
    image is scaled to its own range first, so that preprocessed ones are cut like their originals.

    Args:
      images: [B, H, W, C] or [B, H, W], any range of values.
      count: superpixels per image, about; small images get fewer, of 4 pixels on average.

    Returns:
      int32 [B, H, W, 1] or [B, H, W]: 0 .. K - 1 in each image, K being its own.

    Raises:
      ValueError: another shape, NaN or inf, or a count of less than 2.
      ImportError: no scikit-image.
    """
    array = checked(images, "images", (3, 4), "[B, H, W, C] or [B, H, W]")
    check_count(count)
    number = max(2, min(count, array.shape[1] * array.shape[2] // _LEAST_PIXELS))
    check_finite(array, "images", "fill the gaps before cutting them")
    channels = array if array.ndim == 4 else array[..., None]
    ids = np.stack([_cut(image, number) for image in channels])
    return ids[..., None] if array.ndim == 4 else ids


def _cut(image: NDArray[Any], count: int) -> Ids:
    try:  # half a second, which only superpixels spend
        from skimage.segmentation import slic as cut
    except ImportError as error:
        raise ImportError(
            "scikit-image, which cuts images into superpixels, is not installed: pip install "
            "'tb-attribution-plugin[train]', or cut them by tba.segments.grid"
        ) from error
    coloured = image.shape[-1] == 3
    values = image.astype(np.float64)
    values -= values.min()
    labels = cut(
        values / (values.max() or 1.0),
        n_segments=count,
        compactness=_COMPACTNESS_OF_LAB if coloured else _COMPACTNESS,
        convert2lab=coloured,
        slic_zero=True,
        start_label=0,
        channel_axis=-1,
    )
    _, ids = np.unique(labels, return_inverse=True)  # without the numbers of those that were too small
    return ids.reshape(labels.shape).astype(np.int32)
