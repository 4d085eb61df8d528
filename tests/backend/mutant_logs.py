"""A logdir of mutants of the golden files, beside one run that is sound."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from tensorboard.compat.proto import event_pb2, summary_pb2

from tb_attribution_plugin.wire import attribution_pb2 as pb
from tests.backend import logs
from tests.backend.events import BLOBS, SCALAR, EventFile, floats, metadata, record, strings, tagged
from tests.golden import make, verdicts
from tests.golden.mutants import mutants

GOOD = "good/attribution"
BLOB_RUN = "blobs/attribution"


class BlobMutants(NamedTuple):
    """The mutants of one golden file: those of step s are `stored[s]`, in the series of its name."""

    name: str
    series: pb.MapSeries
    stored: list[bytes]


def blob_mutants(each: int) -> list[BlobMutants]:
    """So many mutants of each golden file."""
    files, others = verdicts.golden_files(), verdicts.splices()
    return [
        BlobMutants(name, _series(name), list(mutants(name, data, others, each))) for name, (_, data) in files.items()
    ]


def _series(name: str) -> pb.MapSeries:
    """What the golden file's own maps are of, so that what is still sound in a mutant is decoded."""
    parts = json.loads((make.HERE / f"{name}.json").read_text()).get("parts", [])
    scores = [part for part in parts if part["layer"] == "LAYER_SCORES"] or [{"shape": [3, 3], "count": 2}]
    return pb.MapSeries(
        tag=name,
        method="GradCAM",
        probe_hash=logs.HASH,
        grids=[pb.Grid(shape=part["shape"]) for part in scores],
        examples=scores[0]["count"],
    )


def write(logdir: Path, blobs: list[BlobMutants], files: Iterable[bytes]) -> list[str]:
    """Writes everything; returns the names of the runs that hold one of the event files `files` each."""
    logs.write_run(logdir / GOOD)
    _write_blobs(logdir / BLOB_RUN, blobs)
    runs = []
    for k, content in enumerate(files):
        runs.append(f"m{k:05}")
        (logdir / runs[-1]).mkdir()
        (logdir / runs[-1] / make.EVENT_FILE.name).write_bytes(content)
    return runs


def _write_blobs(run: Path, blobs: list[BlobMutants]) -> None:
    file = EventFile(run)
    logs.add_probe(file)
    file.close()
    (path,) = run.iterdir()
    with path.open("ab") as log:
        for name, series, stored in blobs:
            about = [
                metadata(tagged(maps=series), BLOBS),
                metadata(tagged(steps=pb.StepSeries(tag=name)), SCALAR),
            ]
            for step, mutant in enumerate(stored):
                values = [
                    summary_pb2.Summary.Value(tag=f"maps/{name}", tensor=strings([mutant])),
                    summary_pb2.Summary.Value(tag=f"seconds/{name}", tensor=floats([1.0])),
                ]
                if step == 0:
                    for value, metadata_of in zip(values, about, strict=True):
                        value.metadata.CopyFrom(metadata_of)
                event = event_pb2.Event(wall_time=1.7e9 + step, step=step, summary=summary_pb2.Summary(value=values))
                log.write(record(event.SerializeToString()))
