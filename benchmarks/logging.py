"""What logging costs outside of the model: time per step, bytes per map, rates of writing and reading.

    python -m benchmarks.logging [--steps 40]

The maps are those of a small network that has learned to tell photographs apart, and gradients of a table.
Aims: at most 5 ms a step for 16 maps of 112x112; at most 10 KB a gradient map at 112x112, 200 B a 7x7 map.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from typing import NamedTuple

import numpy as np

from benchmarks import tables
from benchmarks.models import mlp, photographs, trained_on_photographs
from tb_attribution_plugin.logging import grids, maps
from tb_attribution_plugin.logging.maps import StoredMaps
from tb_attribution_plugin.logging.reader import read_runs
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.training.explain import explain
from tb_attribution_plugin.wire.codec import CODES

EXAMPLES = 16


class Maps(NamedTuple):
    """One kind of map: scores [B, ...] of a step, and the probe they belong to."""

    title: str
    inputs: np.ndarray
    scores: np.ndarray


class Cost(NamedTuple):
    """Of logging one kind of map for some steps."""

    step_ms: list[float]
    bytes_per_map: float
    bytes_per_thumbnail: float  # of the same map, where it has one
    bytes_per_step: float  # with statistics and metadata, for all examples
    read_ms: float  # one step's maps, decoded


def kinds() -> list[Maps]:
    found = []
    for side in (112, 224):
        model, (x, labels) = trained_on_photographs(side), photographs(EXAMPLES, side, seed=1)
        for method in ("saliency", "integrated_gradients", "grad_cam"):
            found.append(Maps(f"{method}, {side}x{side}", x, explain(model, x, method, labels).scores))
    rows = mlp(EXAMPLES)
    return [*found, Maps("table of 30 columns", rows.inputs, explain(rows.model, rows.inputs, "saliency", 0).scores)]


def measure(kind: Maps, steps: int) -> Cost:
    random, probe = np.random.default_rng(1), Probe(kind.inputs)
    with tempfile.TemporaryDirectory() as log_dir:
        with AttributionWriter(log_dir, probe) as writer:
            writer.series("maps", method="benchmark")
            writer.open(0)
            before, times = writer.bytes_written, []
            for step in range(steps):
                # Weights change between steps; so do the maps.
                scores = kind.scores * random.normal(1, 0.05, kind.scores.shape).astype(np.float32)
                began = time.perf_counter()
                writer.write(step, {"maps": scores}, epoch=0, seconds={"maps": 0.0})
                times.append((time.perf_counter() - began) * 1e3)
            written = writer.bytes_written - before
        series = read_runs(log_dir)["attribution"].series["maps"]
        began = time.perf_counter()
        for step in range(steps):
            series.maps(step)
        read_ms = (time.perf_counter() - began) / steps * 1e3
    stored = grids.stored(kind.scores, probe.modality, 112, False)
    axes = [grids.coarse_axes(probe.modality)]
    first, *rest = maps.encode(StoredMaps([stored], [], None, axes), CODES["uint8"])
    # A small grid is stored once, for all examples together.
    own, thumbnails = (sum(map(len, rest)), len(first)) if rest else (len(first), 0)
    return Cost(times, own / EXAMPLES, thumbnails / EXAMPLES, written / steps, read_ms)


def rate(size: int) -> tuple[float, float]:
    """MB/s at which records of so many bytes go to the file and come back."""
    from tb_attribution_plugin.logging import records
    from tb_attribution_plugin.logging.event_file import EventFile

    data, count = os.urandom(size), max(1, 64_000_000 // size)
    with tempfile.TemporaryDirectory() as directory:
        file = EventFile(directory, 0)
        began = time.perf_counter()
        for _ in range(count):
            file.append(data)
        written = time.perf_counter() - began
        file.close()
        began = time.perf_counter()
        found = sum(1 for _ in records.scan(file.path))
        read = time.perf_counter() - began
        assert found == count + 2, "a record is lost"  # the file version and the session start
    return size * count / 1e6 / written, size * count / 1e6 / read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=40)
    given = parser.parse_args()
    print(f"{EXAMPLES} examples, {given.steps} steps\n")
    tables.head(
        ["maps", "ms per step (range)", "bytes per map", "per thumbnail", "per step", "read and decode ms per step"]
    )
    for kind in kinds():
        cost = measure(kind, given.steps)
        tables.row(
            [
                kind.title,
                tables.spread(cost.step_ms),
                f"{cost.bytes_per_map:,.0f}",
                f"{cost.bytes_per_thumbnail:,.0f}",
                f"{cost.bytes_per_step:,.0f}",
                f"{cost.read_ms:.1f}",
            ]
        )
    print()
    tables.head(["bytes per record", "write MB/s", "read MB/s"])
    for size in (200, 10_000, 1_000_000):
        rates = zip(*(rate(size) for _ in range(3)), strict=True)
        tables.row([f"{size:,}", *(f"{statistics.median(one):,.0f}" for one in rates)])


if __name__ == "__main__":
    main()
