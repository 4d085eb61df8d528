"""Images of the probe as pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image


def value_range(images: NDArray[Any]) -> tuple[float, float]:
    """(low, high) of the values that a PNG's 0 and 255 stand for, one range for all examples.

    uint8 is stored as it is; booleans are 0 and 1; anything else spans its own minimum to maximum.
    """
    if images.dtype == np.uint8:
        return 0.0, 255.0
    if images.dtype == np.bool_:
        return 0.0, 1.0
    low, high = float(images.min()), float(images.max())
    return low, high if high > low else low + 1.0


def picture(image: NDArray[Any], low: float, high: float) -> Image.Image:
    """One image [H, W] or [H, W, C]: 1 channel grey, 3 RGB, 4 RGBA, any other count as its mean."""
    from PIL import Image

    values = image.astype(np.float64)
    if values.ndim == 3 and values.shape[-1] not in (1, 3, 4):
        values = values.mean(axis=-1)
    if values.ndim == 3 and values.shape[-1] == 1:
        values = values[..., 0]
    bytes_ = np.rint(np.clip((values - low) / (high - low), 0.0, 1.0) * 255.0).astype(np.uint8)
    return Image.fromarray(bytes_)


def png(image: NDArray[Any], low: float, high: float) -> bytes:
    """The same as a PNG file."""
    stream = io.BytesIO()
    picture(image, low, high).save(stream, format="PNG")
    return stream.getvalue()
