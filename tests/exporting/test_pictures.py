"""Contact sheets and films: pixels, scales and words."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.drawing import ends
from tb_attribution_plugin.drawing.colours import rgb
from tb_attribution_plugin.exporting import pictures
from tb_attribution_plugin.exporting.series_tiles import SeriesTiles
from tb_attribution_plugin.exporting.sheets import Sheets
from tb_attribution_plugin.logging.read import ReadScalar
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire.histogram import log_histogram
from tests.exporting import logs
from tests.exporting.logs import HOSTILE, chosen, halves, written

LEFT = 16 + 224 + 16  # of the first column of maps
STEPS = (0, 10, 20)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def colour(value: float, vmax: float, grey: int = 100) -> np.ndarray:
    """Of a map over a grey picture."""
    alpha = round(255 * min(1, 1.5 * abs(value) / vmax)) / 255 * 0.9
    return rgb("RdBu", value / vmax) * alpha + grey * (1 - alpha)


def vmax() -> float:
    return ends.scale(ends.pooled(map(log_histogram, [halves(step) for step in STEPS])), signed=True).vmax


def test_a_sheet_has_the_colours_of_the_scale_of_all_steps(tmp_path):
    logs.pictures(tmp_path, *STEPS)
    sheet = np.asarray(opened(written(pictures.png, chosen(tmp_path, 10, examples=[0]))))
    top = int(np.flatnonzero((sheet[:, 100] == 100).all(-1))[0])  # of the input beside it
    assert np.abs(sheet[top + 96, LEFT + 40] - colour(-10, vmax())).max() <= 2
    assert np.abs(sheet[top + 96, LEFT + 150] - colour(10, vmax())).max() <= 2


def test_steps_stand_side_by_side(tmp_path):
    logs.pictures(tmp_path, *STEPS)
    assert opened(written(pictures.png, chosen(tmp_path))).width == LEFT + 3 * 224 + 2 * 16 + 16


def test_all_that_a_reader_must_know_is_on_the_sheet(tmp_path):
    logs.pictures(tmp_path, *STEPS)
    sheets = Sheets(chosen(tmp_path, 10))
    (legend,) = sheets.legends()
    assert legend.head == "Halves (halves): margin of label"
    assert legend.notes[0].startswith("P99 of |score|, all steps, 1% clipped; palette RdBu")
    assert legend.notes[1:] == ["parameters: side=8, baseline='auto'", "baseline: black"]
    cell = sheets.cell(*sheets.columns[0], 10, 0)
    assert cell.lines == ["\u2192 dog .75 \u2717", "p(cat) .25", "margin 0", "gap \u22120.50 (<0.1%)"]
    assert sheets.original(0).lines == ["#0", "true cat"]


@pytest.mark.parametrize(("parameter", "shown"), [("feature_perturbation", True), ("steps", False)])
def test_what_an_absent_column_is_stands_on_sheets_of_trees(tmp_path, parameter, shown):
    with AttributionWriter(tmp_path, Probe(np.ones((2, 3)), modality="tabular")) as writer:
        writer.series("tree_shap", method="TreeSHAP", target="label", parameters={parameter: "path_dependent"})
        writer.describe_baseline("absent columns go both ways")
        writer.write(1, {"tree_shap": np.ones((2, 3))})
    (legend,) = Sheets(chosen(tmp_path, 1)).legends()
    assert ("baseline: absent columns go both ways" in legend.notes) == shown


def test_a_film_keeps_one_scale_and_stays_in_its_place(tmp_path):
    logs.pictures(tmp_path, *STEPS)
    film = opened(written(pictures.gif, chosen(tmp_path, examples=[0])))
    assert film.n_frames == 3
    assert film.info["loop"] == 0
    frames = []
    for at in range(3):
        film.seek(at)
        frames.append(np.asarray(film.convert("RGB")).astype(int))
    top = int(np.flatnonzero((np.abs(frames[0][:, 100] - 100) < 8).all(-1))[0])
    for step, frame in zip(STEPS, frames, strict=True):
        assert np.abs(frame[top + 96, LEFT + 150] - colour(step, vmax())).max() <= 12
    changed = (frames[0] != frames[2]).any(-1)
    assert not changed[:, : LEFT - 16].any(axis=1)[top:].any()  # inputs do not move
    assert not changed[-60:].any()  # nor does the bar


def test_a_film_that_memory_would_not_hold_is_refused(tmp_path, monkeypatch):
    logs.pictures(tmp_path, *STEPS)
    monkeypatch.setattr(pictures, "_PIXELS", 10**6)
    with pytest.raises(ValueError, match=r"3 frames of .* pixels are too many; choose up to"):
        written(pictures.gif, chosen(tmp_path))


def test_class_activation_maps_are_drawn_without_their_negative_part(tmp_path):
    with AttributionWriter(tmp_path, logs.PICTURES, store="float32") as writer:
        writer.series("cam", method="GradCAM", cam=True)
        writer.write(0, {"cam": halves(1)})
    tiles = SeriesTiles(chosen(tmp_path).series[0], [0])
    picture, _ = tiles.tile(0, 0, 2, [])
    assert np.asarray(picture)[96, 20].tolist() == [100] * 3  # zero shows the picture
    assert tiles.look.look.colours == "viridis"
    assert tiles.look.notes[-1] == "negative drawn as 0"


def test_private_pictures_leave_the_maps(tmp_path):
    logs.pictures(tmp_path, 10, store_inputs=False)
    sheets = Sheets(chosen(tmp_path))
    assert sheets.original(0).picture is None
    assert sheets.original(0).lines[-1] == "input not stored"
    drawn = np.asarray(sheets.cell(*sheets.columns[0], 10, 0).picture)
    scale = ends.scale(ends.pooled(map(log_histogram, [halves(10)])), signed=True).vmax
    assert np.abs(drawn[96, 150] - rgb("RdBu", 10 / scale)).max() <= 1


def test_a_step_that_a_series_lacks_shows_the_earlier_one_and_says_so(tmp_path):
    with AttributionWriter(tmp_path, logs.PICTURES, store="float32") as writer:
        for tag in ("a", "b"):
            writer.series(tag, method=tag)
        writer.write(1, {"a": halves(1)})
        writer.write(2, {"b": halves(2)})
    sheets = Sheets(chosen(tmp_path))
    (a, _), (b, _) = sheets.columns
    assert sheets.cell(a, 0, 2, 0).warning == "still step 1"
    assert (sheets.cell(b, 0, 1, 0).picture, sheets.cell(b, 0, 1, 0).warning) == (None, "no map before step 2")


def test_maps_of_segments_are_drawn_by_segment(tmp_path):
    ids = np.repeat(np.arange(16) // 8, 16).reshape(1, 16, 16).repeat(3, 0)
    with AttributionWriter(tmp_path, Probe(logs.PICTURES, segments=ids), store="float32") as writer:
        writer.series("lime", method="LIME")
        writer.write(0, {"lime": Attribution(np.zeros((3, 16, 16)), segment_scores=np.array([[4.0, -4.0]] * 3))})
    tiles = SeriesTiles(chosen(tmp_path).series[0], [0])
    drawn = np.asarray(tiles.tile(0, 0, 0, [])[0]).astype(int)
    assert drawn[40, 96, 0] > drawn[40, 96, 2] + 50
    assert drawn[150, 96, 2] > drawn[150, 96, 0] + 50
    assert drawn[112, 96].max() < drawn[40, 96].max() / 1.5  # the line between them


@pytest.mark.parametrize(
    ("probe", "scores", "width"),
    [
        (Probe(np.ones((2, 5), np.float32), feature_names=[HOSTILE, *"abcd"]), np.ones((2, 5)), 384),
        (
            Probe(np.ones((2, 5), np.int64), tokens=[["\x1b[1m", "\n", "", "\u202e", HOSTILE]] * 2),
            np.ones((2, 5)),
            340,
        ),
        (Probe(np.ones((2, 50, 3), np.float32)), np.ones((2, 50, 3)), 340),
        (Probe(np.array(["some text of five", "one"])), np.ones((2, 4)), 340),
    ],
    ids=["tabular", "text", "time series", "raw strings"],
)
def test_every_modality_has_its_picture(tmp_path, probe, scores, width):
    with AttributionWriter(tmp_path, probe) as writer:
        writer.series("m", method="M")
        writer.write(0, {"m": scores})
    assert opened(written(pictures.png, chosen(tmp_path))).width >= 32 + 150 + 16 + width


def test_several_inputs_stand_side_by_side(tmp_path):
    inputs = {"picture": logs.PICTURES, "table": np.ones((3, 4), np.float32)}
    with AttributionWriter(tmp_path, Probe(inputs)) as writer:
        writer.series("m", method="M")
        writer.write(0, {"m": {"picture": halves(1), "table": np.ones((3, 4))}})
    sheets = Sheets(chosen(tmp_path))
    assert [sheets.head(*column)[-1] for column in sheets.columns] == ["picture", "table"]
    assert [sheets.cell(*column, 0, 0).picture.width for column in sheets.columns] == [224, 384]


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan, 1e38])
def test_a_run_that_diverged_is_exported(tmp_path, bad):
    with AttributionWriter(tmp_path, Probe(logs.PICTURES, [0, 1, 1]), store="float32") as writer:
        writer.series("m", method="M", error_kind="gap")
        outputs = np.full((3, 2), bad)
        writer.write(0, {"m": Attribution(halves(1), outputs=outputs[:, 0], residual=outputs[:, 0])}, outputs=outputs)
    choice = chosen(tmp_path)
    choice.run.scalars["epoch"] = ReadScalar(np.array([0]), np.array([bad]))
    assert opened(written(pictures.png, choice)).width > 224


def test_frames_are_as_large_as_the_largest_and_the_scale_stays(tmp_path):
    with AttributionWriter(tmp_path, Probe(np.ones((2, 5), np.float32)), store="float32") as writer:
        writer.series("a", method="A", error_kind="gap")
        writer.series("b", method="B")
        bad = np.full((2, 5), np.nan)
        bad[:, 0] = 1
        writer.write(1, {"a": bad})
        writer.write(2, {"a": Attribution(np.ones((2, 5)), residual=np.ones(2)), "b": np.ones((2, 5))})
        writer.write(3, {"a": np.ones((2, 5)), "b": bad})
    choice = chosen(tmp_path)
    sizes = [Sheets(choice).draw([step]).size for step in choice.steps]
    assert len(set(sizes)) > 1
    film = opened(written(pictures.gif, choice))
    assert film.size == tuple(map(max, *sizes))
    bars = []
    for at in range(film.n_frames):
        film.seek(at)
        bars.append(np.asarray(film.convert("RGB"))[-60:])
    assert (bars[0] == bars[1]).all()
    assert (bars[0] == bars[2]).all()
