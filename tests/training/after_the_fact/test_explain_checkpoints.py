"""Checkpoints that are explained after the fact, against what the callback logged while they were saved."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.reader import StoredRun
from tests.training import fits

METHODS = ["saliency", "integrated_gradients"]
x, y = fits.table()
PROBE = tba.Probe(
    x[: fits.EXAMPLES],
    y[: fits.EXAMPLES],
    feature_names=["a", "b", "c", "d"],
    regions={"first": [["a"]] * fits.EXAMPLES},
)


class Saves(keras.callbacks.Callback):
    """Weights and whole models, by the optimizer's count."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    def on_train_begin(self, logs=None):
        self._save(0)

    def on_epoch_end(self, epoch, logs=None):
        self._save(int(self.model.optimizer.iterations.numpy()))

    def _save(self, step: int) -> None:
        self.model.save_weights(self._directory / f"ckpt-{step:04}.weights.h5")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fit of four epochs of ten batches: `live` is what the callback logged, `ckpt` what was saved."""
    root = tmp_path_factory.mktemp("trained")
    (root / "ckpt").mkdir()
    model = fits.mlp()
    model.save(root / "model.keras")
    fits.fit(
        model,
        fits.callback(root / "live", PROBE, methods=METHODS, max_overhead=None),
        Saves(root / "ckpt"),
        epochs=4,
    )
    return root


def explain(trained: Path, log_dir: Path, pattern: str = "*", **changes):
    arguments = {"methods": METHODS} | changes
    return tba.explain_checkpoints(
        trained / "model.keras", str(trained / "ckpt" / f"{pattern}.weights.h5"), PROBE, log_dir, **arguments
    )


def assert_same(found: StoredRun, expected: StoredRun, drift_within: float = 0.0) -> None:
    """The same series, steps, maps to the bit, numbers, probe and curves of regions."""
    assert found.problems == expected.problems == []
    assert set(found.series) == set(expected.series)
    for tag, series in expected.series.items():
        other = found.series[tag]
        assert other.description == series.description
        assert other.steps == series.steps
        for step in series.steps:
            np.testing.assert_array_equal(other.maps(step).scores, series.maps(step).scores)
            np.testing.assert_array_equal(other.histogram(step), series.histogram(step))
            theirs, ours = series.stats(step), other.stats(step)
            np.testing.assert_allclose(ours.pop("STAT_DRIFT"), theirs.pop("STAT_DRIFT"), rtol=0, atol=drift_within)
            for column, values in theirs.items():
                np.testing.assert_array_equal(ours[column], values, err_msg=f"{tag} {step} {column}")
    assert found.probes == expected.probes
    for tag in ("region/saliency/first", "region/integrated_gradients/first"):
        assert [p._replace(wall_time=0) for p in found.scalars[tag]] == [
            p._replace(wall_time=0) for p in expected.scalars[tag]
        ]


def run(log_dir: Path) -> StoredRun:
    return StoredRun(str(log_dir / "attribution"))


def test_a_run_is_what_the_callback_would_have_logged(trained, tmp_path):
    done = explain(trained, tmp_path)
    assert (done.written, done.stored, done.failed) == ((0, 10, 20, 30, 40), (), {})
    live = run(trained / "live")
    assert live.series["saliency"].steps == [0, 10, 20, 30, 40]
    assert_same(run(tmp_path), live)


def test_steps_that_are_stored_are_left_out_and_later_ones_appended(trained, tmp_path):
    explain(trained, tmp_path, "ckpt-00[012]?")
    done = explain(trained, tmp_path)
    assert (done.written, done.stored) == ((30, 40), (0, 10, 20))
    assert_same(run(tmp_path), run(trained / "live"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["attribution"]


def test_a_gap_is_filled(trained, tmp_path):
    explain(trained, tmp_path, "ckpt-00[24]0")
    done = explain(trained, tmp_path)
    assert (done.written, done.stored) == ((0, 10, 30), (20, 40))
    assert_same(run(tmp_path), run(trained / "live"), drift_within=5e-3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["attribution"]
