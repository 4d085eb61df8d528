"""What the writer writes, refuses and survives; read back by our own reader."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from tb_attribution_plugin.attribution import Attribution
from tb_attribution_plugin.logging.directory import DirectoryInUseError
from tb_attribution_plugin.logging.event_file import LogFullError, LogWriteError
from tb_attribution_plugin.logging.reader import StoredRun
from tb_attribution_plugin.logging.writer import AttributionWriter
from tb_attribution_plugin.probe import Probe
from tb_attribution_plugin.wire import attribution_pb2 as pb

X = np.linspace(0, 1, 2 * 8 * 8 * 3, dtype=np.float32).reshape(2, 8, 8, 3)
PROBE = Probe(X, [0, 1])


def scores(step: int = 0) -> np.ndarray:
    return np.sin(np.arange(2 * 8 * 8 * 3) * (step + 1) * 0.01).astype(np.float32).reshape(2, 8, 8, 3)


def opened(root, probe=PROBE, **fields) -> AttributionWriter:
    writer = AttributionWriter(root, probe, **fields)
    writer.series("ig", method="IntegratedGradients")
    return writer


def run(root) -> StoredRun:
    return StoredRun(str(root / "attribution"))


# --- values


def test_what_is_written_is_read(tmp_path):
    with opened(tmp_path, store="float32") as writer:
        writer.write(3, {"ig": scores(3)}, outputs=[[0.25, 0.75], [1, 0]], targets={"ig": [0, 0]}, epoch=1)
        writer.write(7, {"ig": scores(7)}, outputs=[[0.25, 0.75], [1, 0]], seconds={"ig": 0.125})
    found = run(tmp_path)
    series = found.series["ig"]
    assert series.steps == [3, 7]
    np.testing.assert_allclose(series.maps(7).scores[0], scores(7).sum(axis=-1), atol=1e-6)
    assert [series.seconds(step) for step in (3, 7)] == [0.0, 0.125]
    assert [(p.step, p.value) for p in found.scalars["epoch"]] == [(3, 1.0)]
    stats = series.stats(3)
    assert stats["STAT_PREDICTION"].tolist() == [1, 0]
    assert stats["STAT_TARGET_PROBABILITY"].tolist() == [0.25, 1.0]
    np.testing.assert_allclose(stats["STAT_SUM"], scores(3).sum(axis=(1, 2, 3)), rtol=1e-4)
    assert found.problems == []


def test_drift_is_to_the_step_before(tmp_path):
    with opened(tmp_path) as writer:
        for step, factor in enumerate([1.0, 5.0, -2.0]):
            writer.write(step, {"ig": scores() * factor})
    series = run(tmp_path).series["ig"]
    assert np.isnan(series.stats(0)["STAT_DRIFT"]).all()
    np.testing.assert_allclose(series.stats(1)["STAT_DRIFT"], [0, 0], atol=1e-6)
    np.testing.assert_allclose(series.stats(2)["STAT_DRIFT"], [2, 2], atol=1e-6)


def test_drift_of_maps_without_a_sign_is_centred(tmp_path):
    with AttributionWriter(tmp_path, PROBE) as writer:
        writer.series("abs", method="Saliency", signed=False)
        maps = np.abs(scores())
        writer.write(0, {"abs": maps})
        writer.write(1, {"abs": maps + 10.0})  # the cosine of these is near 1 only because both are positive
        writer.write(2, {"abs": 10.0 - maps})
    series = run(tmp_path).series["abs"]
    np.testing.assert_allclose(series.stats(1)["STAT_DRIFT"], [0, 0], atol=1e-4)
    np.testing.assert_allclose(series.stats(2)["STAT_DRIFT"], [2, 2], atol=1e-4)


def test_a_record_of_a_method_keeps_its_own_numbers(tmp_path):
    record = Attribution(
        scores(),
        residual=np.array([0.5, np.nan]),
        outputs=np.array([1.0, 2.0]),
        baseline_outputs=np.array([0.0, -1.0]),
        segment_scores=np.array([[1.0, 2.0, np.nan], [3.0, 4.0, 5.0]]),
        errors=np.full((2, 3), 0.25),
        evaluations=np.array([16, 16]),
    )
    with opened(tmp_path, store="float32") as writer:
        writer.write(0, {"ig": record})
    series = run(tmp_path).series["ig"]
    stats = series.stats(0)
    np.testing.assert_array_equal(stats["STAT_RESIDUAL"], [0.5, np.nan])
    np.testing.assert_array_equal(stats["STAT_OUTPUT"], [1, 2])
    np.testing.assert_array_equal(stats["STAT_BASELINE_OUTPUT"], [0, -1])
    np.testing.assert_array_equal(stats["STAT_EVALUATIONS"], [16, 16])
    maps = series.maps(0)
    np.testing.assert_array_equal(maps.segments, [[1, 2, np.nan], [3, 4, 5]])
    np.testing.assert_array_equal(maps.errors[0], np.full((2, 3), 0.25))


@pytest.mark.parametrize(("kind", "want"), [("standard_error", 6.0), ("map_difference", 12.0)])
def test_errors_of_blocks(tmp_path, kind, want):
    with AttributionWriter(tmp_path, PROBE, resolution=4, store="float32") as writer:
        writer.series("m", method="M", error_kind=kind)
        writer.write(0, {"m": Attribution(scores()[..., :1], errors=np.full((2, 8, 8, 1), 3.0))})
    series = run(tmp_path).series["m"]
    assert pb.ErrorKind.Name(series.description.error_kind) == f"ERROR_{kind.upper()}"
    np.testing.assert_array_equal(series.maps(0).errors[0], np.full((2, 4, 4), want))


def test_several_inputs_have_a_grid_each(tmp_path):
    probe = Probe({"picture": X, "row": np.ones((2, 5))}, modality="image")
    with opened(tmp_path, probe, store="float32") as writer:
        writer.write(0, {"ig": {"row": np.full((2, 5), 2.0), "picture": scores()}})
    series = run(tmp_path).series["ig"]
    assert [(g.input, list(g.shape), list(g.input_shape)) for g in series.description.grids] == [
        ("picture", [8, 8], [8, 8, 3]),
        ("row", [5], [5]),
    ]
    picture, row = series.maps(0).scores
    assert (picture.shape, row.tolist()) == ((2, 8, 8), [[2.0] * 5] * 2)
    np.testing.assert_allclose(series.stats(0)["STAT_SUM"], scores().sum(axis=(1, 2, 3)) + 10, rtol=1e-5)


def test_an_activation_map_of_two_inputs_is_one_map(tmp_path):
    probe = Probe({"picture": X, "row": np.ones((2, 5))}, modality="image")
    with opened(tmp_path, probe, store="float32") as writer:
        writer.write(0, {"ig": scores()[..., :1]})
    series = run(tmp_path).series["ig"]
    assert [list(grid.shape) for grid in series.description.grids] == [[8, 8], []]
    (found,) = series.maps(0).scores
    np.testing.assert_array_equal(found, scores()[..., 0])


def test_scores_of_an_input_without_axes_are_stored_as_one_cell(tmp_path):
    probe = Probe({"picture": X, "kind": np.array([4, 1])}, modality="image")
    kind = np.array([2.0, -3.0])
    with opened(tmp_path, probe, store="float32") as writer:
        record = Attribution({"picture": scores(), "kind": kind}, errors={"picture": scores(1), "kind": kind / 4})
        writer.write(0, {"ig": record})
    series = run(tmp_path).series["ig"]
    kind_grid = series.description.grids[1]
    assert (list(kind_grid.shape), list(kind_grid.method_shape), list(kind_grid.input_shape)) == ([1], [1], [])
    found = series.maps(0)
    assert found.scores[1].tolist() == [[2.0], [-3.0]]
    assert found.errors[1].tolist() == [[0.5], [0.75]]
    np.testing.assert_allclose(series.stats(0)["STAT_SUM"], scores().sum(axis=(1, 2, 3)) + kind, rtol=1e-5)


def test_scores_without_axes_of_a_picture_are_refused(tmp_path):
    with opened(tmp_path) as writer, pytest.raises(ValueError, match=r"have shape \[2\], .* \[2, \.\.\.\] is needed"):
        writer.write(0, {"ig": np.ones(2)})


@pytest.mark.parametrize(
    ("x", "modality", "shape", "channels", "summed"),
    [
        (X, "image", (2, 8, 8, 3), False, True),
        (X, "image", (2, 8, 8, 3), True, False),
        (X, "image", (2, 7, 7, 1), False, False),  # a channel axis of size 1 is dropped: nothing was summed
        (X[..., :1], "image", (2, 8, 8, 1), False, False),
        (np.ones((2, 10, 3)), "time_series", (2, 10, 3), False, False),
        (np.ones((2, 5)), "tabular", (2, 5), False, False),
        (np.ones((2, 5), int), "text", (2, 5), False, False),
        (np.ones((2, 5), int), "text", (2, 5, 4), False, True),
        (np.ones((2, 5), int), "text", (2, 5, 4), True, False),
    ],
)
def test_the_metadata_says_whether_channels_were_summed(tmp_path, x, modality, shape, channels, summed):
    with opened(tmp_path, Probe(x, modality=modality), channels=channels) as writer:
        writer.write(0, {"ig": np.ones(shape)})
    assert run(tmp_path).series["ig"].description.channels_summed is summed


def test_the_declaration_is_in_the_metadata(tmp_path):
    with AttributionWriter(tmp_path, PROBE, channels=True, store="float16") as writer:
        writer.series(
            "deep/dog",
            method="DeepSHAP",
            signed=False,
            target="dog",
            scalar="margin",
            parameters={"steps": 16, "rule": "mid", "background": np.zeros((3, 4)), "layer": None},
            class_sensitive=False,
            weight_sensitive=False,
            error_kind="gap",
            additive=True,
            cam=True,
        )
        writer.write(0, {"deep/dog": scores()})
    found = run(tmp_path).series["deep/dog"].description
    assert (found.method, found.signed, found.target, found.scalar) == ("DeepSHAP", False, "dog", "margin")
    assert (found.class_sensitive, found.weight_sensitive, found.additive, found.cam) == (False, False, True, True)
    assert {p.name: p.value for p in found.parameters} == {
        "steps": "16",
        "rule": "'mid'",
        "background": "array[3, 4] #2ea9ab91",
        "layer": "None",
    }
    assert (found.error_kind, found.code, found.channels_summed) == (pb.ERROR_GAP, pb.CODE_FLOAT16, False)
    assert (found.probe_hash, found.examples) == (PROBE.hash, 2)
    assert found.versions[0].name == "tb_attribution_plugin"


def test_scalars_keep_their_full_tags(tmp_path):
    with opened(tmp_path) as writer:
        writer.scalars(4, {"fit/loss": 0.5, "region/ig/object": np.float32(0.25)})
        writer.scalars(4, {"fit/val_loss": np.nan})
        writer.scalars(9, {"fit/loss": 0.125})
    found = run(tmp_path).scalars
    assert [(p.step, p.value) for p in found["fit/loss"]] == [(4, 0.5), (9, 0.125)]
    assert [(p.step, p.value) for p in found["region/ig/object"]] == [(4, 0.25)]
    assert np.isnan(found["fit/val_loss"][0].value)


@pytest.mark.parametrize("store", ["uint8", "float16", "float32"])
@pytest.mark.filterwarnings("error")
def test_diverged_maps_are_logged_and_counted_without_noise(tmp_path, store):
    maps = np.full((2, 70, 70, 3), 3e38, np.float32)
    maps[0, 0, 0] = [np.inf, -np.inf, np.nan]
    maps[1] = np.nan
    outputs = np.array([[np.nan, np.nan], [0.5, 0.5]])
    with opened(tmp_path, Probe(np.zeros((2, 70, 70, 3))), store=store) as writer:
        for step in range(2):
            writer.write(step, {"ig": Attribution(maps, errors=np.abs(maps))}, outputs=outputs)
    stats = run(tmp_path).series["ig"].stats(1)
    # Three times 3e38 is beyond float32.
    assert stats["STAT_NONFINITE"].tolist() == [4900, 4900]
    np.testing.assert_array_equal(stats["STAT_PREDICTION"], [np.nan, 0])
    np.testing.assert_array_equal(stats["STAT_P99"], [np.nan, np.nan])


# --- the probe


def test_the_baseline_is_logged_with_the_probe(tmp_path):
    with opened(tmp_path) as writer:
        writer.describe_baseline("zeros", [0.25, -1.0])
        writer.write(0, {"ig": scores()})
        with pytest.raises(ValueError, match="describe_baseline must come before the first write"):
            writer.describe_baseline("ones", None)
    (probe,) = run(tmp_path).probes.values()
    assert (probe.baseline, list(probe.baseline_outputs)) == ("zeros", [0.25, -1.0])


def test_private_inputs_are_in_no_byte_of_the_file(tmp_path):
    secret = np.frombuffer(b"SECRET-PIXELS-" * 96, np.uint8)[: 2 * 8 * 8 * 3].reshape(2, 8, 8, 3)
    probe = Probe(secret, names=["a", "b"], display=secret, segments=np.arange(64).reshape(1, 8, 8), store_inputs=False)
    with opened(tmp_path, probe) as writer:
        writer.describe_segments(np.arange(64).reshape(1, 8, 8))
        writer.write(0, {"ig": scores()})
        path = writer.path
    found = run(tmp_path)
    (head,) = found.probes.values()
    assert found.inputs(probe.hash) == []
    assert (head.inputs_stored, list(head.tokens), list(head.segments)) == (False, [], [])
    data = b"".join(file.read_bytes() for file in Path(path).glob("*tfevents*"))
    assert b"PNG" not in data
    assert b"SECRET" not in data
    words = Probe([[7, 8], [9, 7]], tokens=[["my", "secret"], ["diary", "x"]], store_inputs=False)
    with AttributionWriter(tmp_path, words, name="words") as writer:
        writer.series("ig", method="IG")
        writer.write(0, {"ig": np.ones((2, 2))})
    data = b"".join(file.read_bytes() for file in (tmp_path / "words").glob("*tfevents*"))
    assert b"secret" not in data
    assert b"diary" not in data


# --- what is refused


def refused(message: str, action, *args, **fields) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        action(*args, **fields)
    assert message in str(caught.value)


def test_steps_ascend(tmp_path):
    with opened(tmp_path) as writer:
        writer.write(5, {"ig": scores()})
        for step in (5, 4):
            refused(f"step {step} follows step 5; steps must ascend", writer.write, step, {"ig": scores()})
        writer.scalars(5, {"fit/loss": 1.0})
        refused("step 5 of scalar 'fit/loss' follows step 5", writer.scalars, 5, {"fit/loss": 1.0})
        for step in (-1, 1.5, True, "3", None):
            refused(f"step is {step!r}; it must be an integer >= 0", writer.write, step, {"ig": scores()})
        writer.write(np.int64(6), {"ig": scores()})
    assert run(tmp_path).series["ig"].steps == [5, 6]


def test_plain_arrays_must_be_declared_and_records_may_go_without(tmp_path):
    with opened(tmp_path) as writer:
        refused(
            "call writer.series('cam', method=..., signed=..., target=...) once", writer.write, 0, {"cam": scores()}
        )
        writer.write(0, {"cam": Attribution(scores())})
        refused("series 'ig' is already declared", writer.series, "ig", method="IG")
        for tag in ("", "/a", "a/", "a\nb", "a\ud800", 'a"b', "a\\b", 3):
            refused("must be printable text", writer.series, tag, method="IG")
        refused(
            "error_kind 'huge' of 'x' is not known; it is one of ['none', 'gap'",
            writer.series,
            "x",
            method="X",
            error_kind="huge",
        )
    assert run(tmp_path).series["cam"].description.method == "cam"


@pytest.mark.parametrize(
    "wrong",
    [
        {"attributions": {"cam": Attribution(scores()), "plain": scores()}},
        {"attributions": {"cam": Attribution(scores()), "a/": Attribution(scores())}},
        {"attributions": {"cam": Attribution(scores()[:1])}},
        {"attributions": {"cam": Attribution(scores())}, "outputs": [0.5] * 3},
        {"attributions": {"cam": Attribution(scores())}, "targets": {"other": [0, 1]}},
    ],
)
def test_a_refused_step_declares_nothing(tmp_path, wrong):
    with AttributionWriter(tmp_path, PROBE) as writer:
        with pytest.raises(ValueError):
            writer.write(0, **wrong)
        writer.series("cam", method="GradCAM", target="label")
        writer.write(0, {"cam": Attribution(scores()[:, :4, :4])})
    series = run(tmp_path).series["cam"]
    assert (series.description.method, series.description.target, series.steps) == ("GradCAM", "label", [0])
    assert list(run(tmp_path).series) == ["cam"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.ones((3, 8, 8)), "scores of 'ig' have shape [3, 8, 8], but the probe has 2 examples: [2, ...] is needed"),
        (np.ones(2), "scores of 'ig' have shape [2]"),
        (np.array([["a"], ["b"]]), "scores of 'ig' have dtype <U1; numbers are needed"),
        ({"a": np.ones((2, 3))}, "scores of 'ig' have the inputs ['a'], but the probe has ['']"),
        (Attribution(np.ones((2, 8, 8)), residual=[1.0, 2.0, 3.0]), "residual of 'ig' has shape [3]"),
        (
            Attribution(np.ones((2, 8, 8)), errors=np.ones((2, 4, 4))),
            "errors of 'ig' have shape [2, 4, 4], but scores [2, 8, 8]",
        ),
        (
            Attribution(np.ones((2, 8, 8)), segment_scores=np.ones((2, 3, 1))),
            "segment_scores of 'ig' have shape [2, 3, 1]; they are [B, K]",
        ),
    ],
)
def test_arrays_that_do_not_belong_to_the_probe(tmp_path, value, message):
    with opened(tmp_path) as writer:
        refused(message, writer.write, 0, {"ig": value})
        writer.write(0, {"ig": scores()})  # nothing was written, so the step is still free


def test_a_series_keeps_its_grid(tmp_path):
    with opened(tmp_path) as writer:
        writer.write(0, {"ig": scores()})
        refused(
            "have the grid [4, 4, 3] (stored as [4, 4]), but earlier steps have [8, 8, 3]",
            writer.write,
            1,
            {"ig": scores()[:, :4, :4]},
        )


def test_other_arguments(tmp_path):
    with opened(tmp_path) as writer:
        refused(
            "outputs have shape [3, 2]; give [2, C] class probabilities",
            writer.write,
            0,
            {"ig": scores()},
            outputs=np.ones((3, 2)),
        )
        refused(
            "targets has the tag 'x', but attributions has ['ig']",
            writer.write,
            0,
            {"ig": scores()},
            targets={"x": [0, 0]},
        )
        refused("targets of 'ig' has shape [3]", writer.write, 0, {"ig": scores()}, targets={"ig": [0, 0, 0]})
        refused("seconds has the tag 'x'", writer.write, 0, {"ig": scores()}, seconds={"x": 1.0})
        refused("scalar tag 'maps/ig' must be printable text and not begin with", writer.scalars, 0, {"maps/ig": 1.0})
        refused("scalar tag 'epoch'", writer.scalars, 0, {"epoch": 1.0})
    refused("is closed; construct a new one", writer.write, 1, {"ig": scores()})
    refused(
        "store 'int4' is not known; it is one of ['uint8', 'float16', 'float32']",
        AttributionWriter,
        tmp_path,
        PROBE,
        store="int4",
    )
    refused("resolution is 0; it must be an integer >= 1", AttributionWriter, tmp_path, PROBE, resolution=0)
    refused("start_step is -1", AttributionWriter, tmp_path, PROBE, start_step=-1)
    assert AttributionWriter(tmp_path, (X, [0, 1]), name="pair").probe.hash == PROBE.hash


def test_a_name_is_held_until_the_writer_is_closed(tmp_path):
    writer = opened(tmp_path)
    with pytest.raises(DirectoryInUseError):
        opened(tmp_path)
    writer.close()
    writer.close()
    opened(tmp_path).close()
    assert list(tmp_path.iterdir()) == []  # nothing was logged


# --- files


def files(path: str) -> list[str]:
    return sorted(name for name in os.listdir(path) if "tfevents" in name)


def test_nothing_is_on_disk_before_the_first_write(tmp_path):
    writer = opened(tmp_path)
    assert files(writer.path) == []
    assert writer.bytes_written == 0
    writer.write(0, {"ig": scores()})
    (name,) = files(writer.path)
    assert os.path.getsize(os.path.join(writer.path, name)) == writer.bytes_written > 0
    writer.flush()
    writer.close()


def test_a_step_is_readable_while_the_writer_is_open(tmp_path):
    writer = opened(tmp_path)
    for step in range(3):
        writer.write(step, {"ig": scores(step)})
        assert run(tmp_path).series["ig"].steps == list(range(step + 1))
    writer.close()


def test_a_full_disk_costs_the_steps_that_did_not_fit(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with opened(tmp_path) as writer:
            writer.write(0, {"ig": scores(0)})
            resource.setrlimit(resource.RLIMIT_FSIZE, (writer.bytes_written + 100, before[1]))
            with pytest.raises(LogWriteError, match="File too large; fix: raise the limit"):
                writer.write(1, {"ig": scores(1)})
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            writer.write(2, {"ig": scores(2)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    found = run(tmp_path)
    assert found.problems == []
    assert found.series["ig"].steps == [0, 2]


def test_a_disk_that_is_full_from_the_start_is_tried_again(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with opened(tmp_path) as writer:
            for size in (10, 200):  # no room for the file's head, then none for the probe
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
                with pytest.raises(LogWriteError):
                    writer.write(size, {"ig": scores()})
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            writer.write(300, {"ig": scores()})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    found = run(tmp_path)
    assert found.series["ig"].steps == [300]
    assert list(found.probes) == [PROBE.hash]


@pytest.mark.parametrize("how", ["removed", "replaced", "file removed"])
def test_a_directory_that_goes_away_is_made_again(tmp_path, how):
    with opened(tmp_path) as writer:
        writer.write(0, {"ig": scores()})
        if how == "file removed":
            for name in files(writer.path):
                os.unlink(os.path.join(writer.path, name))
        else:
            shutil.rmtree(tmp_path / "attribution")
            if how == "replaced":
                (tmp_path / "attribution").mkdir()
        with pytest.warns(
            UserWarning, match="was removed or replaced while it was being written; it is created anew at step 1"
        ):
            writer.write(1, {"ig": scores(1)})
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            writer.write(2, {"ig": scores(2)})
            shutil.rmtree(tmp_path / "attribution")  # said once
            writer.write(3, {"ig": scores(3)})
        assert writer.path == str(tmp_path / "attribution")
    found = run(tmp_path)
    assert found.series["ig"].steps == [3]
    assert list(found.probes) == [PROBE.hash]
    assert found.problems == []


@pytest.mark.parametrize("opens", [True, False])
def test_a_resumed_writer_goes_on_in_place(tmp_path, opens):
    with opened(tmp_path) as writer:
        for step in (0, 2, 4):
            writer.write(step, {"ig": scores(step)})
    with opened(tmp_path, start_step=3) as writer:
        if opens:
            writer.open(3)
        writer.write(6, {"ig": scores(6)})
        assert writer.path == str(tmp_path / "attribution")
    assert run(tmp_path).series["ig"].steps == [0, 2, 6]  # 4 lay behind the restart at 3


def test_no_argument_hides_what_is_stored(tmp_path):
    with opened(tmp_path) as writer:
        for step in (0, 20, 40):
            writer.write(step, {"ig": scores(step)})
    with pytest.raises(TypeError, match="in_place"):
        opened(tmp_path, in_place=True)
    assert run(tmp_path).series["ig"].steps == [0, 20, 40]


def test_only_the_lock_is_lost(tmp_path):
    with opened(tmp_path) as writer:
        writer.write(0, {"ig": scores()})
        os.unlink(os.path.join(writer.path, ".attribution.lock"))
        with pytest.warns(UserWarning, match="was removed or replaced"):
            writer.write(1, {"ig": scores(1)})
    assert run(tmp_path).series["ig"].steps == [0, 1]


def test_open_chooses_the_directory_for_the_step_that_was_restored(tmp_path):
    with opened(tmp_path) as writer:
        writer.write(0, {"ig": scores()})
        writer.write(8, {"ig": scores()})
    with opened(tmp_path, start_step=0) as writer:
        assert writer.path == str(tmp_path / "attribution-2")
        writer.open(8)
        assert writer.path == str(tmp_path / "attribution")
        writer.write(8, {"ig": scores(1)})
    assert run(tmp_path).series["ig"].steps == [0, 8]
    assert not (tmp_path / "attribution-2").exists()


# --- without TensorFlow

_WITHOUT_TENSORFLOW = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("tensorflow", "keras", "torch", "jax"):
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
import numpy as np
import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.reader import read_runs

with tba.AttributionWriter(sys.argv[1], tba.Probe(np.zeros((2, 6, 6, 3)), [0, 1])) as writer:
    writer.series("m", method="M")
    writer.write(0, {"m": np.ones((2, 6, 6, 3))}, outputs=[[0.5, 0.5]] * 2, epoch=0)
    writer.scalars(0, {"fit/loss": 1.0})
found = read_runs(sys.argv[1])["attribution"]
print(found.series["m"].maps(0).scores[0].sum(), found.problems)
print(sorted({name.split(".")[0] for name in sys.modules} & {"tensorflow", "keras", "torch", "jax", "google", "scipy"}))
"""


