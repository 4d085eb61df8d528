"""What TensorBoard's data provider says of a series when it lists it."""

from __future__ import annotations

from tensorboard.data import provider


def listed_blobs(content: bytes = b"", description: str = "") -> provider.BlobSequenceTimeSeries:
    return provider.BlobSequenceTimeSeries(
        max_step=3, max_wall_time=0.0, max_length=1, plugin_content=content, description=description, display_name=""
    )


def listed_scalars() -> provider.ScalarTimeSeries:
    return provider.ScalarTimeSeries(max_step=3, max_wall_time=0.0, plugin_content=b"", description="", display_name="")
