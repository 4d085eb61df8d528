"""Small logs with known numbers, written record by record."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec, histogram
from tests.backend.events import EventFile, floats, tagged

STEPS = range(0, 60, 5)
EXAMPLES = 3
HASH = "c0ffee"
PNG = b"\x89PNG\r\n\x1a\n" + b"not looked into"
COLUMNS = (pb.STAT_OUTPUT, pb.STAT_PEAK)


def cam(step: int) -> np.ndarray:
    """[B, 2, 2]: at step s, example e holds s + e, -(s + e), 0, 1."""
    return np.array([[[step + e, -(step + e)], [0, 1]] for e in range(EXAMPLES)], np.float32)


def gradients(step: int) -> np.ndarray:
    """[B, 70, 70]: above the atlas's limit, so element 0 is a thumbnail."""
    return np.full((EXAMPLES, 70, 70), step + 1, np.float32) * np.arange(1, EXAMPLES + 1, dtype=np.float32).reshape(
        -1, 1, 1
    )


def cam_elements(step: int) -> list[bytes]:
    return [blob.pack(pb.MapBlob(parts=[codec.encode_part(cam(step), pb.CODE_FLOAT32)]))]


def gradient_elements(step: int) -> list[bytes]:
    maps = gradients(step)
    thumbnail = codec.encode_part(maps[:, ::2, ::2], thumbnail=True)
    rows = [pb.MapBlob(parts=[codec.encode_part(maps[i : i + 1], pb.CODE_FLOAT32)]) for i in range(EXAMPLES)]
    return [blob.pack(pb.MapBlob(parts=[thumbnail])), *map(blob.pack, rows)]


def map_series(tag: str, shape: list[int], **changes: object) -> pb.MapSeries:
    series = pb.MapSeries(
        tag=tag, method="GradCAM", target="label", probe_hash=HASH, grids=[pb.Grid(shape=shape)], examples=EXAMPLES
    )
    series.MergeFrom(pb.MapSeries(**changes))
    return series


def from_bytes(numbers: bytes) -> np.ndarray:
    """Of an answer's float32."""
    return np.frombuffer(numbers, "<f4")


def stats_row(step: int) -> list[float]:
    """[B, 2] in C order: output 10 s + e, peak s + e."""
    return [value for e in range(EXAMPLES) for value in (10 * step + e, step + e)]


def add_probe(file: EventFile, step: int = 0, probe_hash: str = HASH) -> None:
    probe = blob.pack(pb.ProbeBlob(hash=probe_hash, examples=EXAMPLES, names=["a", "b", "c"]))
    elements = [probe, *(PNG + bytes([i]) for i in range(EXAMPLES))]
    file.blobs(step, f"probe/{probe_hash}", elements, tagged(probe=pb.ProbeSeries(hash=probe_hash)))


def add_step(file: EventFile, step: int, series: pb.MapSeries, elements: list[bytes]) -> None:
    tag = series.tag
    file.blobs(step, f"maps/{tag}", elements, tagged(maps=series))
    table = floats(stats_row(step), EXAMPLES, 2)
    file.tensor(step, f"stats/{tag}", table, tagged(stats=pb.StatsSeries(tag=tag, columns=COLUMNS)))
    counts = histogram.log_histogram(cam(step)).tolist()
    file.tensor(step, f"histogram/{tag}", floats(counts, len(counts)), tagged(histogram=histogram.layout(tag)))
    file.scalar(step, f"seconds/{tag}", step / 100, tagged(steps=pb.StepSeries(tag=tag)))


def write_run(directory: Path) -> None:
    """Two series over `STEPS`: `grad_cam` in the atlas, `saliency` with an element per example."""
    file = EventFile(directory)
    add_probe(file)
    for step in STEPS:
        add_step(file, step, map_series("grad_cam", [2, 2]), cam_elements(step))
        add_step(file, step, map_series("saliency", [70, 70]), gradient_elements(step))
        file.scalar(step, "epoch", step // 10, tagged(epochs=pb.EpochSeries()))
        file.scalar(step, "fit/loss", 1 / (step + 1), plugin="scalars")
    file.close()


def write_logdir(logdir: Path) -> None:
    """Three runs of ours in three groups, and one of TensorBoard's own."""
    for run in ("watermark/attribution", "control/attribution", "attribution"):
        write_run(logdir / run)
    train = EventFile(logdir / "watermark" / "train")
    for step in range(4):
        train.scalar(step, "epoch_loss", 2.0**-step, plugin="scalars")
    train.close()
