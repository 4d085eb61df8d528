"""TensorBoard's own two loaders over a logdir, through the interface that plugins see."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tensorboard import context
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.data import provider, server_ingester
from tensorboard.util import grpc_util

_ALL = {"attribution": 0, "scalars": 0}
_CONTEXT = context.RequestContext()


class View:
    """What a plugin reads; every kept step."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def _where(self, run: str, tag: str, plugin: str) -> dict[str, Any]:
        return {
            "experiment_id": "",
            "plugin_name": plugin,
            "downsample": 100_000,
            "run_tag_filter": provider.RunTagFilter(runs=[run], tags=[tag]),
        }

    def blobs(self, run: str, tag: str) -> dict[int, list[bytes]]:
        found = self._source.read_blob_sequences(_CONTEXT, **self._where(run, tag, "attribution"))
        return {
            datum.step: [self._source.read_blob(_CONTEXT, blob_key=value.blob_key) for value in datum.values]
            for datum in found.get(run, {}).get(tag, [])
        }

    def tensors(self, run: str, tag: str) -> dict[int, Any]:
        found = self._source.read_tensors(_CONTEXT, **self._where(run, tag, "attribution"))
        return {datum.step: datum.numpy for datum in found.get(run, {}).get(tag, [])}

    def scalars(self, run: str, tag: str, plugin: str = "attribution") -> dict[int, float]:
        found = self._source.read_scalars(_CONTEXT, **self._where(run, tag, plugin))
        return {datum.step: datum.value for datum in found.get(run, {}).get(tag, [])}

    def tags(self, kind: str, plugin: str = "attribution") -> dict[str, dict[str, bytes]]:
        """run -> tag -> the plugin's content, of "scalars", "tensors" or "blob_sequences"."""
        found = getattr(self._source, f"list_{kind}")(_CONTEXT, experiment_id="", plugin_name=plugin)
        return {run: {tag: series.plugin_content for tag, series in tags.items()} for run, tags in found.items()}


class DataServer(View):
    """The loader written in Rust, a process of its own."""

    def __init__(self, logdir: Path, runs: int) -> None:
        self._ingester = server_ingester.SubprocessServerDataIngester(
            server_ingester.get_server_binary(),
            str(logdir),
            reload_interval=1,
            channel_creds_type=grpc_util.ChannelCredsType.LOCAL,
            samples_per_plugin=_ALL,
        )
        self._ingester.start()
        super().__init__(self._ingester.data_provider)
        self._wait(runs)

    def _wait(self, runs: int) -> None:
        """Until it has read all runs to their ends: the number of points stands still over two reloads."""
        before, still, deadline = -1, 0, time.monotonic() + 60
        while still < 2:
            found = self.tags("scalars")
            points = sum(len(self.scalars(run, tag)) for run, tags in found.items() for tag in tags)
            still = still + 1 if len(found) >= runs and points == before else 0
            before = points
            assert time.monotonic() < deadline, f"the data server found {sorted(found)}"
            time.sleep(0.6)

    def reload(self, read: Callable[[], bool]) -> None:
        """Waits until it has read something new; it reloads by itself."""
        deadline = time.monotonic() + 60
        while not read():
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def close(self) -> None:
        self._ingester._stdin_handle.close()  # it dies with its standard input


class PythonLoader(View):
    def __init__(self, logdir: Path) -> None:
        multiplexer = plugin_event_multiplexer.EventMultiplexer(size_guidance={}, tensor_size_guidance=_ALL)
        multiplexer.AddRunsFromDirectory(str(logdir))
        multiplexer.Reload()
        self._multiplexer, self._logdir = multiplexer, str(logdir)
        super().__init__(data_provider.MultiplexerDataProvider(multiplexer, str(logdir)))

    def reload(self, read: Callable[[], bool]) -> None:
        self._multiplexer.AddRunsFromDirectory(self._logdir)
        self._multiplexer.Reload()

    def close(self) -> None:
        pass


def load(kind: str, logdir: Path, runs: int = 1) -> View:
    return DataServer(logdir, runs) if kind == "data_server" else PythonLoader(logdir)
