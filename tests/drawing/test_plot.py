"""Attributions drawn where they were computed."""

from __future__ import annotations

import base64
import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.drawing import ends, sheet
from tb_attribution_plugin.drawing.colours import rgb
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire.histogram import log_histogram

RED, BLUE = [0xB2, 0x18, 0x2B], [0x21, 0x66, 0xAC]


def test_maps_of_pictures_stand_beside_them():
    pictures = np.full((2, 32, 32, 3), 200, np.uint8)
    scores = np.zeros((2, 32, 32), np.float32)
    scores[0, :, 16:] = 1
    drawn = np.asarray(Attribution(scores).plot(pictures))
    left = 16 + 224 + 16
    assert drawn[100, 50].tolist() == [200] * 3
    colour = rgb("RdBu", 1 / ends.scale(ends.pooled(map(log_histogram, [scores])), signed=True).vmax)
    assert np.abs(drawn[100, left + 150] - (0.9 * colour + 20)).max() <= 1
    assert drawn[100, left + 30].tolist() == [200] * 3


def test_channels_are_summed_before_the_scale_is_made_and_one_of_those_alike_is_drawn():
    pictures = np.full((1, 8, 8, 3), 200, np.uint8)
    scores = np.arange(64, dtype=np.float32).reshape(1, 8, 8)
    drawn = Attribution(scores).plot(pictures).tobytes()
    assert Attribution(np.repeat(scores[..., None], 3, -1)).plot(pictures).tobytes() == drawn
    apart = np.stack([scores - 100, scores + 100, -scores], -1)
    shares = np.stack([scores / 4, scores / 2, scores / 4], -1)
    assert Attribution(shares).plot(pictures).tobytes() == drawn
    assert Attribution(apart).plot(pictures).tobytes() == drawn


def test_bars_of_a_table_have_the_sign_s_colour_and_the_largest_comes_first():
    drawn = np.asarray(Attribution(np.array([[0.25, -1.0]])).plot())
    columns = (drawn[:80] == BLUE).all(-1), (drawn[:80] == RED).all(-1)
    assert columns[0].any()
    assert columns[1].any()
    assert np.flatnonzero(columns[0].any(1))[0] < np.flatnonzero(columns[1].any(1))[0]


def test_several_inputs_share_one_scale():
    scores = {"a": np.array([[[1.0, 1.0], [1.0, 1.0]]]), "b": np.array([[0.5, -0.5]])}
    drawn = Attribution(scores).plot()
    assert drawn.width == 2 * 16 + 224 + 16 + 384


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"modality": "sound"}, "modality 'sound' is not known"),
        ({"examples": [3]}, "indices from 0 to 1"),
        ({"examples": []}, "indices from 0 to 1"),
        ({"inputs": np.zeros((3, 2))}, "both begin with the examples"),
    ],
)
def test_arguments_that_do_not_fit_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        Attribution(np.zeros((2, 2))).plot(**arguments)


def test_a_notebook_gets_one_picture_and_the_numbers():
    text = Attribution(np.ones((1, 8, 8)), outputs=np.array([1.5]), residual=np.array([-0.25]))._repr_html_()
    data = text.split("data:image/png;base64,")[1].split('"')[0]
    assert Image.open(io.BytesIO(base64.b64decode(data))).width > 224
    assert "<th>f(x)</th><td>1.500</td>" in text
    assert "<th>residual</th><td>\u22120.2500</td>" in text
    assert "src=" not in text.replace('src="data:', "")


def test_what_cannot_be_drawn_says_so_and_is_escaped():
    text = Attribution({"<script>": np.zeros(3)})._repr_html_()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_the_record_itself_imports_neither_numpy_nor_pillow():
    code = "import sys, tb_attribution_plugin.attribution; print({'numpy', 'PIL'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def legend_notes(monkeypatch, scores: np.ndarray, **asked: object) -> list[str]:
    found = []
    monkeypatch.setattr(sheet, "draw", lambda title, lines, columns, legends: found.extend(legends))
    Attribution(scores).plot(**asked)
    return list(found[0].notes)


def test_the_scale_says_where_it_knows_nothing(monkeypatch):
    said = legend_notes(monkeypatch, np.full((1, 3), np.nan))
    assert said == ["every score is zero or not finite: nothing to scale"]


@pytest.mark.parametrize(("lowest", "signed", "said"), [(0, True, True), (0, False, False), (-1, True, False)])
def test_a_sign_that_nothing_shows_is_said_to_be_assumed(monkeypatch, lowest, signed, said):
    notes = legend_notes(monkeypatch, np.array([[lowest, 1.0, 2.0]]), signed=signed)
    assert any(note.startswith("signed scale assumed") for note in notes) == said


def test_a_probe_has_the_names_and_the_words_too():
    table = np.array([[1.0, 0.25], [0.0, 0.5]], np.float32)
    probe = Probe(table, feature_names=["city", "age"], tokens=[["Rome", ""], ["Paris", ""]])
    found = Attribution(np.array([[0.5, -1.0], [1.0, 0.25]]))
    named, plain = np.asarray(found.plot(probe)), np.asarray(found.plot(table, names=["city", "age"]))
    assert named.shape == plain.shape
    assert (named != plain).any()  # Rome and Paris instead of 1 and 0
    numbers = Probe(table, feature_names=["city", "age"])
    np.testing.assert_array_equal(found.plot(numbers), plain)
    texts = Probe(np.array([[5, 6, 0], [7, 8, 9]]), modality="text", tokens=[["the", "cat", ""], ["sat", "down", "."]])
    scores = Attribution(np.array([[0.5, -1.0, 0.0], [1.0, 0.25, 0.0]]))
    expected = scores.plot(texts.inputs, modality="text", names=texts.tokens)
    np.testing.assert_array_equal(scores.plot(texts), expected)
