"""What TensorBoard's own loaders read from our files."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec
from tests.logging.loaders import View, load

X = (np.arange(2 * 80 * 70 * 3) % 251).astype(np.uint8).reshape(2, 80, 70, 3)


def maps(step: int) -> np.ndarray:
    """Maps [2, 80, 70, 3] that differ from step to step."""
    return np.sin(np.arange(2 * 80 * 70 * 3) * (step + 1) * 0.01).astype(np.float32).reshape(2, 80, 70, 3)


def log(logdir: Path, steps: list[int], start_step: int = 0, scale: float = 1.0) -> str:
    with AttributionWriter(logdir, Probe(X, [0, 1]), store="float32", start_step=start_step) as writer:
        writer.series("ig", method="IntegratedGradients", target="label", parameters={"steps": 16})
        for step in steps:
            cam = Attribution(np.full((2, 7, 7, 1), step * scale), outputs=[1.0, 2.0])
            outputs = np.array([[0.25, 0.75], [1.0, 0.0]])
            writer.write(
                step,
                {"ig": maps(step) * scale, "cam": cam},
                outputs=outputs,
                targets={"ig": [0, 1]},
                epoch=step // 2,
                seconds={"ig": 0.5},
            )
            writer.scalars(step, {"fit/loss": step * scale})
        return writer.path


@pytest.fixture(params=["data_server", "python_loader"])
def view(request: pytest.FixtureRequest) -> Iterator[Callable[..., View]]:
    opened: list[View] = []

    def open_view(logdir: Path, runs: int = 1) -> View:
        opened.append(load(request.param, logdir, runs))
        return opened[-1]

    yield open_view
    for one in opened:
        one.close()


def test_every_value_comes_back(tmp_path, view):
    log(tmp_path / "x", [0, 1, 5])
    seen, run = view(tmp_path), "x/attribution"
    found = seen.blobs(run, "maps/ig")
    assert {step: len(elements) for step, elements in found.items()} == {0: 3, 1: 3, 5: 3}
    part = blob.unpack(found[5][2], pb.MapBlob).parts[0]
    np.testing.assert_allclose(codec.decode_part(part)[0], maps(5).sum(axis=-1)[1], rtol=1e-6, atol=1e-6)
    thumbnail = blob.unpack(found[5][0], pb.MapBlob).parts[0]
    assert (thumbnail.thumbnail, list(thumbnail.shape), thumbnail.count) == (True, [40, 35], 2)
    assert [len(elements) for elements in seen.blobs(run, "maps/cam").values()] == [1, 1, 1]
    stats = seen.tensors(run, "stats/ig")
    assert {step: table.shape for step, table in stats.items()} == {0: (2, 14), 1: (2, 14), 5: (2, 14)}
    assert seen.tensors(run, "histogram/ig")[0].sum() == 2 * 80 * 70
    assert seen.scalars(run, "seconds/ig") == {0: 0.5, 1: 0.5, 5: 0.5}
    assert seen.scalars(run, "seconds/cam") == {0: 0.0, 1: 0.0, 5: 0.0}
    assert seen.scalars(run, "epoch") == {0: 0.0, 1: 0.0, 5: 2.0}
    assert seen.scalars(run, "fit/loss", plugin="scalars") == {0: 0.0, 1: 1.0, 5: 5.0}


def test_metadata_says_what_a_tag_holds(tmp_path, view):
    log(tmp_path, [0])
    seen = view(tmp_path)
    contents = {
        tag: pb.TagMetadata.FromString(content)
        for kind in ("scalars", "tensors", "blob_sequences")
        for tag, content in seen.tags(kind)["attribution"].items()
    }
    kinds = {tag.split("/")[0]: content.WhichOneof("content") for tag, content in contents.items()}
    assert kinds == {
        "maps": "maps",
        "stats": "stats",
        "histogram": "histogram",
        "seconds": "steps",
        "epoch": "epochs",
        "probe": "probe",
    }
    series = contents["maps/ig"].maps
    assert (series.method, series.target, series.examples, series.channels_summed) == (
        "IntegratedGradients",
        "label",
        2,
        True,
    )
    assert [(p.name, p.value) for p in series.parameters] == [("steps", "16")]
    assert series.grids[0] == pb.Grid(shape=[80, 70], method_shape=[80, 70, 3], input_shape=[80, 70, 3])
    assert all(content.version == 1 for content in contents.values())


def test_the_probe_is_logged_with_its_pictures(tmp_path, view):
    log(tmp_path, [0, 1])
    elements = view(tmp_path).blobs("attribution", f"probe/{Probe(X, [0, 1]).hash}")
    assert list(elements) == [0]
    head = blob.unpack(elements[0][0], pb.ProbeBlob)
    assert (head.hash, head.examples, list(head.labels)) == (Probe(X, [0, 1]).hash, 2, [0, 1])
    for example in range(2):
        picture = Image.open(io.BytesIO(elements[0][1 + example]))
        np.testing.assert_array_equal(np.asarray(picture), X[example])


def test_a_resumed_fit_replaces_what_it_overlaps(tmp_path, view):
    first = log(tmp_path, [0, 2, 4, 6])
    assert log(tmp_path, [4, 8], start_step=4, scale=-1.0) == first
    seen = view(tmp_path)
    assert seen.scalars("attribution", "seconds/ig") == {0: 0.5, 2: 0.5, 4: 0.5, 8: 0.5}
    assert seen.scalars("attribution", "fit/loss", plugin="scalars") == {0: 0.0, 2: 2.0, 4: -4.0, 8: -8.0}
    cams = seen.blobs("attribution", "maps/cam")
    read = {step: float(codec.decode_part(blob.unpack(e[0], pb.MapBlob).parts[0])[0, 0, 0]) for step, e in cams.items()}
    assert read == {0: 0.0, 2: 2.0, 4: -4.0, 8: -8.0}


def test_a_fit_that_starts_again_is_another_run(tmp_path, view):
    log(tmp_path, [0, 2])
    with pytest.warns(UserWarning, match=r"attribution holds steps 0 \.\. 2 of an earlier fit"):
        log(tmp_path, [0, 3])
    seen = view(tmp_path, runs=2)
    assert seen.scalars("attribution", "seconds/ig") == {0: 0.5, 2: 0.5}
    assert seen.scalars("attribution-2", "seconds/ig") == {0: 0.5, 3: 0.5}


def test_a_truncated_tail_costs_its_own_record_only(tmp_path, view):
    path = log(tmp_path / "a", [0, 1, 2])
    (file,) = Path(path).glob("*tfevents*")
    whole = file.read_bytes()
    for cut in (1, 10, 200):
        shutil.rmtree(tmp_path / "b", ignore_errors=True)
        target = tmp_path / "b" / "attribution"
        target.mkdir(parents=True)
        (target / file.name).write_bytes(whole[:-cut])
        assert view(tmp_path / "b").scalars("attribution", "seconds/ig") == {0: 0.5, 1: 0.5, 2: 0.5}
