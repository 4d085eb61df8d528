"""Of a model's inputs only one is what the probe's pictures, tokens and names are of."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.drawing.bar_tile import input_words
from tb_attribution_plugin.drawing.tile import Map
from tb_attribution_plugin.exporting import arrays
from tb_attribution_plugin.exporting.series_tiles import SeriesTiles
from tb_attribution_plugin.logging import events
from tb_attribution_plugin.logging.event_file import EventFile
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import blob, codec
from tests.exporting.logs import PICTURES, chosen, written

SERIES = np.ones((3, 20, 3), np.float32)
TABLE = np.full((3, 5), 0.5, np.float32)
IDS = np.arange(15).reshape(3, 5)
WORDS = [[*"abcde"]] * 3


def tiles(root: Path, probe: Probe, *, scores: Any = None) -> SeriesTiles:
    with AttributionWriter(root, probe, store="float32") as writer:
        writer.series("m", method="M")
        inputs = zip(probe.input_names, probe.arrays, strict=True)
        writer.write(0, {"m": {name: np.ones(a.shape, np.float32) for name, a in inputs} if scores is None else scores})
    return SeriesTiles(chosen(root).series[0], [0])


def drawn(found: SeriesTiles, index: int) -> tuple[str, Map]:
    return found.modality(index), found._map(found.series.stored.maps(0), index, 0)


def test_a_picture_lies_under_its_own_map_and_under_no_other(tmp_path):
    found = tiles(tmp_path, Probe({"series": SERIES, "image": PICTURES}))
    (first, series), (second, image) = drawn(found, 0), drawn(found, 1)
    assert (first, series.picture) == ("time_series", None)
    assert second == "image"
    assert image.picture.size == (16, 16)
    assert found.tile(0, 0, 0, [])[0].size[0] == 340
    assert np.asarray(found.tile(0, 1, 0, [])[0])[0, 0].tolist() != [236, 238, 240]


def test_private_pictures_are_told_from_series_by_their_channels(tmp_path):
    found = tiles(tmp_path, Probe({"series": SERIES, "image": PICTURES}, store_inputs=False))
    assert [found.modality(index) for index in (0, 1)] == ["time_series", "image"]


@pytest.mark.parametrize("length", [5, 4])
def test_tokens_are_of_the_ids_and_not_of_the_table(tmp_path, length):
    found = tiles(tmp_path, Probe({"ids": IDS, "table": TABLE[:, :length]}, tokens=WORDS))
    (first, text), (second, table) = drawn(found, 0), drawn(found, 1)
    assert (first, text.names) == ("text", WORDS[0])
    assert (second, table.names, table.inputs.tolist()) == ("tabular", (), [0.5] * length)


def test_a_text_is_of_the_strings_and_not_of_the_number_beside_it(tmp_path):
    probe = Probe({"text": np.array(["some words"] * 3), "price": np.full((3, 1), 2.5, np.float32)}, modality="text")
    scores = {"text": np.ones((3, 2)), "price": np.ones((3, 1))}
    found = tiles(tmp_path, probe, scores=scores)
    assert (drawn(found, 0)[0], drawn(found, 0)[1].names) == ("text", ["some", "words"])
    assert (found.modality(1), drawn(found, 1)[1].names) == ("tabular", ())


def test_names_of_columns_are_of_the_first_table(tmp_path):
    found = tiles(tmp_path / "a", Probe({"x": TABLE, "y": TABLE[:, :2]}, feature_names=[*"abcde"]))
    assert [drawn(found, index)[1].names for index in (0, 1)] == [[*"abcde"], ()]
    alike = tiles(tmp_path / "b", Probe({"x": TABLE, "y": TABLE}, feature_names=[*"abcde"]))
    assert [drawn(alike, index)[1].names for index in (0, 1)] == [[*"abcde"], ()]
    assert [alike.modality(index) for index in (0, 1)] == ["tabular"] * 2


def test_the_only_map_is_of_the_input_that_is_shown(tmp_path):
    probe = Probe({"series": SERIES, "image": PICTURES})
    with AttributionWriter(tmp_path, probe) as writer:
        writer.series("cam", method="GradCAM", cam=True)
        writer.write(0, {"cam": Attribution(np.ones((3, 4, 4)))})
    found = SeriesTiles(chosen(tmp_path).series[0], [0])
    assert found.inputs == [1]
    assert drawn(found, 1)[1].picture.size == (16, 16)


def test_values_of_a_table_have_the_words_that_the_page_has(tmp_path):
    table = np.array([[0, 2, np.nan, np.nan]], np.float32)
    found = tiles(tmp_path, Probe(table, tokens=[["Paris", "", "", "no answer"]]), scores=np.ones((1, 4)))
    map_ = drawn(found, 0)[1]
    assert [input_words(map_, column) for column in range(4)] == ["Paris", "2.00", "missing", "no answer"]


def test_errors_are_of_the_input_that_has_some(tmp_path):
    (tmp_path / "run").mkdir()
    file = EventFile(str(tmp_path / "run"), 0)
    grids = [pb.Grid(input=name, shape=[2], input_shape=[2]) for name in "ab"]
    about = pb.TagMetadata(version=1, maps=pb.MapSeries(tag="m", examples=1, grids=grids))
    ones, halves = np.ones((1, 2), np.float32), np.full((1, 2), 0.5, np.float32)
    parts = [codec.encode_part(ones, pb.CODE_FLOAT32, input_index=index) for index in (0, 1)]
    parts.append(codec.encode_part(halves, pb.CODE_FLOAT32, layer=pb.LAYER_ERRORS, input_index=1))
    file.append(events.summary(0, [events.blobs("maps/m", [blob.pack(pb.MapBlob(parts=parts))], about)]))
    file.close()
    choice = chosen(tmp_path)
    assert {name: one.tolist() for name, one in choice.series[0][0].errors.items()} == {"b": [[0.5, 0.5]]}
    assert "m.errors_1.npy" in zipfile.ZipFile(io.BytesIO(written(arrays.npz, choice))).namelist()
    found = SeriesTiles(choice.series[0], [0])
    assert drawn(found, 0)[1].errors is None
    assert drawn(found, 1)[1].errors.tolist() == [0.5, 0.5]
