"""Fits that log behind a URL."""

from __future__ import annotations

import fsspec
import numpy as np
import pytest

from tb_attribution_plugin.logging import remote_file
from tb_attribution_plugin.logging.reader import StoredRun, read_runs
from tests.training import fits


def test_a_fit_logs_into_memory_what_it_logs_on_a_disk(tmp_path, capsys: pytest.CaptureFixture[str]):
    files = fsspec.filesystem("memory")
    found: list[StoredRun] = []
    for log_dir in (str(tmp_path), "memory://fits/first"):
        x, y = fits.table()
        fits.mlp().fit(x, y, epochs=2, batch_size=8, verbose=0, callbacks=[fits.callback(log_dir, (x[:5], y[:5]))])
        found.append(read_runs(log_dir)["attribution"])
    assert (
        "memory://fits/first/attribution; open with: tensorboard --logdir memory://fits/first"
        in capsys.readouterr().out
    )
    on_disk, in_memory = found
    assert in_memory.problems == []
    assert set(in_memory.series) == set(on_disk.series)
    assert set(in_memory.scalars) == set(on_disk.scalars)
    for tag, series in on_disk.series.items():
        assert in_memory.series[tag].steps == series.steps
        for step in series.steps:
            np.testing.assert_array_equal(in_memory.series[tag].maps(step).scores[0], series.maps(step).scores[0])
    files.store.clear()


def test_a_store_that_goes_away_does_not_stop_training(monkeypatch: pytest.MonkeyPatch):
    files = fsspec.filesystem("memory")
    monkeypatch.setattr(remote_file, "ROTATE_BYTES", 1)  # every record is uploaded at once
    x, y = fits.table()
    upload = files.pipe_file

    def refuse(path: str, *args: object, **options: object) -> None:
        if "tfevents" in path:
            raise ConnectionError("the store is away")
        upload(path, *args, **options)

    monkeypatch.setattr(files, "pipe_file", refuse)
    with pytest.warns(UserWarning, match="the store is away.* Training goes on, and logging is tried again"):
        history = fits.mlp().fit(x, y, epochs=2, verbose=0, callbacks=[fits.callback("memory://away", (x[:5], y[:5]))])
    assert len(history.history["loss"]) == 2
    files.store.clear()
