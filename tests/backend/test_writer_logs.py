"""What our own writer logged, through a real TensorBoard."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob
from tests.backend.server import Server

STEPS = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
EXAMPLES = 3
RUN = "fit/attribution"


def _scores(step: int, side: int) -> np.ndarray:
    return np.random.default_rng(step).normal(size=(EXAMPLES, side, side)).astype(np.float32)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    logdir = tmp_path_factory.mktemp("written")
    images = np.random.default_rng(0).uniform(size=(EXAMPLES, 96, 96, 3)).astype(np.float32)
    probe = Probe(images, [0, 1, 0], names=["one", "two", "three"], class_names=["cat", "dog"])
    with AttributionWriter(logdir / "fit", probe, store="float32") as writer:
        writer.series("grad_cam", method="GradCAM", target="label", cam=True)
        writer.series("saliency/dog", method="Saliency", target="dog", signed=False)
        for step in STEPS:
            outputs = np.full((EXAMPLES, 2), 0.5)
            attributions = {
                "grad_cam": Attribution(_scores(step, 7), outputs=np.arange(EXAMPLES) + step),
                "saliency/dog": Attribution(np.abs(_scores(step, 96))),
            }
            writer.write(step, attributions, outputs=outputs, epoch=step // 100)
            writer.scalars(step, {"fit/loss": 1 / (1 + step)})
    return logdir


@pytest.fixture(scope="module")
def server_of_written(load_fast: str, written: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(written, load_fast, log=tmp_path_factory.mktemp("server") / "log.txt")
    try:
        running.wait_for(lambda index: all(one["steps"] == STEPS for one in index["runs"][0]["series"]))
        running.wait_for(lambda index: index["runs"][0]["scalars"] == ["fit/loss"])
        yield running
    finally:
        running.stop()


def test_the_index_knows_every_series_step_and_scalar(server_of_written: Server) -> None:
    index = server_of_written.get("index").json
    assert "problems" not in index
    (run,) = index["runs"]
    assert (run["run"], run["group"]) == (RUN, "fit")
    assert [series["maps"]["tag"] for series in run["series"]] == ["grad_cam", "saliency/dog"]
    assert run["epochs"] == [step // 100 for step in STEPS]


def test_the_probe_and_its_images_are_served(server_of_written: Server) -> None:
    (probe_hash,) = server_of_written.get("index").json["runs"][0]["probe_hashes"]
    probe = blob.unpack(server_of_written.get("probe", run=RUN, hash=probe_hash).body, pb.ProbeBlob)
    assert list(probe.names) == ["one", "two", "three"]
    image = server_of_written.get("input", run=RUN, hash=probe_hash, example=2)
    assert image.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize(("tag", "side", "elements"), [("grad_cam", 7, 1), ("saliency/dog", 96, 1 + EXAMPLES)])
def test_every_blob_reads_as_maps(server_of_written: Server, tag: str, side: int, elements: int) -> None:
    query = {"run": RUN, "tag": tag, "steps": "512"}
    answer = server_of_written.get("maps", **query, elements=",".join(map(str, range(elements + 1))))
    items = pb.Maps.FromString(answer.body).items
    assert [bool(item.error) for item in items] == [False] * elements + [True]
    parts = [part for item in items[:elements] for part in blob.unpack(item.blob, pb.MapBlob).parts]
    whole = [part for part in parts if not part.thumbnail]
    assert sum(part.count for part in whole) == EXAMPLES
    assert {tuple(part.shape) for part in whole} == {(side, side)}


@pytest.mark.parametrize(("tag", "side"), [("grad_cam", 7), ("saliency/dog", 96)])
def test_an_export_is_what_was_logged(server_of_written: Server, tag: str, side: int) -> None:
    answer = server_of_written.get("export", run=RUN, tag=tag, format="npz")
    with np.load(io.BytesIO(answer.body), allow_pickle=False) as file:
        logged = np.stack([_scores(step, side) for step in STEPS])
        np.testing.assert_array_equal(file["scores"], logged if tag == "grad_cam" else np.abs(logged))
        assert file["steps"].tolist() == STEPS
        assert file["problems"].tolist() == []
        output = file["stats"][:, :, file["stats_columns"].tolist().index("output")]
    if tag == "grad_cam":
        assert output.tolist() == [[step + example for example in range(EXAMPLES)] for step in STEPS]
