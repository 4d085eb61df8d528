"""Statistics of series whose values belong to segments: over what the page draws."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from sklearn.datasets import load_sample_images

import tb_attribution_plugin as tba
from tb_attribution_plugin import Attribution, AttributionWriter, Probe
from tb_attribution_plugin.logging import segments
from tb_attribution_plugin.logging.reader import StoredRun
from tb_attribution_plugin.wire import histogram

X = np.zeros((2, 4, 4, 3), np.float32)
# Example 0: two halves. Example 1: four quarters.
IDS = np.stack([np.repeat([[0, 0, 1, 1]], 4, 0), np.repeat(np.repeat([[0, 1], [2, 3]], 2, 0), 2, 1)])
VALUES = np.array([[3.0, -1.0, np.nan, np.nan], [0.5, np.nan, -0.25, 2.0]])


def record() -> Attribution:
    """Scores of cells are value / size, as methods over segments give them."""
    cells = np.stack([values[ids] / np.bincount(ids.ravel())[ids] for values, ids in zip(VALUES, IDS, strict=True)])
    return Attribution(cells[..., None].astype(np.float32), segment_scores=VALUES)


def logged(path, probe, attribution=None, describe=None):
    with AttributionWriter(path, probe, store="float32") as writer:
        if describe is not None:
            writer.describe_segments(describe)
        writer.write(0, {"lime": attribution or record()})
    return StoredRun(str(path / "attribution")).series["lime"]


@pytest.mark.parametrize("own", [True, False])
def test_statistics_are_over_the_segments_that_an_example_has(tmp_path, own):
    series = logged(tmp_path, Probe(X, segments=IDS if own else None), describe=None if own else IDS[..., None])
    stats = series.stats(0)
    np.testing.assert_array_equal(stats["STAT_SUM"], [2.0, 2.25])
    np.testing.assert_array_equal(stats["STAT_SUM_ABS"], [4.0, 2.75])
    np.testing.assert_array_equal(stats["STAT_PEAK"], [3.0, 2.0])
    np.testing.assert_array_equal(stats["STAT_NONFINITE"], [0, 1])  # what an example lacks is no missing value
    # |a| sorted: 1, 3 and .25, .5, 2; the 99th percentile lies .99 of the way, and 1.98 of two ways.
    np.testing.assert_allclose(stats["STAT_P99"], [2.98, 1.97], rtol=1e-6)
    counts = series.histogram(0)
    assert counts[:2].tolist() == [0, 1]
    found = {2.0 ** (histogram.LOW_EXPONENT + i / histogram.PER_OCTAVE) for i in np.flatnonzero(counts[2:])}
    assert {0.25, 0.5, 1.0, 2.0} < found
    assert counts.sum() == 6
    np.testing.assert_array_equal(series.maps(0).segments, VALUES)


@pytest.mark.parametrize(
    "probe",
    [
        Probe(X),
        Probe(X, segments=IDS, store_inputs=False),
        Probe(X, segments=np.broadcast_to(np.arange(3), (2, 4, 4, 3))),  # a segment per channel has no outline
    ],
    ids=["no ids", "private", "channels"],
)
def test_where_no_segment_can_be_drawn_statistics_are_over_cells(tmp_path, probe):
    stats = logged(tmp_path, probe).stats(0)
    np.testing.assert_array_equal(stats["STAT_PEAK"], [3 / 8, 0.5])
    np.testing.assert_array_equal(stats["STAT_NONFINITE"], [0, 4])


def test_an_id_without_a_score_is_refused_before_anything_is_written(tmp_path):
    with AttributionWriter(tmp_path, Probe(X, segments=IDS)) as writer:
        with pytest.raises(ValueError, match=r"segment_scores of 'lime' have 3 values per example, but .* go up to 3"):
            writer.write(0, {"lime": record()._replace(segment_scores=VALUES[:, :3])})
        writer.write(0, {"lime": record()})


@pytest.mark.parametrize(
    ("inputs", "ids", "want"),
    [
        (np.zeros((2, 5, 2)), np.zeros((1, 5, 1), int), [(2, 5)]),  # times: the same for both channels
        (np.zeros((2, 5, 2)), np.zeros((1, 5, 2), int), [(2, 5, 2)]),
        (np.zeros((2, 3)), np.zeros((1, 3), int), [(2, 3)]),
        (np.zeros((2, 3)), np.zeros((2, 1), int), [(2, 3)]),  # an axis of size 1 that is no channel
        (np.zeros((2, 4, 4)), np.zeros((1, 4, 1), int), [(2, 4, 4)]),
    ],
)
def test_ids_are_stored_on_the_inputs_own_cells(inputs, ids, want):
    modality = {2: "tabular", 3: "time_series"}[inputs.ndim] if inputs.shape[1:] != (4, 4) else "image"
    probe = Probe(inputs, segments=ids, modality=modality)
    assert [one.shape for one in segments.stored(probe, None)] == want


PHOTOS = np.stack(load_sample_images().images)[:, ::8, ::8]
MADE = {
    "slic": Probe(PHOTOS, segments=tba.segments.slic(PHOTOS)),
    "grid": Probe(PHOTOS, segments=tba.segments.grid(PHOTOS, (3, 5))),
    "columns": Probe(np.zeros((2, 4), np.float32), segments=tba.segments.columns(np.zeros((2, 4)), {"a": [1, 3]})),
    "windows": Probe(np.zeros((2, 30, 3), np.float32), segments=tba.segments.windows(np.zeros((2, 30, 3)), 4)),
    "words": Probe(np.ones((2, 5), int), segments=tba.segments.words([["[CLS]", "un", "##do", "it"], ["b"]], length=5)),
    "raw strings": Probe(
        ["a bad film", "good"], segments=tba.segments.words(tba.segments.pieces(["a bad film", "good"]))
    ),
    "together": Probe(
        {"image": PHOTOS, "table": np.zeros((2, 3), np.float32)},
        segments=tba.segments.together(
            {"image": tba.segments.slic(PHOTOS), "table": tba.segments.columns(np.zeros((2, 3)))}
        ),
    ),
}


@pytest.mark.parametrize("probe", MADE.values(), ids=MADE)
def test_ids_of_every_kind_come_back_as_they_were(tmp_path, probe):
    ids = [one.reshape(len(one), -1) for one in segments.stored(probe, None)]
    counts = np.concatenate(ids, 1).max(1) + 1
    values = np.where(np.arange(counts.max()) < counts[:, None], 1.0, np.nan)
    scores = [np.zeros((2, 3) if one.dtype.kind == "U" else one.shape, np.float32) for one in probe.arrays]
    structure = dict(zip(probe.input_names, scores, strict=True)) if len(scores) > 1 else scores[0]
    with AttributionWriter(tmp_path, probe, store="float32") as writer:
        writer.series("lime", method="LIME", signed=True, target="label")
        writer.write(0, {"lime": Attribution(structure, segment_scores=values)})
    run = StoredRun(str(tmp_path / "attribution"))
    read = [
        np.frombuffer(zlib.decompress(one.payload), "<i4").reshape(2, *one.shape)
        for one in run.probes[probe.hash].segments
    ]
    for found, made, array in zip(
        read, probe.segments.values() if len(scores) > 1 else [probe.segments], probe.arrays, strict=True
    ):
        channel = found[..., None] if made.ndim > found.ndim else found
        np.testing.assert_array_equal(channel, np.broadcast_to(made, channel.shape))
        assert array.dtype.kind == "U" or found.shape == array.shape[: found.ndim]
    np.testing.assert_array_equal(run.series["lime"].stats(0)["STAT_SUM"], counts)  # over segments, each once
