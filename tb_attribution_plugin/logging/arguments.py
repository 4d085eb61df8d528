"""What is passed to a writer, checked before anything is written."""

from __future__ import annotations

import operator
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_attribution_plugin.wire import names

_OURS = (names.MAPS, names.STATS, names.HISTOGRAM, names.SECONDS, names.PROBE)
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]+")
# TensorBoard's data server cannot read the blobs of a tag with a double quote or a backslash in it.
_TAG = re.compile(r'[^\x00-\x1f\x7f"\\\ud800-\udfff]+')


def check_tag(tag: Any) -> str:
    """Of a map series."""
    if not isinstance(tag, str) or not _TAG.fullmatch(tag) or tag.startswith("/") or tag.endswith("/"):
        raise ValueError(
            f"tag {tag!r} must be printable text without double quotes and backslashes, with no '/' at its ends"
        )
    return tag


def check_scalar_tag(tag: Any) -> str:
    """Of an ordinary scalar."""
    if not isinstance(tag, str) or not _PRINTABLE.fullmatch(tag) or tag.startswith(_OURS) or tag == names.EPOCH:
        raise ValueError(f"scalar tag {tag!r} must be printable text and not begin with one of {list(_OURS)}")
    return tag


def check_step(step: Any, what: str) -> int:
    """An integer >= 0 of any type (NumPy's, TensorFlow's), as int.

    Raises:
      ValueError: `what` is anything else, such as a bool or a float.
    """
    if isinstance(step, bool) or not hasattr(step, "__index__") or (value := operator.index(step)) < 0:
        raise ValueError(f"{what} is {step!r}; it must be an integer >= 0 (optimizer iterations)")
    return value


def check_outputs(outputs: Any, size: int) -> NDArray[np.float64] | None:
    """[B, C] class probabilities, or [B] predicted values; one column [B, 1] is [B]. None stays None.

    Args:
      size: B.

    Raises:
      ValueError: another shape.
      ValueError, TypeError: of NumPy, which makes no numbers of it.
    """
    if outputs is None:
        return None
    array = np.asarray(outputs, dtype=np.float64)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim not in (1, 2) or len(array) != size:
        raise ValueError(
            f"outputs have shape {list(array.shape)}; give [{size}, C] class probabilities or [{size}] predicted values"
        )
    return array