def test_writing_and_reading_need_no_framework(tmp_path):
    command = [sys.executable, "-c", _WITHOUT_TENSORFLOW, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["216.0 []", "['google']"]


def test_a_killed_writer_leaves_whole_steps(tmp_path):
    script = (
        "import os, sys, numpy as np, tb_attribution_plugin as tba\n"
        "writer = tba.AttributionWriter(sys.argv[1], tba.Probe(np.zeros((2, 6, 6, 3)), [0, 1]))\n"
        "writer.series('m', method='M')\n"
        "for step in range(5):\n"
        "    writer.write(step, {'m': np.ones((2, 6, 6, 3))})\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == -9
    found = run(tmp_path)
    assert found.series["m"].steps == [0, 1, 2, 3, 4]
    assert found.problems == []
    with opened(tmp_path, start_step=5) as writer:  # the lock died with the process
        assert writer.path == str(tmp_path / "attribution")


def test_write_takes_arrays_by_tag(tmp_path):
    with opened(tmp_path) as writer, pytest.raises(TypeError, match=r"must be .tag: Attribution or array.*ndarray"):
        writer.write(0, scores())


def test_max_bytes_is_never_exceeded(tmp_path) -> None:
    """A step that does not fit is left out whole; a smaller record after it is written; earlier fits count."""
    x, limit = np.ones((2, 3), np.float32), 20_000

    def size() -> int:
        return sum(file.stat().st_size for file in (tmp_path / "attribution").iterdir())

    with opened(tmp_path, x, max_bytes=limit) as writer:
        writer.series("b", method="B")
        fitting = 0
        with contextlib.suppress(LogFullError):
            for step in range(100):
                writer.write(step, {"ig": x, "b": x}, epoch=0)
                fitting += 1
        full = size()
        assert 2 < fitting < 20
        assert writer.bytes_written == full <= limit
        with pytest.raises(
            LogFullError, match=r"[\d,]+ bytes more beside [\d,]+ are above max_bytes=20,000; fix: raise"
        ):
            writer.write(fitting, {"ig": x, "b": x}, epoch=0)
        writer.scalars(fitting, {"small": 1.0})
        assert full < size() <= limit
    assert run(tmp_path).series["ig"].steps == run(tmp_path).series["b"].steps == list(range(fitting))
    with opened(tmp_path, x, start_step=fitting, max_bytes=limit) as writer:
        writer.series("b", method="B")
        with pytest.raises(LogFullError):
            writer.write(fitting, {"ig": x, "b": x})
    assert size() <= limit


def test_a_probe_larger_than_max_bytes_is_refused_at_once(tmp_path) -> None:
    with pytest.raises(ValueError, match=r"max_bytes is 1,000, but the probe alone takes [\d,]+ bytes; raise it"):
        AttributionWriter(tmp_path, np.random.default_rng(0).normal(size=(8, 64)).astype(np.float32), max_bytes=1000)
    AttributionWriter(tmp_path, np.zeros((1, 2), np.float32)).close()  # the name was given back
