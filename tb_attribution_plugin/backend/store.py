"""Answers to what the page asks, as messages and blobs; knows TensorBoard's data, nothing of HTTP."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from tb_attribution_plugin.backend import blobs, decoded_maps, export, index, metadata, stats
from tb_attribution_plugin.backend.blob_keys import BlobKeys, StoredStep
from tb_attribution_plugin.backend.errors import NotFoundError, RequestError, TooMuchError, candidates, missing, shown
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
      limit: the sampling limit of our plugin; 0 keeps all steps.
      plugin_version: of this package.
    """

    def __init__(self, logdir: str, limit: int, plugin_version: str) -> None:
        # A path may hold bytes that are no text.
        self._logdir = logdir.encode("utf-8", "replace").decode()
        self._limit = limit
        self._plugin_version = plugin_version
        self._keys = BlobKeys()
        self._blobs = blobs.BlobReader()

    def index(self, data: Data) -> pb.Index:
        found = index.build(data)
        found.logdir = self._logdir
        found.plugin_version = self._plugin_version
        found.samples_per_plugin = self._limit
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

    def maps(self, data: Data, run: str, tag: str, steps: Sequence[int], elements: Sequence[int]) -> Stored:
        """`Maps`: an item per step and element, steps outermost; an item that is not there says why."""
        asked = len(steps) * len(elements)
        if asked > blobs.MAX_ITEMS:
            raise TooMuchError(
                f"{len(steps)} steps x {len(elements)} elements are {asked} items; one answer holds {blobs.MAX_ITEMS}",
                "ask for fewer steps or elements at a time",
            )
        stored = self._steps(data, run, names.MAPS, tag)
        found = [stored.get(step) for step in steps]
        times = [None if datum is None else (datum.wall_time, len(datum.keys)) for datum in found]

        def read() -> tuple[bytes, bool]:
            items = [pb.MapItem(step=step, element=element) for step in steps for element in elements]
            readable: list[tuple[pb.MapItem, str]] = []
            for item, datum in zip(items, (datum for datum in found for _ in elements), strict=True):
                if datum is None:
                    item.error = f"no map is stored at step {item.step:.0f}"
                elif item.element >= len(datum.keys):
                    has = f"{len(datum.keys)} element{'s' if len(datum.keys) != 1 else ''}"
                    item.error = f"step {item.step:.0f} holds {has}, no element {item.element}"
                else:
                    readable.append((item, datum.keys[item.element]))
            answers = self._blobs.read(data, [key for _, key in readable])
            for (item, _), blob in zip(readable, answers, strict=True):
                if isinstance(blob, RequestError):
                    item.error = str(blob)
                else:
                    item.blob = blob
            complete = not any(item.error for item in items)
            return pb.Maps(items=items).SerializeToString(), complete

        return Stored(blobs.version([run, tag, list(steps), list(elements), times]), read)

    def stats(self, data: Data, run: str, tag: str) -> pb.Stats:
        return stats.read(data, run, tag)

    def scalars(self, data: Data, run: str, tag: str) -> pb.Scalars:
        """A series of TensorBoard's own scalars."""
        points = data.read_scalars(names.SCALARS_PLUGIN, [run], [tag]).get(run, {}).get(tag)
        if points is None:
            known = data.list_scalars(names.SCALARS_PLUGIN)
            raise missing(run, tag, known)
        return pb.Scalars(
            steps=[point.step for point in points],
            wall_times=[point.wall_time for point in points],
            values=[point.value for point in points],
        )

    def export(self, data: Data, run: str, tag: str, kind: str, steps: Sequence[int] | None) -> bytes:
        """The series' maps as the bytes of an "npz" or a "csv"; all stored steps where none are named."""
        series = data.list_blobs(run, [names.MAPS + tag]).get(run, {}).get(names.MAPS + tag)
        if series is None:
            raise missing(run, tag, data.list_blobs(), names.MAPS)
        maps = metadata.map_series(series.plugin_content)
        stored = self._steps(data, run, names.MAPS, tag)
        wanted = sorted(stored) if steps is None else steps
        unknown = [step for step in wanted if step not in stored]
        if unknown:
            raise NotFoundError(f"no map is stored at step {unknown[0]}", f"steps {candidates('', map(str, stored))}")
        decoded = decoded_maps.DecodedMaps(maps, [stored[step] for step in wanted], kind)
        decoded.read(data, self._blobs)
        if kind == "csv":
            return export.csv(decoded)
        return export.npz(decoded, self._stats_if_any(data, run, tag))

    def _stats_if_any(self, data: Data, run: str, tag: str) -> pb.Stats | None:
        try:
            return stats.read(data, run, tag)
        except RequestError:
            return None  # a file of maps is still worth having

    def _steps(self, data: Data, run: str, prefix: str, tag: str) -> dict[int, StoredStep]:
        steps = self._keys.steps(data, run, prefix + tag)
        if not steps:
            raise missing(run, tag, data.list_blobs(), prefix)
        return steps
