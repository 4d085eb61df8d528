"""A short fit whose checkpoints are explained again, and how two logs are compared."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

import tb_attribution_plugin as tba
from tb_attribution_plugin.logging.reader import StoredRun
from tb_attribution_plugin.logging.stored_series import StoredSeries
from tb_attribution_plugin.wire import attribution_pb2 as pb
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


def explain(trained: Path, log_dir: Path, pattern: str = "*", **changes):
    arguments = {"methods": METHODS} | changes
    return tba.explain_checkpoints(
        trained / "model.keras", str(trained / "ckpt" / f"{pattern}.weights.h5"), PROBE, log_dir, **arguments
    )


def described(series: StoredSeries) -> pb.MapSeries:
    """With the versions that maps depend on: this process may have loaded other frameworks, too."""
    found = pb.MapSeries.FromString(series.description.SerializeToString())
    kept = [one for one in found.versions if one.name in ("keras", "tb_attribution_plugin", "tensorflow")]
    del found.versions[:]
    found.versions.extend(kept)
    return found


def assert_same(found: StoredRun, expected: StoredRun, drift_within: float = 0.0) -> None:
    """The same series, steps, maps to the bit, numbers, probe and curves of regions."""
    assert found.problems == expected.problems == []
    assert set(found.series) == set(expected.series)
    for tag, series in expected.series.items():
        other = found.series[tag]
        assert described(other) == described(series)
        assert other.steps == series.steps
        for step in series.steps:
            np.testing.assert_array_equal(other.maps(step).scores, series.maps(step).scores)
            np.testing.assert_array_equal(other.histogram(step), series.histogram(step))
            theirs, ours = series.stats(step), other.stats(step)
            np.testing.assert_allclose(ours.pop("STAT_DRIFT"), theirs.pop("STAT_DRIFT"), rtol=0, atol=drift_within)
            for column, values in theirs.items():
                np.testing.assert_array_equal(ours[column], values, err_msg=f"{tag} {step} {column}")
    assert found.probes == expected.probes
    assert regions(found) == regions(expected) != {}


def regions(run: StoredRun) -> dict[str, list[tuple[int, float]]]:
    """Shares in regions by tag: steps and values."""
    return {
        tag: [(point.step, point.value) for point in points]
        for tag, points in run.scalars.items()
        if tag.startswith("region/")
    }


def run(log_dir: Path) -> StoredRun:
    return StoredRun(str(log_dir / "attribution"))
