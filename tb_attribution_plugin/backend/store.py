"""Answers to what the page asks, as messages and blobs; knows TensorBoard's data, nothing of HTTP."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from tb_attribution_plugin.backend import (
    blobs,
    decoded_maps,
    export,
    histograms,
    index,
    log_folder,
    map_items,
    metadata,
    scalars,
    stats,
)
from tb_attribution_plugin.backend.blob_keys import BlobKeys, StoredStep
from tb_attribution_plugin.backend.errors import NotFoundError, RequestError, candidates, missing, shown
from tb_attribution_plugin.backend.listing import Found
from tb_attribution_plugin.backend.parameters import SeriesName
from tb_attribution_plugin.backend.provider import Data
from tb_attribution_plugin.wire import attribution_pb2 as pb
from tb_attribution_plugin.wire import names


@dataclasses.dataclass(frozen=True)
class Stored:
    """An answer made of blobs that have not been read yet.

    Attributes:
      version: changes when the stored steps were written again; known without reading a blob.
      read: the bytes, and whether all of them are there.
    """

    version: str
    read: Callable[[], tuple[bytes, bool]]


class Store:
    """Asks TensorBoard's data provider.

    Args:
      logdir: as the user gave it, for the page's words.
      folder: the one that it is; "" where it names several.
      limit: the sampling limit of our plugin; 0 keeps all steps.
      scalar_limit: that of ordinary scalars.
      plugin_version: of this package.
    """

    def __init__(self, logdir: str, folder: str, limit: int, scalar_limit: int, plugin_version: str) -> None:
        # A path may hold bytes that are no text.
        self._logdir = logdir.encode("utf-8", "replace").decode()
        self._folder = folder
        self._limit = limit
        self._scalar_limit = scalar_limit
        self._plugin_version = plugin_version
        self._keys = BlobKeys()
        self._blobs = blobs.BlobReader()

    def index(self, data: Data) -> pb.Index:
        found = index.build(data)
        found.logdir = self._logdir
        found.logdir_missing = log_folder.is_missing(self._folder)
        found.plugin_version = self._plugin_version
        found.samples_per_plugin = self._limit
        found.samples_per_scalar = self._scalar_limit
        return found

    def probe(self, data: Data, run: str, probe_hash: str) -> Stored:
        """The `ProbeBlob`, envelope included."""
        return self._probe_element(data, run, probe_hash, 0)

    def input(self, data: Data, run: str, probe_hash: str, example: int) -> Stored:
        """One input of the probe: a PNG or a blob."""
        return self._probe_element(data, run, probe_hash, example + 1)

    def _probe_element(self, data: Data, run: str, probe_hash: str, element: int) -> Stored:
        steps = self._steps(data, run, names.PROBE, probe_hash)
        # A writer that had to start its directory again has logged the same probe once more.
        last = steps[max(steps)]
        if element >= len(last.keys):
            raise NotFoundError(
                f"probe {shown(probe_hash)} of run {shown(run)} holds no input {element - 1}",
                f"inputs stored: {max(len(last.keys) - 1, 0)}; a probe with store_inputs=False has none",
            )
        key = last.keys[element]

        def read() -> tuple[bytes, bool]:
            (blob,) = self._blobs.read(data, [key])
            if isinstance(blob, RequestError):
                raise blob
            return blob, True

        return Stored(blobs.version([run, probe_hash, element, last.step, last.wall_time]), read)

    def maps(self, data: Data, wanted: Sequence[map_items.Wanted]) -> Stored:
        """`Maps`; an item that is not there says why, and so do those of a series that cannot be listed.

        Raises:
          RequestError: why the only series asked for cannot be listed.
        """
        map_items.check_items(wanted)
        stored = self._listed(data, [one.series for one in wanted])
        if len(stored) == 1 and isinstance(stored[0], RequestError):
            raise stored[0]

        def read() -> tuple[bytes, bool]:
            found = map_items.read(data, self._blobs, wanted, stored)
            return found.SerializeToString(), not any(item.error for item in found.items)

        return Stored(map_items.version(wanted, stored), read)

    def stats(self, data: Data, series: Sequence[SeriesName], columns: Sequence[int] | None) -> pb.StatsList:
        return stats.read_all(data, series, columns)

    def histograms(self, data: Data, series: Sequence[SeriesName]) -> pb.PooledHistogramList:
        return histograms.pooled(data, series)

    def scalars(self, data: Data, series: Sequence[SeriesName]) -> pb.ScalarsList:
        return scalars.read(data, series)

    def export(self, data: Data, run: str, tag: str, kind: str, steps: Sequence[int] | None) -> bytes:
        """The series' maps as the bytes of an "npz" or a "csv"; all stored steps where none are named."""
        series = data.list_blobs([run], [names.MAPS + tag]).get(run, {}).get(names.MAPS + tag)
        if series is None:
            raise missing(run, tag, data.list_blobs(), names.MAPS)
        described = metadata.map_series(series.plugin_content)
        stored = self._steps(data, run, names.MAPS, tag)
        wanted = sorted(stored) if steps is None else steps
        unknown = [step for step in wanted if step not in stored]
        if unknown:
            raise NotFoundError(f"no map is stored at step {unknown[0]}", f"steps {candidates('', map(str, stored))}")
        decoded = decoded_maps.DecodedMaps(described, [stored[step] for step in wanted], kind)
        decoded.read(data, self._blobs)
        if kind == "csv":
            return export.csv(decoded)
        return export.npz(decoded, self._stats_if_any(data, run, tag))

    def _stats_if_any(self, data: Data, run: str, tag: str) -> pb.Stats | None:
        try:
            return stats.read(data, run, tag)
        except RequestError:
            return None  # a file of maps is still worth having

    def _listed(self, data: Data, series: Sequence[SeriesName]) -> list[map_items.Steps]:
        """The steps of each series, all listed at once."""
        tags = {names.MAPS + one.tag for one in series}
        found = data.list_blobs({one.run for one in series}, tags)
        known: Found | None = None
        stored: list[map_items.Steps] = []
        for run, tag in series:
            try:
                listed = found.get(run, {}).get(names.MAPS + tag)
                steps = {} if listed is None else self._keys.listed_steps(data, run, names.MAPS + tag, listed)
                if not steps:
                    known = data.list_blobs() if known is None else known
                    raise data.unlisted.get(run) or missing(run, tag, known, names.MAPS)
                stored.append(steps)
            except RequestError as error:
                stored.append(error)
        return stored

    def _steps(self, data: Data, run: str, prefix: str, tag: str) -> dict[int, StoredStep]:
        steps = self._keys.steps(data, run, prefix + tag)
        if not steps:
            raise missing(run, tag, data.list_blobs(), prefix)
        return steps
