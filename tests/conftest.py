"""A test run shows results, not start-up notices, and does not pay again and again for what is there to stay."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import pytest

# Before anything imports TensorFlow.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def pytest_collection_finish() -> None:
    """Imported modules, a million objects, never become garbage; Keras looks for some whenever it clears a session."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def an_image_is_cut_into_segments_once() -> Iterator[None]:
    """That takes two seconds, and the tests explain a dozen images a thousand times."""
    from tb_attribution_plugin.segments import felzenszwalb

    cut, found = felzenszwalb.masks, {}

    def masks(image: Any) -> Any:
        key = image.shape, image.dtype, image.tobytes()
        if key not in found:
            found[key] = cut(image)
        return found[key]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(felzenszwalb, "masks", masks)
        yield
