"""A fit that goes on where another one ended: what it logs again is replaced, what it does not stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.faults import guests, logs
from tests.faults.conftest import ReadBack
from tests.logging.loaders import DataServer, PythonLoader
from tests.training import fits

RUN = "attribution"


class Stop(RuntimeError):
    pass


def test_the_logs_of_the_epoch_before_are_kept_and_later_ones_replaced(
    log_dir: Path, read_back: ReadBack, watched: tuple[Path, DataServer], tmp_path: Path, warned: Any
) -> None:
    """Epochs 1 and 2, half of epoch 3, then from the backup: epochs 3 and 4."""
    held_out = {"validation_data": fits.table(8)}

    def fit(*more: Any, epochs: int) -> Any:
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        model = fits.mlp()
        return fits.fit(model, backup, guests.callback(log_dir, update_freq=5), *more, epochs=epochs, **held_out)

    with pytest.raises(Stop):
        fit(fits.Batches(stop=25, error=Stop()), epochs=4)
    assert list(read_back(log_dir, "saliency")) == [0, 5, 10, 15, 20, 25]
    before = {point.step: point.value for point in fits.run(log_dir).scalars["fit/val_loss"]}
    after = fit(epochs=4).history["val_loss"]
    assert list(read_back(log_dir, "saliency")) == list(range(0, 41, 5))
    expected = {10: before[10], 20: before[20], 30: after[0], 40: after[1]}
    run = str((log_dir / RUN).relative_to(watched[0]))

    def are_expected(found: dict[int, float]) -> None:
        assert sorted(found) == sorted(expected)
        np.testing.assert_allclose([found[step] for step in sorted(found)], [*expected.values()], rtol=1e-6)

    assert warned() == []
    are_expected({point.step: point.value for point in fits.run(log_dir).scalars["fit/val_loss"]})
    are_expected(PythonLoader(log_dir).scalars(RUN, "fit/val_loss", "scalars"))
    logs.eventually(lambda: are_expected(watched[1].scalars(run, "fit/val_loss", "scalars")))
